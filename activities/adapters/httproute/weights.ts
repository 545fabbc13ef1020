/** Weights of our two backends; the gateway divides by the sum of all weights in the rule. */
export interface Weights {
  readonly champion: number;
  readonly challenger: number;
}

/** Half a point: the largest difference between the share asked for and the share that whole weights give. */
const TOLERANCE = 0.005;
/** Rounding of the division alone must not decide. */
const EPSILON = 1e-9;

/** Weights of a rule that is ours: exact for every percent with at most two decimals. */
export function exactWeights(percent: number): Weights {
  const scale = Number.isInteger(percent) ? 1 : 100;
  const challenger = Math.round(percent * scale);
  return { champion: 100 * scale - challenger, challenger };
}

/**
 * Weights for somebody else's rule: the sum of our two stays, so every other backend keeps its share. The challenger has
 * at least 1 when it is to have anything, the champion likewise. Where the sum cannot express the share within half a
 * point it becomes 100 (10,000 for fine shares) if the rule holds only our two, where proportions alone count; otherwise
 * there is no answer.
 */
export function rescaledWeights(now: Weights, percent: number, onlyOurs: boolean): Weights | undefined {
  const share = percent / 100;
  const sums = [now.champion + now.challenger, ...(onlyOurs ? [100, 10_000] : [])];
  for (const sum of sums) {
    const challenger = roundedShare(sum, share);
    if (sum > 0 && Math.abs(challenger / sum - share) <= TOLERANCE + EPSILON) {
      return { champion: sum - challenger, challenger };
    }
  }
  return undefined;
}

function roundedShare(sum: number, share: number): number {
  if (share <= 0) return 0;
  if (share >= 1) return sum;
  return Math.min(Math.max(1, Math.round(sum * share)), Math.max(1, sum - 1));
}

/** The challenger's percent of what both arms get, with two decimals; 0 when neither gets anything. */
export function percentOf(weights: Weights): number {
  const sum = weights.champion + weights.challenger;
  return sum === 0 ? 0 : Math.round((10_000 * weights.challenger) / sum) / 100;
}
