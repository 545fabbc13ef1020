import { describe, expect, test } from '@jest/globals';
import type { CanaryPlan } from '../../../scorecards/canary/verdict.ts';
import { addToDispersion, dispersionOf, openDispersion } from '../../../scorecards/statistics/dispersion.ts';
import { seededDraws } from '../../seeded-draws.ts';
import { STEP } from './phases.ts';
import { alarmsOf, drawArm, medianOf } from './simulated-traffic.ts';

/** 200 requests/s, 5 %, base 0.1 %, floor 0.2 %: the setting of the published table. */
const PLAN: CanaryPlan = { ...STEP, floor: 0.002, restartLooks: 120 };
const BASE = { requestsPerSecond: 200, championRate: 0.001, looks: 120 };
const runs = 25;

/** phi as the champion's looks before the phase tell it. */
function estimatedLambda(burst: number, looks: number): number {
  const draws = seededDraws(95);
  let tally = openDispersion();
  for (let look = 0; look < looks; look++) {
    tally = addToDispersion(tally, drawArm({ requests: 950, badRate: 0.001, burst }, draws));
  }
  return 1 / dispersionOf(tally).phi;
}

describe('errors that come in bursts, 200 requests/s at 5 %', () => {
  test.each([
    [2, 0.08],
    [5, 0.2],
  ])('bursts of %d raise false alarms far above alpha when nobody tempers', (burst, atLeast) => {
    const alarms = alarmsOf(PLAN, { ...BASE, challengerRate: 0.001, burst }, { runs, seed: 96 });
    expect(alarms.length / runs).toBeGreaterThan(atLeast);
  });

  test.each([
    [1, 1],
    [2, 3],
    [5, 9],
  ])('CA2: bursts of %d leave a good challenger alone when tempered by their phi of %d', (burst, phi) => {
    const tempered = { ...PLAN, lambda: 1 / phi };
    const alarms = alarmsOf(tempered, { ...BASE, challengerRate: 0.001, burst }, { runs, seed: 97 });
    expect(alarms.length).toBeLessThanOrEqual(1);
  });

  test.each([
    [1, 1, 10],
    [2, 3, 25],
    [5, 9, 70],
  ])('N7: 5 %% of errors in bursts of %d are found in about %d × the time: a median of %d s', (burst, phi, seconds) => {
    const tempered = { ...PLAN, lambda: 1 / phi };
    const alarms = alarmsOf(tempered, { ...BASE, challengerRate: 0.05, burst }, { runs: 60, seed: 98 });
    expect(alarms).toHaveLength(60);
    expect(Math.abs(medianOf(alarms) * 5 - seconds)).toBeLessThanOrEqual(Math.max(5, 0.15 * seconds));
  });

  test.each([
    [2, 3],
    [5, 9],
  ])('CA2: an hour of the champion tells phi of bursts of %d, and tempering by it is as safe', (burst, phi) => {
    const lambda = estimatedLambda(burst, 720);
    expect(Math.abs(1 / lambda / phi - 1)).toBeLessThan(0.25);
    const alarms = alarmsOf({ ...PLAN, lambda }, { ...BASE, challengerRate: 0.001, burst }, { runs, seed: 99 });
    expect(alarms.length).toBeLessThanOrEqual(1);
  });
});
