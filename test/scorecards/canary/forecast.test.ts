import { describe, expect, test } from '@jest/globals';
import { clearNeeds, findsHarmMs, forecastOf, smallestDecidingPercent } from '../../../scorecards/canary/plan.ts';
import type { ExpectedTraffic } from '../../../scorecards/canary/plan.ts';
import { present } from '../../present.ts';
import { LOOK_MS, SHADOW, SOAK, STEP } from './phases.ts';
import { alarmsOf, clearancesOf } from './simulated-traffic.ts';

const BUSY: ExpectedTraffic = { requestsPerSecond: 200, badRate: 0.001 };
const QUIET: ExpectedTraffic = { requestsPerSecond: 1, badRate: 0.001 };
const RESTART = { ...STEP, restartLooks: 120 };

describe('what a phase can do at the expected traffic', () => {
  test('a step has the requests of its minimum, and clears with what the champion does', () => {
    const found = forecastOf(STEP, BUSY);
    expect(found).toMatchObject({
      mode: 'canary',
      percent: 5,
      requests: 6000,
      canDecide: true,
      worst: { budget: null },
    });
    expect(present(found.requestsToClear)).toBeGreaterThan(clearNeeds(STEP));
    expect(present(found.clearMs) / 1000).toBeCloseTo(present(found.requestsToClear) / 10, 6);
  });

  test.each([
    [200, 0.001],
    [200, 0.003],
    [2000, 0.003],
  ])('at %d requests/s and %d bad answers most good challengers are clear by the time it names', (rps, rate) => {
    const ms = present(forecastOf(STEP, { requestsPerSecond: rps, badRate: rate }).clearMs);
    const traffic = { requestsPerSecond: rps, championRate: rate, challengerRate: rate, looks: 80 };
    const cleared = clearancesOf(STEP, traffic, { runs: 40, seed: 81 });
    expect(cleared.filter((look) => look <= Math.ceil(ms / LOOK_MS)).length).toBeGreaterThanOrEqual(20);
    expect(cleared.filter((look) => look <= ms / LOOK_MS / 3).length).toBeLessThanOrEqual(20);
  });

  test.each([
    [20, 0.001],
    [200, 0.001],
    [200, 0.01],
  ])('at %d requests/s the smallest regression it names is found in about nine of ten simulated steps', (rps, rate) => {
    const least = present(forecastOf(RESTART, { requestsPerSecond: rps, badRate: rate }).smallestHarm);
    const traffic = { requestsPerSecond: rps, championRate: rate, challengerRate: least, looks: 120 };
    expect(alarmsOf(RESTART, traffic, { runs: 40, seed: 82 }).length).toBeGreaterThanOrEqual(34);
    const small = { ...traffic, challengerRate: rate + (least - rate) / 3 };
    expect(alarmsOf(RESTART, small, { runs: 20, seed: 83 }).length).toBeLessThan(10);
  });

  test('harm is found the later the smaller it is, and never if it is no harm', () => {
    const seconds = [0.5, 0.1, 0.03, 0.02].map((rate) => present(findsHarmMs(STEP, BUSY, rate)) / 1000);
    expect(seconds.toSorted((a, b) => a - b)).toStrictEqual(seconds);
    expect(findsHarmMs(STEP, BUSY, 0.004)).toBeUndefined();
  });

  test('the worst challenger is neither the one that fails at once nor the one that nobody would notice', () => {
    const { worst } = forecastOf(STEP, { ...BUSY, availability: 0.999 });
    expect(worst.badRate).toBeGreaterThan(STEP.floor);
    expect(worst.badRate).toBeLessThan(0.1);
    expect(worst.badAnswers).toBeCloseTo(worst.badRate * worst.requests, 6);
    expect(worst.budget).toBeCloseTo(worst.badAnswers / (0.001 * 200 * 30 * 86_400), 9);
  });

  test('a mirror exposes nobody', () => {
    expect(forecastOf(SHADOW, BUSY).worst.badAnswers).toBe(0);
  });

  test('a soak is judged by what the champion did before, and ends by time', () => {
    const found = forecastOf({ ...SOAK, atLeastMs: 86_400_000, atMostMs: 86_400_000 }, { ...BUSY, badRate: 0.01 });
    expect(found).toMatchObject({ requestsToClear: 0, clearMs: 86_400_000, canDecide: true });
    expect(present(found.smallestHarm)).toBeGreaterThan(0.015);
    expect(present(found.smallestHarm)).toBeLessThan(0.019);
  });

  test('without traffic nothing can be decided and nobody is exposed', () => {
    const found = forecastOf(STEP, { requestsPerSecond: 0, badRate: 0 });
    expect(found).toMatchObject({ requests: 0, clearMs: null, canDecide: false, smallestHarm: null });
    expect(found.worst.badAnswers).toBe(0);
  });

  test('the forecast is plain JSON', () => {
    const found = forecastOf(STEP, QUIET);
    expect(JSON.parse(JSON.stringify(found))).toStrictEqual(found);
  });
});

describe('the smallest step that can decide', () => {
  test('is the first percentage whose time to clear fits', () => {
    const slow = { requestsPerSecond: 0.4, badRate: 0 };
    expect(forecastOf(STEP, slow).canDecide).toBe(false);
    expect(smallestDecidingPercent(STEP, slow)).toBe(9);
    expect(forecastOf({ ...STEP, percent: 9 }, slow).canDecide).toBe(true);
    expect(forecastOf({ ...STEP, percent: 8 }, slow).canDecide).toBe(false);
  });

  test('there may be none', () => {
    expect(smallestDecidingPercent(STEP, { requestsPerSecond: 0.01, badRate: 0 })).toBeUndefined();
    expect(smallestDecidingPercent(STEP, { requestsPerSecond: 0, badRate: 0 })).toBeUndefined();
  });
});

describe('bursts', () => {
  test('an unknown spread is said, and makes every phase see less and clear later', () => {
    const known = forecastOf(STEP, BUSY);
    const unknown = forecastOf({ ...STEP, lambda: 0.5, dispersion: 'unknown' }, BUSY);
    expect([known.dispersion, unknown.dispersion]).toStrictEqual(['not considered', 'unknown']);
    expect(present(unknown.clearMs)).toBeGreaterThan(present(known.clearMs));
    expect(present(unknown.smallestHarm)).toBeGreaterThan(present(known.smallestHarm));
  });
});
