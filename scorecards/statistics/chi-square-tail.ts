import { lnGamma } from './ln-gamma.ts';
import { normalQuantile } from './normal-quantile.ts';

const ROUNDS = 10_000;
const TINY = 1e-300;

/**
 * P(X >= x) for a chi-square variable: the regularised upper incomplete gamma function Q(k/2, x/2), by its power series left
 * of the mean and Lentz's continued fraction right of it (Press et al., Numerical Recipes, 3rd ed., §6.2), so that small
 * tails keep their digits. No degrees of freedom: 1 at zero, else 0.
 */
export function chiSquareTail(x: number, degrees: number): number {
  if (x <= 0) return 1;
  if (degrees === 0) return 0;
  const [a, half] = [degrees / 2, x / 2];
  const scale = Math.exp(a * Math.log(half) - half - lnGamma(a));
  return half < a + 1 ? 1 - scale * lowerSeries(a, half) : scale * upperFraction(a, half);
}

function lowerSeries(a: number, x: number): number {
  let [term, sum] = [1 / a, 1 / a];
  for (let round = 1; round < ROUNDS && term > sum * 1e-17; round++) {
    term *= x / (a + round);
    sum += term;
  }
  return sum;
}

function upperFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let fraction = d;
  for (let round = 1; round < ROUNDS; round++) {
    const numerator = -round * (round - a);
    b += 2;
    d = 1 / (numerator * d + b || TINY);
    c = b + numerator / c || TINY;
    fraction *= c * d;
    if (Math.abs(c * d - 1) < 1e-16) break;
  }
  return fraction;
}

/**
 * The x whose tail P(X >= x) is `tail` (0 < tail < 1): Newton steps from Wilson and Hilferty's cube-root start (PNAS 17,
 * 1931), kept inside a shrinking bracket. 0 when there are no degrees of freedom.
 */
export function chiSquareQuantile(tail: number, degrees: number): number {
  if (degrees === 0) return 0;
  const ninth = 2 / (9 * degrees);
  let x = Math.max(1e-8, degrees * (1 - ninth + normalQuantile(1 - tail) * Math.sqrt(ninth)) ** 3);
  let [low, high] = [0, Infinity];
  for (let round = 0; round < 200; round++) {
    const excess = chiSquareTail(x, degrees) - tail;
    if (excess > 0) low = x;
    else high = x;
    const next = x + excess / density(x, degrees);
    const inside = next > low && next < high;
    const step = inside ? next : high === Infinity ? x * 2 : (low + high) / 2;
    if (Math.abs(step - x) <= 1e-15 * x) return step;
    x = step;
  }
  return x;
}

const density = (x: number, degrees: number): number =>
  Math.exp((degrees / 2 - 1) * Math.log(x / 2) - x / 2 - lnGamma(degrees / 2)) / 2;
