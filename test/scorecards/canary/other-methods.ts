/** Methods that others use for the same question, written down from their papers, to hold ours against. */

/**
 * ln E of the 2×2 e-variable for two Bernoulli streams taken in pairs, with Beta(prior, prior) beliefs (Turner, Ly, Grünwald,
 * "Generic e-variables for exact sequential k-sample tests", 2021): each arm's belief against their mean.
 */
export function twoByTwo(a: readonly number[], b: readonly number[], prior: number): number {
  const belief = (seen: readonly number[]) => (prior + sum(seen)) / (2 * prior + seen.length);
  const likelihood = (rate: number, outcome: number) => outcome * rate + (1 - outcome) * (1 - rate);
  return a.reduce((logE, first, index) => {
    const second = b[index] ?? 0;
    const [left, right] = [belief(a.slice(0, index)), belief(b.slice(0, index))];
    const both = (left + right) / 2;
    const ratio =
      (likelihood(left, first) * likelihood(right, second)) / (likelihood(both, first) * likelihood(both, second));
    return logE + Math.log(ratio);
  }, 0);
}

/** Wald's sequential probability ratio test of `low` against `high`: boundaries, steps and average sample numbers (1945). */
export function wald({ low, high, alpha, beta }: Readonly<Record<'low' | 'high' | 'alpha' | 'beta', number>>) {
  const upper = Math.log((1 - beta) / alpha);
  const lower = Math.log(beta / (1 - alpha));
  const hit = Math.log(high / low);
  const miss = Math.log((1 - high) / (1 - low));
  const drift = (rate: number) => rate * hit + (1 - rate) * miss;
  const underLow = (alpha * upper + (1 - alpha) * lower) / drift(low);
  const underHigh = ((1 - beta) * upper + beta * lower) / drift(high);
  return { upper, lower, hit, miss, underLow, underHigh };
}

/** Mann and Whitney's U of `x`, without ties: two-sided p by counting all arrangements (1947). */
export function mannWhitney(
  x: readonly number[],
  y: readonly number[],
): { readonly u: number; readonly exact: number } {
  const u = sum(x.map((one) => y.filter((other) => one > other).length));
  const all = [...Array.from({ length: x.length * y.length + 1 }).keys()];
  const ways = all.map((value) => arrangements(x.length, y.length, value));
  const extreme = Math.min(u, x.length * y.length - u);
  const tail = sum(ways.slice(0, extreme + 1)) / sum(ways);
  return { u, exact: Math.min(1, 2 * tail) };
}

/** How many orders of n and m values have this U. */
function arrangements(n: number, m: number, u: number): number {
  if (u < 0) return 0;
  if (n === 0 || m === 0) return u === 0 ? 1 : 0;
  return arrangements(n - 1, m, u - m) + arrangements(n, m - 1, u);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
