import { describe, expect, test } from '@jest/globals';
import { judgeShadow } from '../../../scorecards/canary/disagreement.ts';
import type { ShadowBounds, ShadowCounts, ShadowVerdict } from '../../../scorecards/canary/disagreement.ts';

const GOOD: ShadowCounts & ShadowBounds = {
  pairs: 2000,
  disagreements: 400,
  championAnswers: 2000,
  challengerAnswers: 2000,
  challengerErrors: 0,
  atLeast: 2000,
  ceiling: 0.3,
};

describe('SH2: a shadow run against the agreed ceiling of disagreement', () => {
  test.each<[string, Partial<typeof GOOD>, ShadowVerdict['verdict']]>([
    ['below the ceiling passes', {}, 'pass'],
    ['exactly at the ceiling passes', { disagreements: 600 }, 'pass'],
    ['far above the ceiling fails', { disagreements: 700 }, 'fail'],
    ['just above the ceiling may be chance and is inconclusive', { disagreements: 610 }, 'inconclusive'],
    [
      'the same share of many more pairs fails',
      { pairs: 200_000, challengerAnswers: 200_000, disagreements: 61_000 },
      'fail',
    ],
    ['a partial mirror is no bias as long as its answers have partners', { championAnswers: 8000 }, 'pass'],
    [
      'an error in the place of an answer disagrees',
      { challengerAnswers: 2300, challengerErrors: 300 },
      'inconclusive',
    ],
    ['many errors fail', { challengerAnswers: 3000, challengerErrors: 1000 }, 'fail'],
    ['nothing but errors fails', { pairs: 0, disagreements: 0, challengerErrors: 2000 }, 'fail'],
  ])('SH2: %s', (_title, change, verdict) => {
    expect(judgeShadow({ ...GOOD, ...change }).verdict).toBe(verdict);
  });

  test('SH6: too few pairs are inconclusive, however well they agree', () => {
    const verdict = judgeShadow({
      ...GOOD,
      pairs: 1999,
      disagreements: 0,
      challengerAnswers: 1999,
      championAnswers: 2100,
    });
    expect(verdict).toStrictEqual({
      verdict: 'inconclusive',
      reason: '1,999 pairs, at least 2,000 are wanted (the champion answered 2,100 requests, the shadow 1,999)',
    });
  });

  test('N10: 432 logged rows of a day are too few, and ten times as many may be judged', () => {
    const logged = (pairs: number) => ({
      ...GOOD,
      atLeast: 500,
      pairs,
      challengerAnswers: pairs,
      disagreements: pairs / 10,
    });
    expect([judgeShadow(logged(432)).verdict, judgeShadow(logged(4320)).verdict]).toStrictEqual([
      'inconclusive',
      'pass',
    ]);
  });

  test('SH2: pairs that stand for less than 90 % of the answers are inconclusive', () => {
    const verdict = judgeShadow({ ...GOOD, challengerAnswers: 2223 });
    expect(verdict).toStrictEqual({
      verdict: 'inconclusive',
      reason: 'only 89.9 % of 2,223 shadow answers have a partner, at least 90 % are wanted',
    });
    expect(judgeShadow({ ...GOOD, challengerAnswers: 2222 }).verdict).toBe('pass');
  });

  test('the reason has the share, its counts and the bound', () => {
    expect(judgeShadow(GOOD).reason).toBe('disagreement 20 % (400 of 2,000 pairs), at most 30 % was agreed');
  });

  test('nothing at all is inconclusive', () => {
    const nothing = { pairs: 0, disagreements: 0, championAnswers: 0, challengerAnswers: 0 };
    expect(judgeShadow({ ...GOOD, ...nothing }).verdict).toBe('inconclusive');
    expect(judgeShadow({ ...GOOD, ...nothing, atLeast: 0 }).verdict).toBe('inconclusive');
  });
});
