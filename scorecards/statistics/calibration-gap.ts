import { confidenceOfEach, largestGap } from './gap-intervals.ts';
import { twoSidedZ } from './normal-quantile.ts';
import type { PairedEstimates } from './paired-estimates.ts';

/** Moments of score − label over the rows of one group, for both models. */
export interface OverRating {
  readonly rows: number;
  readonly challenger: Moments;
  readonly champion?: Moments;
  readonly covariance: number;
}
interface Moments {
  readonly mean: number;
  readonly variance: number;
}

/**
 * Largest minus smallest mean of score − label among groups: how differently they are over-rated. Its interval is that of the
 * widest of all comparisons of two groups, which hold together at `confidence`; the difference of the models counts the groups
 * that are their extremes as fixed. Undefined with fewer than two groups or a group of fewer than two rows.
 */
export function calibrationGap(groups: readonly OverRating[], confidence = 0.95): PairedEstimates | undefined {
  if (groups.length < 2 || groups.some(({ rows }) => rows < 2)) return undefined;
  const z = twoSidedZ(confidenceOfEach(confidence, groups.length));
  const gapOf = (moments: readonly Moments[]) =>
    largestGap(
      moments.map(({ mean, variance }, place) => {
        const half = z * Math.sqrt(variance / (groups[place]?.rows ?? 1));
        return { value: mean, low: mean - half, high: mean + half };
      }),
    );
  const ofChallenger = groups.map(({ challenger }) => challenger);
  const ofChampion = groups.flatMap(({ champion }) => champion ?? []);
  const challenger = gapOf(ofChallenger);
  if (ofChampion.length < groups.length) return { challenger };
  const champion = gapOf(ofChampion);
  const [a, b] = [extremes(ofChallenger), extremes(ofChampion)];
  const variance = groups.reduce((sum, { covariance, rows, ...of }, place) => {
    const [own, other] = [a(place), b(place)];
    const cell = own * own * of.challenger.variance + other * other * (of.champion?.variance ?? 0);
    return sum + (cell - 2 * own * other * covariance) / rows;
  }, 0);
  const value = challenger.value - champion.value;
  const half = z * Math.sqrt(Math.max(0, variance));
  return { challenger, champion, difference: { value, low: value - half, high: value + half } };
}

/** How each group counts in the gap: 1 the most over-rated, −1 the least, 0 the others. */
function extremes(moments: readonly Moments[]): (place: number) => number {
  const means = moments.map(({ mean }) => mean);
  const [most, least] = [means.indexOf(Math.max(...means)), means.indexOf(Math.min(...means))];
  return (place) => (place === most ? 1 : 0) - (place === least ? 1 : 0);
}
