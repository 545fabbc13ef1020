import { normalPair, type Limits, type PairedEstimates } from './paired-estimates.ts';
import { poisson, seededRandom } from './seeded-random.ts';

/** A statistic of both models computed from counts per cell, which it does not keep; undefined where it does not exist for these. */
export type CountStatistic = (
  counts: readonly number[],
) => { readonly challenger: number; readonly champion?: number } | undefined;

interface Resampling {
  readonly confidence?: number;
  readonly draws?: number;
  readonly seed?: number;
  readonly limits?: Limits;
}

/**
 * Intervals for statistics that have no simple variance (a largest gap between groups, a calibration error): every count is
 * redrawn as a Poisson count (the Poisson bootstrap, Chamandy et al., 2012), and the value stands between value ± z · the
 * standard deviation of the redrawn values. Both models see the same redrawn rows, so the difference is paired. Such statistics
 * are biased upwards in small samples and so is their redraw; the interval is therefore centred on the value itself.
 * Undefined where the statistic is, or where more than a tenth of the redraws are.
 */
export function bootstrapCounts(
  counts: readonly number[],
  statistic: CountStatistic,
  { confidence = 0.95, draws = 400, seed = 7, limits }: Resampling = {},
): PairedEstimates | undefined {
  const value = statistic(counts);
  if (value === undefined) return undefined;
  const random = seededRandom(seed);
  // One array for all redraws: hundreds of measurements take hundreds of redraws each.
  const drawn = [...counts];
  const redrawn = Array.from({ length: draws }, () => {
    for (let cell = 0; cell < drawn.length; cell += 1) drawn[cell] = poisson(counts[cell] ?? 0, random);
    return statistic(drawn);
  });
  return pairedFromDraws(
    value,
    redrawn.filter((draw) => draw !== undefined),
    { draws, confidence, limits },
  );
}

/** The estimates that redrawn values of both models give. */
function pairedFromDraws(
  value: { readonly challenger: number; readonly champion?: number },
  redrawn: readonly { readonly challenger: number; readonly champion?: number }[],
  { draws, confidence, limits }: { draws: number; confidence: number; limits?: Limits | undefined },
): PairedEstimates | undefined {
  if (redrawn.length < Math.max(2, 0.9 * draws)) return undefined;
  const ofChallenger = redrawn.map(({ challenger }) => challenger);
  const challenger = { value: value.challenger, variance: covarianceOf(ofChallenger, ofChallenger) };
  if (value.champion === undefined) return normalPair({ challenger }, confidence, limits);
  const ofChampion = redrawn.map(({ champion = 0 }) => champion);
  const champion = { value: value.champion, variance: covarianceOf(ofChampion, ofChampion) };
  return normalPair({ challenger, champion, covariance: covarianceOf(ofChallenger, ofChampion) }, confidence, limits);
}

function covarianceOf(one: readonly number[], other: readonly number[]): number {
  const [a, b] = [meanOf(one), meanOf(other)];
  return one.reduce((sum, x, index) => sum + (x - a) * ((other[index] ?? b) - b), 0) / (one.length - 1);
}

const meanOf = (numbers: readonly number[]): number => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
