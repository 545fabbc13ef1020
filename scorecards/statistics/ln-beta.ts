import { lnGamma } from './ln-gamma.ts';

/** Natural logarithm of B(a, b) for a, b > 0. */
export function lnBeta(a: number, b: number): number {
  return lnGammaOfAny(a) + lnGammaOfAny(b) - lnGammaOfAny(a + b);
}

/** By Γ(x + 1) = x Γ(x), since the series is exact only from 0.5 on. */
function lnGammaOfAny(x: number): number {
  return x < 0.5 ? lnGamma(x + 1) - Math.log(x) : lnGamma(x);
}
