/**
 * P(K >= λ) of Kolmogorov's distribution, the limit of √(nm/(n+m))·D without drift. Two series, each used where it converges
 * in a few terms (Marsaglia, Tsang and Wang, Journal of Statistical Software 8(18), 2003). 1 at λ <= 0.04.
 */
export function kolmogorovTail(lambda: number): number {
  if (lambda <= 0.04) return 1;
  const value = lambda < 1.18 ? 1 - lowerSeries(lambda) : upperSeries(lambda);
  return Math.min(1, Math.max(0, value));
}

const TERMS = [1, 2, 3, 4, 5, 6, 7, 8];

const upperSeries = (lambda: number): number =>
  2 * TERMS.reduce((sum, k) => sum + (k % 2 === 1 ? 1 : -1) * Math.exp(-2 * k * k * lambda * lambda), 0);

const lowerSeries = (lambda: number): number =>
  (Math.sqrt(2 * Math.PI) / lambda) *
  TERMS.reduce((sum, k) => sum + Math.exp((-((2 * k - 1) ** 2) * Math.PI ** 2) / (8 * lambda * lambda)), 0);
