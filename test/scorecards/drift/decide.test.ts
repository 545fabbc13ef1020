import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decideDrift } from '../../../scorecards/drift/decide.ts';
import type { DriftCriterion, DriftFinding } from '../../../scorecards/drift/verdict.ts';
import { finding, WEEK } from './worlds.ts';

const breach = { judged: 'fail', level: 'breach', reason: 'breach' } as const;
const warn = { judged: 'pass', level: 'warn', reason: 'warning' } as const;
const unjudged = { judged: 'inconclusive', level: 'none', reason: 'too-few-rows' } as const;
const missing = { judged: 'missing', level: 'none', reason: 'column-absent' } as const;

const decide = (findings: readonly DriftFinding[]) => decideDrift(findings, { share: 0.3, window: WEEK });
const column = (name: string, found: object = {}, on: Partial<DriftCriterion> = {}) =>
  finding({ ...found, on: { column: name, ...on }, sentence: `${name}.` });
const calm = (count: number) => Array.from({ length: count }, (_, place) => column(`calm${place}`));

describe('the verdict of the features', () => {
  test.each([
    ['nothing stirs', calm(10), 'steady'],
    ['one in ten drifts', [column('a', breach), ...calm(9)], 'warn'],
    ['three in ten drift', [column('a', breach), column('b', breach), column('c', breach), ...calm(7)], 'drift'],
    ['one in ten warns', [column('a', warn), ...calm(9)], 'warn'],
    ['one in ten is unjudged', [column('a', unjudged), ...calm(9)], 'warn'],
    [
      'three in ten are unjudged',
      [column('a', unjudged), column('b', missing), column('c', missing), ...calm(7)],
      'inconclusive',
    ],
    [
      'the unjudged could tip it',
      [column('a', breach), column('b', breach), column('c', missing), ...calm(7)],
      'inconclusive',
    ],
    ['a critical one drifts', [column('a', breach, { critical: true }), ...calm(9)], 'drift'],
    ['a critical one is unjudged', [column('a', missing, { critical: true }), ...calm(9)], 'inconclusive'],
    ['an important one drifts', [column('a', breach, { weight: 4 }), ...calm(9)], 'drift'],
    ['nothing was judged', [], 'inconclusive'],
  ] as const)('when %s', (_, findings, verdict) => {
    expect(decide(findings).verdict).toBe(verdict);
  });

  test('a column counts once, with its worst criterion', () => {
    const { shares } = decide([column('a', breach), column('a', unjudged), column('a', warn), ...calm(3)]);
    expect(shares).toEqual({ breached: 0.25, unjudged: 0, warned: 0 });
  });

  test('a share that only rounding keeps below the limit is reached', () => {
    const weights = [0.7, 1.4].map((weight) => column(`w${weight}`, breach, { weight }));
    expect(decide([...weights, column('rest', {}, { weight: 4.9 })]).verdict).toBe('drift');
  });
});

describe('the verdict over all kinds', () => {
  test.each([
    ['schema', breach, 'blocked'],
    ['quality', breach, 'drift'],
    ['prediction', breach, 'drift'],
    ['concept', unjudged, 'inconclusive'],
    ['skew', warn, 'warn'],
  ] as const)('a single %s finding decides its kind', (kind, found, word) => {
    const verdict = decide([...calm(9), column('score', found, { kind })]);
    expect(verdict.byKind).toEqual({ data: 'steady', [kind]: word });
    expect(verdict.verdict).toBe(word);
  });

  test('a schema breach outweighs drift', () => {
    const verdict = decide([column('a', breach), column('a', breach, { kind: 'schema' })]);
    expect(verdict).toMatchObject({ verdict: 'blocked', byKind: { data: 'drift', schema: 'blocked' } });
  });
});

describe('the reasons', () => {
  test('are worst first and name everything that is raised or unjudged', () => {
    const findings = [column('warned', warn), column('gone', missing), column('fare', breach), column('calm')];
    expect(decide(findings).reasons).toEqual(['fare.', 'gone.', 'warned.']);
  });

  test('say so when all is well', () => {
    expect(decide(calm(4)).reasons).toEqual(['All 4 criteria hold over the 7 days from 2001-04-24 until 2001-05-01.']);
  });

  test('say the same thing once and stay readable', () => {
    expect(decide([column('a', unjudged), column('a', unjudged)]).reasons).toEqual(['a.']);
    const { reasons, top } = decide(Array.from({ length: 33 }, (_, place) => column(`f${place}`, breach)));
    expect(reasons.length).toBe(21);
    expect(reasons.at(-1)).toBe('And 13 more.');
    expect(top.length).toBe(20);
  });
});

test('a finding that was not judged never leaves a verdict steady', () => {
  const kinds = fc.constantFrom('data', 'prediction', 'concept', 'schema', 'quality', 'skew');
  const found = fc.constantFrom({}, warn, breach);
  const some = fc.array(fc.tuple(kinds, found, fc.double({ min: 0.01, max: 9, noNaN: true })), { maxLength: 12 });
  fc.assert(
    fc.property(some, kinds, fc.constantFrom(unjudged, missing), (others, kind, blind) => {
      const findings = others.map(([other, word, weight], place) => column(`f${place}`, word, { kind: other, weight }));
      const verdict = decide([...findings, column('blind', blind, { kind })]);
      expect(['warn', 'inconclusive', 'drift', 'blocked']).toContain(verdict.verdict);
      expect(verdict.reasons).not.toEqual([]);
    }),
  );
});
