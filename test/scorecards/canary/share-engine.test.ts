import { describe, expect, test } from '@jest/globals';
import { logMeanExp } from '../../../scorecards/canary/log-space.ts';
import {
  harmRates,
  harmRatios,
  logEvidence,
  multiply,
  openMixture,
  rateLogRatios,
  safeRates,
  safeRatios,
  shareLogRatios,
} from '../../../scorecards/canary/share-engine.ts';
import type { BothArms, Weighing } from '../../../scorecards/canary/share-engine.ts';
import { lnGamma } from '../../../scorecards/statistics/ln-gamma.ts';
import { present } from '../../present.ts';
import { times } from './phases.ts';

/** Bad on the challenger, bad in all, requests on the challenger, requests on the champion. */
type Vector = readonly [x: number, k: number, challenger: number, champion: number];

function armsOf([x, k, challenger, champion]: Vector): BothArms {
  return { challenger: { bad: x, requests: challenger }, champion: { bad: k - x, requests: champion } };
}

function relative(ratio: number, looks: readonly Vector[], weighing: Weighing = {}): number {
  const grid = harmRatios(ratio);
  const add = (mixture: ReturnType<typeof openMixture>, look: Vector) =>
    multiply(mixture, shareLogRatios(armsOf(look), ratio, grid), weighing);
  return logEvidence(looks.reduce(add, openMixture(grid)));
}

function absolute(
  floor: number,
  looks: readonly (readonly [bad: number, requests: number])[],
  weighing: Weighing = {},
) {
  const grid = harmRates(floor);
  const add = (mixture: ReturnType<typeof openMixture>, [bad, requests]: readonly [number, number]) =>
    multiply(mixture, rateLogRatios({ bad, requests }, floor, grid), weighing);
  return logEvidence(looks.reduce(add, openMixture(grid)));
}

function safety(looks: readonly Vector[]): { relative: number; absolute: number; combined: number } {
  const [ratios, rates] = [safeRatios(), safeRates(0.01)];
  let [share, rate] = [openMixture(ratios), openMixture(rates)];
  for (const look of looks) {
    share = multiply(share, shareLogRatios(armsOf(look), 2, ratios));
    rate = multiply(rate, rateLogRatios(armsOf(look).challenger, 0.01, rates));
  }
  const both = [logEvidence(share), logEvidence(rate)];
  return { relative: logEvidence(share), absolute: logEvidence(rate), combined: logMeanExp(both) };
}

const FIRST: Vector = [3, 5, 50, 950];
const THREE: readonly Vector[] = [
  [1, 4, 50, 950],
  [2, 3, 50, 950],
  [4, 5, 50, 950],
];
const TWO_WEIGHTS: readonly Vector[] = [
  [1, 4, 50, 950],
  [2, 3, 250, 750],
];
const TWO_SAFE_LOOKS: readonly Vector[] = [
  [0, 5, 250, 4750],
  [1, 5, 250, 4750],
];
const FIVE_OF_HUNDRED: readonly (readonly [bad: number, requests: number])[] = [
  [3, 50],
  [2, 50],
];
const T120 = { restartLooks: 120 };

describe('reference vectors of the relative test, as two independent implementations gave them', () => {
  test('A: one alternative has the likelihood ratio of the binomial share', () => {
    const ratio = present(shareLogRatios(armsOf(FIRST), 1, [10])[0]);
    expect(ratio).toBeCloseTo(5.0499374968, 9);
    expect(Math.exp(ratio)).toBeCloseTo(156.0127128909, 8);
  });

  test('A1: its expectation under the null is 1 for Poisson arrivals and less for single requests', () => {
    const choose = (n: number, k: number) => lnGamma(n + 1) - lnGamma(k + 1) - lnGamma(n - k + 1);
    const ratio = (x: number) => present(shareLogRatios(armsOf([x, 5, 50, 950]), 1, [10])[0]);
    const expectation = (logProbability: (x: number) => number) =>
      [0, 1, 2, 3, 4, 5].reduce((sum, x) => sum + Math.exp(logProbability(x) + ratio(x)), 0);
    const binomial = (x: number) => choose(5, x) + x * Math.log(0.05) + (5 - x) * Math.log(0.95);
    const hypergeometric = (x: number) => choose(5, x) + choose(995, 50 - x) - choose(1000, 50);
    expect(expectation(binomial)).toBeCloseTo(1, 9);
    expect(expectation(hypergeometric)).toBeCloseTo(0.9819354451, 9);
  });

  test('B1: a look without a bad event leaves the evidence at exactly 1', () => {
    expect(relative(1, [[0, 0, 50, 950]])).toBe(0);
  });

  test.each<[name: string, found: number, expected: number]>([
    ['B2', relative(1, [FIRST]), 4.6659690524],
    ['B3 two of two', relative(1, [[2, 2, 50, 950]]), 5.186400934],
    ['B3 three of three', relative(1, [[3, 3, 50, 950]]), 8.0132115492],
    ['B4 without restart', relative(1.5, [FIRST]), 3.5727239037],
    ['B4 with restart', relative(1.5, [FIRST], T120), 2.8795767231],
    ['B5 at ratio 1', relative(1, THREE), 11.5449206303],
    ['B5 at ratio 1.5', relative(1.5, THREE), 9.0029727329],
    ['B5r at ratio 1', relative(1, THREE, T120), 10.8717373613],
    ['B5r at ratio 1.5', relative(1.5, THREE, T120), 8.3376321805],
    ['B6 a quiet look first', relative(1.5, [[0, 0, 50, 950], FIRST], T120), 2.8879449728],
    ['B7 the weight changes within the phase', relative(1.5, TWO_WEIGHTS, T120), -0.6387433915],
    ['B8 a silent champion first', relative(1.5, [[3, 3, 50, 0], FIRST], T120), 2.8879449728],
    ['B9 tempered', relative(1.5, [FIRST], { lambda: 1 / 3 }), 1.0254217784],
    ['B9 tempered with restart', relative(1.5, THREE, { ...T120, lambda: 1 / 3 }), 1.8918139687],
  ])('%s', (_name, found, expected) => {
    expect(found).toBeCloseTo(expected, 9);
  });

  test('D: a sequential McNemar test gives the same for 18 pairs at once and one at a time', () => {
    const pairs: readonly Vector[] = [...times<Vector>(14, [1, 1, 1, 1]), ...times<Vector>(4, [0, 1, 1, 1])];
    expect(relative(1, [[14, 18, 1, 1]])).toBeCloseTo(1.3694641579, 9);
    expect(relative(1, pairs)).toBeCloseTo(1.3694641579, 9);
  });
});

describe('reference vectors of the one-arm and the safety tests', () => {
  test.each<[name: string, found: number, expected: number]>([
    ['C three of fifty', absolute(0.005, [[3, 50]]), 3.496389187],
    ['C five of fifty', absolute(0.01, [[5, 50]]), 5.8064536262],
    ['C one of one', absolute(0.005, [[1, 1]]), 3.7925546275],
    ['C1 with restart', absolute(0.005, [[3, 50]], T120), 2.8032420064],
    ['C1 and a second look', absolute(0.005, FIVE_OF_HUNDRED, T120), 4.8798306797],
  ])('%s', (_name, found, expected) => {
    expect(found).toBeCloseTo(expected, 9);
  });

  test('C1h: harm is the smaller of the relative and the absolute evidence', () => {
    const harm = Math.min(relative(1.5, [FIRST], T120), absolute(0.005, [[3, 50]], T120));
    expect(harm).toBeCloseTo(2.8032420064, 9);
  });

  test.each<[name: string, looks: readonly Vector[], relative: number, absolute: number]>([
    ['C2', [[0, 0, 500, 9500]], 0, 3.857054883],
    ['C3', [[1, 21, 1000, 19_000]], 0.2809932713, 6.1167204669],
    ['C4', TWO_SAFE_LOOKS, -0.3369183004, 2.194734751],
  ])('%s: either kind of safety', (_name, looks, share, rate) => {
    const found = safety(looks);
    expect(found.relative).toBeCloseTo(share, 9);
    expect(found.absolute).toBeCloseTo(rate, 9);
  });

  test.each<[name: string, looks: readonly Vector[], combined: number]>([
    ['C2', [[0, 0, 500, 9500]], 3.1848176955],
    ['C3', [[1, 21, 1000, 19_000]], 5.4264903258],
    ['C4', TWO_SAFE_LOOKS, 1.5781109682],
  ])('%s: both kinds together', (_name, looks, combined) => {
    expect(safety(looks).combined).toBeCloseTo(combined, 9);
  });

  test.each([
    [1, 2],
    [5, 3],
    [10, 4],
    [25, 6],
    [50, 12],
    [75, 29],
    [90, 80],
    [95, 165],
    [99, 848],
  ])('at %d %% of the traffic %d bad events are the fewest that can alarm', (percent, fewest) => {
    const evidence = (bad: number) => relative(1.5, [[bad, bad, percent * 100, (100 - percent) * 100]], T120);
    expect(evidence(fewest)).toBeGreaterThanOrEqual(Math.log(100));
    expect(evidence(fewest - 1)).toBeLessThan(Math.log(100));
  });
});
