import { describe, expect, test } from '@jest/globals';
import type { CanaryPlan } from '../../../scorecards/canary/verdict.ts';
import { SOAK, STEP, watch } from './phases.ts';
import { alarmsOf, clearancesOf, crossingsOf, medianOf } from './simulated-traffic.ts';

const RESTART: CanaryPlan = { ...STEP, restartLooks: 120 };
const TEN_MINUTES = 120;
const LATE: { readonly requestsPerSecond: number; readonly championRate: number; readonly onset: number } = {
  requestsPerSecond: 200,
  championRate: 0.001,
  onset: 101,
};

describe('false alarms', () => {
  test.each([
    [20, 0.001],
    [20, 0.01],
    [200, 0.001],
    [200, 0.01],
  ])('CA2: a challenger like its champion is left alone at %d requests/s and an error rate of %d', (rps, rate) => {
    const traffic = { requestsPerSecond: rps, championRate: rate, challengerRate: rate, looks: TEN_MINUTES };
    expect(alarmsOf(STEP, traffic, { runs: 30, seed: 71 })).toStrictEqual([]);
  });

  test.each([
    [0.05, 0.001, 1],
    [0.05, 0.001, 1.5],
    [0.05, 0.1, 1],
    [0.05, 0.1, 1.5],
    [0.5, 0.001, 1],
    [0.5, 0.001, 1.5],
    [0.5, 0.1, 1],
    [0.5, 0.1, 1.5],
  ])(
    'CA2: at weight %d, error rate %d and exactly the tolerated ratio %d at most alpha of the phases alarm',
    (share, rate, ratio) => {
      const crossings = crossingsOf(ratio, { share, rate, ratio }, { runs: 300, looks: 60, alpha: 0.05 });
      expect(crossings).toBeLessThanOrEqual(300 * 0.05);
    },
  );

  test('a soak with the rate that was frozen is left alone', () => {
    const traffic = { requestsPerSecond: 200, championRate: 0.01, challengerRate: 0.01, looks: TEN_MINUTES };
    const soak = { ...SOAK, frozenRate: 0.012, atLeastMs: 86_400_000, atMostMs: 86_400_000 };
    expect(alarmsOf(soak, traffic, { runs: 30, seed: 72 })).toStrictEqual([]);
  });
});

describe('N7: the time until harm is found at 5 %, against the medians of an independent simulation', () => {
  test.each([
    [20, 0.001, 0.1, 35],
    [20, 0.001, 0.5, 10],
    [20, 0.01, 0.2, 25],
    [200, 0.001, 0.03, 25],
    [200, 0.001, 0.1, 5],
    [200, 0.01, 0.05, 35],
    [2000, 0.001, 0.01, 40],
    [2000, 0.001, 0.03, 5],
  ])('N7: %d requests/s, errors from %d to %d: %d s, give or take a look', (...row) => {
    const [requestsPerSecond, championRate, challengerRate, seconds] = row;
    const traffic = { requestsPerSecond, championRate, challengerRate, looks: TEN_MINUTES };
    const withRestart = alarmsOf(RESTART, traffic, { runs: 200, seed: 73 });
    const without = alarmsOf(STEP, traffic, { runs: 200, seed: 73 });
    expect([withRestart.length, without.length]).toStrictEqual([200, 200]);
    expect(Math.abs(medianOf(withRestart) * 5 - seconds)).toBeLessThanOrEqual(5);
    expect(medianOf(without)).toBeLessThanOrEqual(medianOf(withRestart));
  });

  test('N7: a challenger that fails every answer at 10 requests/s is rolled back at the first look', () => {
    expect(watch(STEP, [{ challenger: [50, 50], champion: [0, 950] }]).verdict.word).toBe('rollback');
  });
});

describe('a regression that comes late', () => {
  test('is found within two looks when evidence may begin anew', () => {
    const alarms = alarmsOf(RESTART, { ...LATE, challengerRate: 0.1, looks: 120 }, { runs: 50, seed: 74 });
    expect(alarms).toHaveLength(50);
    expect(medianOf(alarms) - 100).toBeLessThanOrEqual(2);
  });

  test('is found only after ten looks, or never if it is small, when evidence begins once', () => {
    const large = alarmsOf(STEP, { ...LATE, challengerRate: 0.1, looks: 140 }, { runs: 25, seed: 74 });
    const small = alarmsOf(STEP, { ...LATE, challengerRate: 0.02, looks: 120 }, { runs: 25, seed: 74 });
    expect(Math.abs(medianOf(large) - 100 - 10)).toBeLessThanOrEqual(1);
    expect(small).toStrictEqual([]);
  });

  test('in a soak an hour old is found at once when evidence may begin anew, and after minutes when it begins once', () => {
    const soak: CanaryPlan = { ...SOAK, frozenRate: 0.0013, atLeastMs: 86_400_000, atMostMs: 86_400_000 };
    const traffic = { requestsPerSecond: 20, championRate: 0.001, challengerRate: 0.1, onset: 721, looks: 900 };
    const withRestart = alarmsOf({ ...soak, restartLooks: 17_280 }, traffic, { runs: 5, seed: 75 });
    const without = alarmsOf(soak, traffic, { runs: 5, seed: 75 });
    expect(medianOf(withRestart) - 720).toBeLessThanOrEqual(2);
    expect(medianOf(without) - 720).toBeGreaterThan(24);
  });
});

describe('the time until a good challenger is clear, against the medians of an independent simulation', () => {
  test.each([
    [20, 0.001, 495],
    [200, 0.001, 50],
    [200, 0.003, 95],
    [2000, 0.003, 15],
  ])(
    '%d requests/s at an error rate of %d: %d s, give or take a tenth or three looks',
    (requestsPerSecond, rate, seconds) => {
      const traffic = { requestsPerSecond, championRate: rate, challengerRate: rate, looks: 240 };
      const cleared = medianOf(clearancesOf(STEP, traffic, { runs: 60, seed: 76 })) * 5;
      expect(Math.abs(cleared - seconds)).toBeLessThanOrEqual(Math.max(15, seconds / 10));
    },
  );

  test('a challenger at the boundary of safety is cleared in less than beta of the phases', () => {
    const traffic = { requestsPerSecond: 200, championRate: 0.005, challengerRate: 0.01, looks: TEN_MINUTES };
    expect(clearancesOf(STEP, traffic, { runs: 60, seed: 77 }).length).toBeLessThanOrEqual(3);
  });
});
