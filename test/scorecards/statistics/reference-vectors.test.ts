import { describe, expect, test } from '@jest/globals';
import { benjaminiHochberg } from '../../../scorecards/statistics/benjamini-hochberg.ts';
import { bhattacharyya } from '../../../scorecards/statistics/bhattacharyya.ts';
import { chiSquareQuantile, chiSquareTail } from '../../../scorecards/statistics/chi-square-tail.ts';
import { cramersV } from '../../../scorecards/statistics/cramers-v.ts';
import { hellinger } from '../../../scorecards/statistics/hellinger.ts';
import { independentDifference } from '../../../scorecards/statistics/independent-difference.ts';
import { jensenShannon } from '../../../scorecards/statistics/jensen-shannon.ts';
import { kolmogorovSmirnov } from '../../../scorecards/statistics/kolmogorov-smirnov.ts';
import { kolmogorovTail } from '../../../scorecards/statistics/kolmogorov-tail.ts';
import { kullbackLeibler } from '../../../scorecards/statistics/kullback-leibler.ts';
import { lInfinity } from '../../../scorecards/statistics/l-infinity.ts';
import { lnGamma } from '../../../scorecards/statistics/ln-gamma.ts';
import { normalQuantile, twoSidedZ } from '../../../scorecards/statistics/normal-quantile.ts';
import { psiNoise } from '../../../scorecards/statistics/psi-noise.ts';
import { psi } from '../../../scorecards/statistics/psi.ts';
import { totalVariation } from '../../../scorecards/statistics/total-variation.ts';
import { wasserstein } from '../../../scorecards/statistics/wasserstein.ts';
import { wilson } from '../../../scorecards/statistics/wilson.ts';
import { present } from '../../present.ts';

/** Expected values were computed with SciPy 1.17 and NumPy in double precision. */
const counts = { baseline: [400, 300, 200, 100, 0], current: [300, 300, 250, 140, 10] };
const swapped = { baseline: counts.current, current: counts.baseline };

const DEFINITION = 1e-12;
const TAIL = 1e-9;

/** Zero is only close to zero itself. */
const relativeError = (actual: number | undefined, expected: number): number =>
  present(actual) === expected ? 0 : Math.abs(present(actual) / expected - 1);

describe('against SciPy', () => {
  test('N4: PSI and both directions of KL over smoothed shares', () => {
    expect(relativeError(psi(counts)?.value, 0.08349730650419047)).toBeLessThanOrEqual(DEFINITION);
    expect(relativeError(kullbackLeibler(counts)?.value, 0.048370105805923234)).toBeLessThanOrEqual(DEFINITION);
    expect(relativeError(kullbackLeibler(swapped)?.value, 0.03512720069826727)).toBeLessThanOrEqual(DEFINITION);
  });

  test("PSI's noise floor and p", () => {
    expect(relativeError(psi(counts)?.floor, 0.036933653905806337)).toBeLessThanOrEqual(TAIL);
    expect(relativeError(psi(counts)?.p, 1.880744608663276e-8)).toBeLessThanOrEqual(TAIL);
    expect(psi(counts)?.bins).toBe(5);
  });

  test('N4: Jensen–Shannon in bits and as a distance', () => {
    expect(relativeError(jensenShannon(counts)?.divergence, 0.014593788126273741)).toBeLessThanOrEqual(DEFINITION);
    expect(relativeError(jensenShannon(counts)?.distance, 0.12080475208481553)).toBeLessThanOrEqual(DEFINITION);
    const inNats = present(jensenShannon(counts)).divergence * Math.LN2;
    expect(relativeError(Math.sqrt(inNats), 0.10057655339797518)).toBeLessThanOrEqual(DEFINITION);
  });

  test('Hellinger, Bhattacharyya, total variation and L∞ of unsmoothed shares', () => {
    expect(relativeError(hellinger(counts)?.value, 0.10798817099225902)).toBeLessThanOrEqual(DEFINITION);
    expect(relativeError(bhattacharyya(counts), 0.01172997300227936)).toBeLessThanOrEqual(DEFINITION);
    expect(relativeError(totalVariation(counts)?.value, 0.1)).toBeLessThanOrEqual(DEFINITION);
    expect(relativeError(lInfinity(counts), 0.1)).toBeLessThanOrEqual(DEFINITION);
  });

  test('Wasserstein between the edges of the bins, with the error that their widths allow', () => {
    const found = wasserstein(counts, { left: [0, 1, 2, 4, 8], right: [1, 2, 4, 8, 16] });
    expect(relativeError(found?.value, 0.46)).toBeLessThanOrEqual(DEFINITION);
    expect(relativeError(found?.high, 0.46 + 1.84)).toBeLessThanOrEqual(DEFINITION);
    expect(found?.low).toBe(0);
  });

  test('the mean of PSI without drift', () => {
    expect(relativeError(psiNoise(0, 5, 2 / 1000).mean, 0.008)).toBeLessThanOrEqual(DEFINITION);
    expect(psiNoise(0, 5, 2 / 1000).p).toBe(1);
  });

  test("N4: chi-square and Cramér's V of the 2 × B table", () => {
    const table = cramersV(counts);
    expect(relativeError(table?.chiSquare, 36.507936507936506)).toBeLessThanOrEqual(DEFINITION);
    expect(table?.degrees).toBe(4);
    expect(relativeError(table?.p, 2.2746918201182247e-7)).toBeLessThanOrEqual(TAIL);
    expect(relativeError(table?.value, 0.13510724722962958)).toBeLessThanOrEqual(DEFINITION);
  });

  test('the pooled z of 300/10,000 against 250/10,000 is the root of chi-square of two bins', () => {
    const table = cramersV({ baseline: [250, 9750], current: [300, 9700] });
    expect(relativeError(Math.sqrt(present(table).chiSquare), 2.1619410838005555)).toBeLessThanOrEqual(DEFINITION);
  });

  test('N4: Kolmogorov–Smirnov on ordered bins', () => {
    const ks = kolmogorovSmirnov(counts);
    expect(relativeError(ks?.low, 0.1)).toBeLessThanOrEqual(DEFINITION);
    expect(relativeError(ks?.high, 0.4)).toBeLessThanOrEqual(DEFINITION);
    expect(relativeError(ks?.p, 9.07998595249604e-5)).toBeLessThanOrEqual(TAIL);
  });

  test.each([
    [0.3, 0.9999906941986655],
    [0.5, 0.9639452436648751],
    [1, 0.26999967167735456],
    [1.3581, 0.0499996304316674],
    [1.6276, 0.010001537333060776],
    [2, 6.709252557796953e-4],
    [3, 3.045995948942526e-8],
  ])("Kolmogorov's tail at %d", (lambda, tail) =>
    expect(relativeError(kolmogorovTail(lambda), tail)).toBeLessThanOrEqual(TAIL),
  );

  test.each([
    [3.841458820694124, 1, 0.05],
    [27.877164871256568, 9, 0.001],
    [100, 9, 1.5735176303753876e-17],
    [1200, 1000, 1.2255942330622893e-5],
  ])('the chi-square tail at %d with %d degrees', (x, degrees, tail) =>
    expect(relativeError(chiSquareTail(x, degrees), tail)).toBeLessThanOrEqual(TAIL),
  );

  test.each([
    [0.001, 4, 18.46682695290317],
    [0.001, 9, 27.877164871256568],
    [0.05, 1, 3.841458820694124],
    [0.001, 999, 1142.8479838910355],
    [0.999, 3, 0.02429758581569275],
  ])('the chi-square quantile with tail %d and %d degrees', (tail, degrees, x) =>
    expect(relativeError(chiSquareQuantile(tail, degrees), x)).toBeLessThanOrEqual(TAIL),
  );

  test.each([
    [15, 100, [0.15, 0.0930598528365663, 0.23283559590832364]],
    [0, 20, [0, 0, 0.16112515805281938]],
  ])("Wilson's interval of %d in %d", (k, n, [value, low, high]) => {
    const share = present(wilson(k, n));
    expect(relativeError(share.value, present(value))).toBeLessThanOrEqual(DEFINITION);
    expect(relativeError(share.low, present(low))).toBeLessThanOrEqual(DEFINITION);
    expect(relativeError(share.high, present(high))).toBeLessThanOrEqual(DEFINITION);
  });

  test("Newcombe's interval of 56/70 − 48/80", () => {
    const difference = independentDifference(present(wilson(56, 70)), present(wilson(48, 80)));
    expect(relativeError(difference.value, 0.2)).toBeLessThanOrEqual(DEFINITION);
    expect(relativeError(difference.low, 0.05243147240236498)).toBeLessThanOrEqual(DEFINITION);
    expect(relativeError(difference.high, 0.333872654036906)).toBeLessThanOrEqual(DEFINITION);
  });

  test('Benjamini–Hochberg keeps the order it was given', () => {
    const ps = [0.205, 0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074];
    const adjusted = [0.205, 0.008, 0.032, 0.0672, 0.0672, 0.0672, 0.08, 0.592 / 7];
    benjaminiHochberg(ps).forEach((p, index) =>
      expect(relativeError(p, present(adjusted[index]))).toBeLessThanOrEqual(DEFINITION),
    );
    expect(benjaminiHochberg([])).toEqual([]);
  });

  test.each([
    [0.975, 1.959963984540054],
    [0.5, 0],
    [0.001, -3.090232306167813],
    [1e-10, -6.361340902404056],
    [1e-20, -9.262340089798409],
  ])('the normal quantile of %d', (share, z) =>
    expect(relativeError(normalQuantile(share), z)).toBeLessThanOrEqual(DEFINITION),
  );

  test.each([
    [0.5, 0.5723649429247],
    [1, 0],
    [4.5, 2.453736570842442],
    [500, 2605.1158503617335],
  ])('lnΓ(%d)', (x, value) => expect(lnGamma(x)).toBeCloseTo(value, 11));

  test('a 95 % interval is 1.96 standard errors wide on each side', () =>
    expect(relativeError(twoSidedZ(0.95), 1.959963984540054)).toBeLessThanOrEqual(DEFINITION));
});
