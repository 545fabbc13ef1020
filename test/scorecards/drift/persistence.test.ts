import { describe, expect, test } from '@jest/globals';
import { firesNow, respondTo } from '../../../scorecards/drift/persistence.ts';
import type { DriftKind, DriftWord } from '../../../scorecards/drift/verdict.ts';
import { finding, verdictOf } from './worlds.ts';

const breach = (kind: DriftKind, sentence: string) =>
  finding({ judged: 'fail', level: 'breach', sentence, on: { kind } });

const RULE = { windows: 2, of: 3 };
const fires = (words: readonly DriftWord[]) =>
  firesNow(
    words.map((data) => verdictOf({ data })),
    RULE,
    ['data', 'concept'],
  );

describe('drift that lasts', () => {
  test.each([
    [['drift'], false, true],
    [['steady', 'steady', 'drift'], false, true],
    [['drift', 'steady', 'drift'], true, false],
    [['steady', 'drift', 'drift'], true, false],
    [['drift', 'drift', 'drift'], true, false],
    [['drift', 'drift', 'steady'], false, false],
    [['drift', 'drift', 'warn'], false, false],
    [['drift', 'drift', 'inconclusive'], false, false],
    [['drift', 'inconclusive', 'drift'], true, false],
    [['drift', 'steady', 'steady', 'drift'], false, true],
    [['drift', 'steady', 'inconclusive', 'inconclusive', 'drift'], true, false],
    [[], false, false],
  ] as const)('%j fires: %p, spike: %p', (words, expected, spike) => {
    expect(fires(words)).toMatchObject({ fires: expected, suppressedSpike: spike });
  });

  test('says how often it was seen', () => {
    expect(fires(['steady', 'drift', 'drift']).reason).toBe(
      'Drift lasts: data drifted in 2 of the last 3 judged windows, 2 are needed.',
    );
    expect(fires(['steady', 'steady', 'drift']).reason).toBe(
      'A spike so far: data drifted in 1 of the last 3 judged windows, 2 are needed.',
    );
    expect(fires(['steady']).reason).toBe('The newest window shows no drift of data or concept.');
  });

  test('a kind that the policy does not answer with retrain never fires', () => {
    const verdicts = Array.from({ length: 3 }, () => verdictOf({ data: 'steady', prediction: 'drift' }));
    expect(firesNow(verdicts, RULE, ['data'])).toMatchObject({ fires: false, kind: null });
    expect(firesNow(verdicts, RULE, ['data', 'prediction'])).toMatchObject({ fires: true, kind: 'prediction' });
  });

  test('kinds do not lend each other their windows', () => {
    const verdicts = [verdictOf({ data: 'drift', concept: 'steady' }), verdictOf({ data: 'steady', concept: 'drift' })];
    expect(firesNow(verdicts, RULE, ['data', 'concept'])).toMatchObject({ fires: false, kind: 'concept' });
  });
});

describe('the response', () => {
  const kinds = ['data', 'prediction', 'concept', 'fairness', 'schema', 'quality', 'skew'] as const;
  const responses = ['ignore', 'observe', 'retrain', 'block'] as const;
  const ignoreAll = {
    data: 'ignore',
    prediction: 'ignore',
    concept: 'ignore',
    fairness: 'ignore',
    schema: 'ignore',
    quality: 'ignore',
    skew: 'ignore',
  } as const;
  const cells = kinds.flatMap((kind) => responses.map((response) => [kind, response] as const));

  test.each(cells)('TR7: drift of %s that is answered with %s', (kind, response) => {
    const word = {
      data: 'drift',
      prediction: 'drift',
      concept: 'drift',
      fairness: 'drift',
      schema: 'blocked',
      quality: 'drift',
      skew: 'drift',
    } as const;
    const verdict = verdictOf({ [kind]: word[kind] }, word[kind]);
    expect(respondTo(verdict, { ...ignoreAll, [kind]: response })).toMatchObject({ kind, response });
  });

  test('TR7: of several kinds the strongest response wins', () => {
    const verdict = verdictOf({ data: 'drift', prediction: 'drift', schema: 'blocked' }, 'blocked');
    const respond = { ...ignoreAll, data: 'retrain', prediction: 'observe', schema: 'block' } as const;
    expect(respondTo(verdict, respond)).toMatchObject({ response: 'block', kind: 'schema' });
    expect(respondTo(verdict, { ...respond, schema: 'ignore' })).toMatchObject({ response: 'retrain', kind: 'data' });
  });

  test('gives the sentence of its own kind', () => {
    const top = [breach('prediction', 'score: PSI 0.9.'), breach('data', 'fare: PSI 0.3.')];
    const verdict = { ...verdictOf({ data: 'drift', prediction: 'drift' }), top };
    expect(respondTo(verdict, { ...ignoreAll, data: 'retrain' }).reason).toBe(
      'The policy answers data drift with retrain. fare: PSI 0.3.',
    );
  });

  test.each([
    ['steady', 'ignore'],
    ['warn', 'ignore'],
    ['inconclusive', 'observe'],
  ] as const)('to a verdict that is %s is %s', (word, response) => {
    const all = {
      data: 'block',
      prediction: 'block',
      concept: 'block',
      fairness: 'block',
      schema: 'block',
      quality: 'block',
      skew: 'block',
    } as const;
    expect(respondTo(verdictOf({ data: word }, word), all)).toMatchObject({ response, kind: null });
  });
});
