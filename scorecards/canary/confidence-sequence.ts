import { lnBeta } from '../statistics/ln-beta.ts';

/** The confidence level at which each interval is narrowest where it was tuned to be. */
const TUNED_FOR = 0.05;
const HALVINGS = 60;

/**
 * Upper end of the two-sided 1 - alpha confidence sequence of a rate, from `bad` of `n` events: valid whenever one stops.
 * Narrowest near `tunedTo` events, which must be chosen before looking. 1 when nothing can be excluded.
 *
 * Source: the beta-binomial mixture of Howard, Ramdas, McAuliffe and Sekhon, "Time-uniform, nonparametric, nonasymptotic
 * confidence sequences" (Annals of Statistics 2021), inverted over p by bisection.
 */
export function upperRate(bad: number, n: number, alpha = 0.01, tunedTo = 10_000): number {
  if (n <= 0 || bad >= n) return 1;
  const excluded = (rate: number) => logMixture(rate, bad, n, tunedTo) >= Math.log(1 / alpha);
  let inside = bad / n;
  let outside = 1;
  if (!excluded(1 - 1e-12)) return 1;
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (inside + outside) / 2;
    if (excluded(middle)) outside = middle;
    else inside = middle;
  }
  return outside;
}

/** ln of the mixture martingale against `rate`: its prior on the true rate has mean `rate` and weight r / (rate (1 - rate)). */
function logMixture(rate: number, bad: number, n: number, tunedTo: number): number {
  const spread = rate * (1 - rate);
  const r = Math.max(bestRho(tunedTo * spread) - spread, 1e-3 * spread);
  const a = r / (1 - rate);
  const b = r / rate;
  const posterior = lnBeta(a + bad, b + n - bad) - lnBeta(a, b);
  return posterior - bad * Math.log(rate) - (n - bad) * Math.log1p(-rate);
}

/** The tuning of a two-sided normal mixture whose boundary is lowest at intrinsic time `v` (the same paper, section 3.5). */
function bestRho(v: number): number {
  const log = 2 * Math.log(1 / TUNED_FOR);
  return v / (log + Math.log(1 + log));
}
