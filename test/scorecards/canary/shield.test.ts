import { describe, expect, test } from '@jest/globals';
import { lookFrom, openCounters } from '../../../scorecards/canary/counters.ts';
import type { Split } from '../../../scorecards/canary/counters.ts';
import { openPhase, takeLook } from '../../../scorecards/canary/judge.ts';
import { countShare, judgeShare, openShareTally } from '../../../scorecards/canary/share-test.ts';
import type { Look } from '../../../scorecards/canary/verdict.ts';
import { START, STEP } from './phases.ts';
import { scrapeAt } from './scrapes.ts';

const SHIELDED: Split = { mode: 'canary', percent: 5, weightChanged: false, shielded: true };

/** Two scrapes of a gateway that sends the challenger's errors on to the champion; users see what the router counts. */
function lookOver(
  counted: Parameters<typeof scrapeAt>[1],
  split: Split = SHIELDED,
): { readonly look: Look; readonly uncounted: number } {
  const { memory } = lookFrom(openCounters(), scrapeAt(5), split);
  const next = lookFrom(memory, scrapeAt(10, counted), split);
  return { look: next.look, uncounted: next.memory.uncounted };
}

/** 1,000 requests, 50 of them for a challenger that fails them all, and that the champion then answers. */
const ALL_FAIL = { champion: { 200: 1000 }, challenger: { 500: 50 }, router: { 200: 1000 } };

describe("CA2: a shield hides the challenger's errors from users and not from the judge", () => {
  test('each retried request is taken out of what the champion got', () => {
    expect(lookOver(ALL_FAIL).look).toMatchObject({
      champion: { requests: 950, bad: 0 },
      challenger: { requests: 50, bad: 50 },
      retried: 50,
    });
  });

  test('the verdict is that of the same traffic without a shield', () => {
    const open = { champion: { 200: 950 }, challenger: { 500: 50 }, router: { 200: 950, 500: 50 } };
    const bare = lookOver(open, { ...SHIELDED, shielded: false }).look;
    const judged = [lookOver(ALL_FAIL).look, bare].map((look) => takeLook(STEP, openPhase(STEP, START), look).verdict);
    expect(judged[0]).toStrictEqual(judged[1]);
    expect(judged[0]?.word).toBe('rollback');
  });

  test('what the challenger failed and the champion answered is no debt of the arms against the router', () => {
    expect(lookOver(ALL_FAIL).uncounted).toBe(0);
    expect(lookOver(ALL_FAIL, { ...SHIELDED, shielded: false }).uncounted).toBe(-50);
  });

  test('errors that no arm counted are still found behind it', () => {
    const lost = { champion: { 200: 970 }, challenger: { 500: 20 }, router: { 200: 970, 503: 30 } };
    expect(lookOver(lost).look).toMatchObject({
      champion: { requests: 950, bad: 0 },
      challenger: { requests: 50, bad: 50 },
    });
  });

  test('a request that both failed stays an error of both, and never makes more errors than requests', () => {
    const both = { champion: { 500: 1000 }, challenger: { 500: 50 }, router: { 500: 1000 } };
    expect(lookOver(both).look).toMatchObject({ champion: { requests: 950, bad: 950 }, challenger: { bad: 50 } });
    const odd = { champion: { 500: 20 }, challenger: { 500: 50 }, router: { 500: 20 } };
    expect(lookOver(odd).look).toMatchObject({ champion: { requests: 0, bad: 0 } });
  });

  test('a mirror is never retried', () => {
    const mirrored = { champion: { 200: 1000 }, shadow: { 500: 50 }, router: { 200: 1000 } };
    const { look } = lookOver(mirrored, { ...SHIELDED, mode: 'shadow', percent: 100 });
    expect(look).toMatchObject({ champion: { requests: 1000 }, challenger: { bad: 50 } });
    expect(look).not.toHaveProperty('retried');
  });
});

describe('CA1: the share of traffic is tested on requests as users sent them', () => {
  test('a challenger at half the traffic that fails everything has its share all the same', () => {
    const half: Split = { ...SHIELDED, percent: 50 };
    const counted = { champion: { 200: 1000 }, challenger: { 500: 500 }, router: { 200: 1000 } };
    const share = (split: Split) => judgeShare(50, countShare(openShareTally(), 50, lookOver(counted, split).look));
    expect(share(half)).toStrictEqual({
      word: 'effective',
      reason: 'the challenger got 50 % of 1,000 requests, asked 50 %',
    });
    expect(share({ ...half, shielded: false }).word).toBe('not-effective');
  });
});
