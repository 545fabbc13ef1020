import { describe, expect, test } from '@jest/globals';
import { countShare, judgeShare, openShareTally, shareLogEvidence } from '../../../scorecards/canary/share-test.ts';
import type { ShareTally } from '../../../scorecards/canary/share-test.ts';
import { lookOf } from './phases.ts';
import type { Glance } from './phases.ts';

function tally(challenger: number, champion: number, more: Partial<ShareTally> = {}): ShareTally {
  return { ...openShareTally(), challenger, champion, ...more };
}

/** The fewest requests at which the evidence reaches 100 when the challenger gets all (1) or none (0) of them. */
function fewest(weight: number, share: 0 | 1): number {
  for (let n = 1; n < 10_000; n++) if (shareLogEvidence(weight, share * n, n) >= Math.log(100)) return n;
  return Number.NaN;
}

function afterLooks(percent: number, glances: readonly Glance[]): ReturnType<typeof judgeShare> {
  const add = (sum: ShareTally, glance: Glance, index: number) => countShare(sum, percent, lookOf(glance, index));
  return judgeShare(percent, glances.reduce(add, openShareTally()));
}

describe('CA1: evidence that a weight is not in effect', () => {
  test.each([
    [100, 1.586463],
    [150, 3.0201578],
    [200, 4.6630783],
    [300, 8.341362],
  ])('vector E: none of %d requests at 5 %%', (n, expected) => {
    expect(shareLogEvidence(0.05, 0, n)).toBeCloseTo(expected, 7);
  });

  test('vector E1: 30 of 400 requests at 5 %, and the e-value of none of 200', () => {
    expect(shareLogEvidence(0.05, 30, 400)).toBeCloseTo(0.9059265105, 9);
    expect(Math.exp(shareLogEvidence(0.05, 0, 200))).toBeCloseTo(105.96, 2);
  });

  test.each([
    [0.01, 662, 5],
    [0.02, 386, 7],
    [0.05, 199, 10],
    [0.1, 123, 13],
    [0.25, 65, 21],
    [0.5, 36, 36],
  ])('at weight %d it takes %d requests without the challenger, or %d with nothing else', (weight, none, all) => {
    expect([fewest(weight, 0), fewest(weight, 1)]).toStrictEqual([none, all]);
  });

  test('it agrees with adding up one request at a time', () => {
    let sum = 0;
    for (let i = 0; i < 30; i++) sum += Math.log(5 + i) - Math.log(100 + i) - Math.log(0.05);
    for (let j = 0; j < 370; j++) sum += Math.log(95 + j) - Math.log(130 + j) - Math.log(0.95);
    expect(shareLogEvidence(0.05, 30, 400)).toBeCloseTo(sum, 9);
  });
});

describe('CA1: a weight is effective only when the counters say so', () => {
  test.each<[string, number, ShareTally, ReturnType<typeof judgeShare>['word']]>([
    ['the asked share of enough requests', 5, tally(10, 190), 'effective'],
    ['an exact share of too few requests', 5, tally(9, 190), 'unproven'],
    ['1 % needs a thousand requests', 1, tally(5, 495), 'unproven'],
    ['1 % of a thousand requests', 1, tally(10, 990), 'effective'],
    ['a random gateway may miss by three deviations', 5, tally(14, 386), 'effective'],
    ['the challenger gets nothing for long', 5, tally(0, 199), 'not-effective'],
    ['the challenger got nothing yet', 5, tally(0, 198), 'unproven'],
    ['the challenger gets everything', 5, tally(10, 0), 'not-effective'],
    ['the old weight of 5 % is served at 25 %', 25, tally(10, 190), 'not-effective'],
    ['nothing was requested', 5, tally(0, 0), 'unproven'],
    ['a server that was taken out explains a missing share', 5, tally(0, 500, { challengerDown: true }), 'unproven'],
  ])('%s', (_title, percent, counted, word) => {
    expect(judgeShare(percent, counted).word).toBe(word);
  });

  test('its reason has both shares', () => {
    expect(judgeShare(25, tally(98, 302)).reason).toBe('the challenger got 25 % of 400 requests, asked 25 %');
    expect(judgeShare(5, tally(0, 500)).reason).toBe(
      'the challenger got 0 % of 500 requests, asked 5 %: the weight is not in effect',
    );
  });
});

describe('N7: traffic is back when two scrapes in a row show no new request on the challenger', () => {
  const quiet: Glance = { challenger: [0, 0] };
  const late: Glance = { challenger: [0, 1] };

  test.each<[string, readonly Glance[], ReturnType<typeof judgeShare>['word']]>([
    ['one quiet scrape is not enough', [late, quiet], 'unproven'],
    ['two are', [late, quiet, quiet], 'effective'],
    ['a request that was in flight begins the count anew', [quiet, late, quiet], 'unproven'],
    ['a missed scrape is not a quiet one', [quiet, 'missed'], 'unproven'],
    [
      'a missed scrape does not break the row, since the next one covers its time',
      [quiet, 'missed', quiet],
      'effective',
    ],
  ])('N7: %s', (_title, glances, word) => {
    expect(afterLooks(0, glances).word).toBe(word);
  });

  test('at 100 % the champion must be the silent one', () => {
    const alone: Glance = { challenger: [0, 100], champion: [0, 0] };
    expect(afterLooks(100, [alone, alone]).word).toBe('effective');
    expect(afterLooks(100, [alone, { challenger: [0, 100], champion: [0, 1] }]).word).toBe('unproven');
  });
});
