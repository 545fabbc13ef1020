import { describe, expect, test } from '@jest/globals';
import { compareSides } from '../../../scorecards/drift/compare.ts';
import type { ComparedColumn, TwoSides } from '../../../scorecards/drift/compare.ts';
import { driftCriteria } from '../../../scorecards/drift/criteria.ts';
import { judgedUnder } from '../../../scorecards/drift/rejudge.ts';
import type { Grid, Sketch } from '../../../scorecards/drift/sketch.ts';
import { present } from '../../present.ts';
import { rules } from './worlds.ts';

const GRID: Grid = { kind: 'values', id: 'v', feature: 'x' };
const NUMBER = { as: 'continuous', type: 'DOUBLE' } as const;
const TEXT = { as: 'categorical', type: 'VARCHAR' } as const;

/** Rows with the values 0 to 9, all as frequent, or shifted by some. */
function sketch(rows: number, { nulls = 0, shift = 0 } = {}): Sketch {
  const finite = rows - nulls;
  return {
    grid: 'v',
    rows,
    nulls,
    nonFinite: 0,
    other: 0,
    keys: Array.from({ length: 10 }, (_, index) => index + shift),
    counts: Array.from({ length: 10 }, () => finite / 10),
  };
}

const RULES = rules();
const CRITERIA = driftCriteria(RULES, { features: [{ name: 'x', type: 'continuous' }] });

function compared(before: Sketch | undefined, now: Sketch | undefined, column: Partial<ComparedColumn> = {}) {
  const sides: TwoSides = {
    criteria: CRITERIA,
    columns: [{ name: 'x', baseline: NUMBER, current: NUMBER, ...column }],
    grids: [GRID],
    baseline: new Map(before ? [['x', before]] : []),
    current: new Map(now ? [['x', now]] : []),
    rows: { baseline: before?.rows ?? 1000, current: now?.rows ?? 1000 },
  };
  return compareSides(sides);
}
const metricOf = (findings: ReturnType<typeof compared>, metric: string) =>
  findings.find(({ criterion }) => criterion.metric === metric);

describe('compareSides', () => {
  test('judges distances by the rules of a window: equal sides pass, moved ones fail', () => {
    expect(compared(sketch(2000), sketch(1000)).map(({ judged }) => judged)).toEqual(CRITERIA.map(() => 'pass'));
    const moved = compared(sketch(2000), sketch(1000, { shift: 5 }));
    expect(metricOf(moved, 'psi')).toMatchObject({ judged: 'fail', reason: 'breach' });
    expect(metricOf(moved, 'ks')).toMatchObject({ judged: 'fail', measurement: { value: 0.5 } });
    expect(moved.every(({ sentence }) => !/1970|day/.test(sentence))).toBe(true);
  });

  test.each([
    ['no current rows', [sketch(2000), sketch(0)], {}, 'no-data', 'x: the current files have no rows. Not judged.'],
    ['no rows in the baseline', [sketch(0), sketch(2000)], {}, 'no-data', 'x: the baseline has no rows. Not judged.'],
    ['499 rows', [sketch(2000), sketch(490)], {}, 'too-few-rows', 'x: 490 current rows, 500 needed. Not judged.'],
    [
      'a small baseline',
      [sketch(100), sketch(900)],
      {},
      'too-few-rows',
      'x: 100 rows in the baseline, 500 needed. Not judged.',
    ],
    [
      'only nulls now',
      [sketch(2000), sketch(900, { nulls: 900 })],
      {},
      'all-null',
      'x: every current value is null. Not judged.',
    ],
    [
      'only nulls before',
      [sketch(900, { nulls: 900 }), sketch(900)],
      {},
      'all-null',
      'x: every value of the baseline is null. Not judged.',
    ],
    [
      'no such column before',
      [undefined, sketch(900)],
      { baseline: undefined },
      'no-data',
      'x: the baseline has no such column. Not judged.',
    ],
  ] as const)('with %s no distance is judged, and none passes', (_, [before, now], column, ...[reason, sentence]) => {
    const found = compared(before, now, column as Partial<ComparedColumn>);
    expect(metricOf(found, 'psi')).toMatchObject({ level: 'none', reason, sentence });
    expect(['missing', 'inconclusive']).toContain(metricOf(found, 'psi')?.judged);
  });

  test('few numbers among many nulls are too few for KS, whatever the number of rows', () => {
    const found = compared(sketch(2000), sketch(2000, { nulls: 1600 }));
    expect(metricOf(found, 'ks')).toMatchObject({
      judged: 'inconclusive',
      sentence: expect.stringContaining('400 current rows'),
    });
    expect(metricOf(found, 'psi')?.judged).toBe('fail');
  });

  test.each([
    [{ current: undefined }, 'column-absent', 'x: the column is absent from the current files. The schema changed.'],
    [
      { current: TEXT },
      'type-changed',
      'x: DOUBLE in the baseline and VARCHAR in the current files. The schema changed.',
    ],
  ] as const)('%j breaks the schema, and leaves the distances without an answer', (column, reason, sentence) => {
    const found = compared(sketch(2000), undefined, column as Partial<ComparedColumn>);
    expect(metricOf(found, 'schema')).toMatchObject({ judged: 'fail', level: 'breach', reason, sentence });
    expect(metricOf(found, 'psi')?.judged).toBe('missing');
  });
});

describe('judgedUnder', () => {
  const under = (bound: number) =>
    driftCriteria(
      { ...RULES, drift: { ...RULES.drift, psi: { warn: 0.1, drift: bound } } },
      { features: [{ name: 'x', type: 'continuous' }] },
    );

  test('other bounds judge the same measurements anew, and only where the bound differs', () => {
    const found = compared(sketch(2000), sketch(1000, { shift: 1 }));
    const value = present(metricOf(found, 'psi')?.measurement).value;
    const lax = judgedUnder(found, under(value + 0.01));
    expect(metricOf(lax, 'psi')).toMatchObject({ judged: 'pass', level: 'warn', measurement: { value } });
    expect(metricOf(judgedUnder(found, under(value)), 'psi')).toMatchObject({ judged: 'fail', level: 'breach' });
    expect(metricOf(lax, 'ks')).toBe(metricOf(found, 'ks'));
    expect(judgedUnder(found, CRITERIA)).toEqual(found);
  });

  test('what could not be judged stays so under any bound', () => {
    const found = compared(sketch(2000), sketch(100));
    expect(judgedUnder(found, under(0.0001))).toEqual(found);
  });
});
