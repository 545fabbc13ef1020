import type { Estimate } from '../vocabulary.ts';
import { bootstrapCounts } from './count-bootstrap.ts';
import { COMPARED, flagCounts, groupGap, isRatio, placesOf } from './group-gaps.ts';
import type { GroupCell, GroupGap, Model } from './group-gaps.ts';
import { independentDifference } from './independent-difference.ts';
import { independentRatio } from './independent-ratio.ts';
import { SHARE, type PairedEstimates } from './paired-estimates.ts';
import { wilson } from './wilson.ts';

/** Rows of one cell. */
export interface CountedCell extends GroupCell {
  readonly rows: number;
}

/**
 * The confidence of each comparison between two of `groups` groups (for `rates` rates each) that together have `confidence`
 * (Bonferroni). A largest gap picks its own extremes: at the plain confidence its interval is too narrow from three groups on.
 */
export const confidenceOfEach = (confidence: number, groups: number, rates = 1): number =>
  1 - (1 - confidence) / Math.max(1, (rates * groups * (groups - 1)) / 2);

/**
 * A gap between groups with its interval, for both models. The interval is that of the widest of all comparisons of two groups
 * (Newcombe's for differences, Donner and Zou's for ratios), which hold together at `confidence`. The difference of the models
 * comes from redrawing the counts, both models seeing the same rows, at the confidence of one comparison; too few rows to redraw leave it out. Undefined as `groupGap`.
 */
export function gapEstimates(
  metric: GroupGap,
  cells: readonly CountedCell[],
  confidence = 0.95,
): PairedEstimates | undefined {
  const places = placesOf(cells);
  const labels = COMPARED[metric];
  const each = confidenceOfEach(confidence, places.groups, labels.length);
  const counts = cells.map(({ rows }) => rows);
  const gap = groupGap(metric, cells);
  const value = gap(counts);
  if (value === undefined) return undefined;
  const intervalOf = (model: Model): Estimate => {
    const gaps = labels.map((label) => {
      const shares = flagCounts(cells, counts, { label, model, places }).map(({ flagged, rows }) =>
        wilson(flagged, rows, each),
      );
      const known = shares.filter((share) => share !== undefined);
      return isRatio(metric) ? smallestRatio(known) : largestGap(known);
    });
    return isRatio(metric) ? endsOf(gaps, Math.min) : endsOf(gaps, Math.max);
  };
  const challenger = intervalOf('challenger');
  if (value.champion === undefined) return { challenger };
  const difference = bootstrapCounts(counts, gap, { confidence: each, limits: SHARE })?.difference;
  return { challenger, champion: intervalOf('champion'), ...(difference ? { difference } : {}) };
}

/** Largest difference of two among independent estimates, each at the confidence of one comparison; never below 0. */
export function largestGap(estimates: readonly Estimate[]): Estimate {
  const { value, low, high } = endsOf(pairsOf(estimates, independentDifference), Math.max);
  return { value, low: Math.max(0, low), high };
}

/** Smallest ratio of two among independent shares of which not all are 0. */
function smallestRatio(shares: readonly Estimate[]): Estimate {
  const { value, low, high } = endsOf(
    pairsOf(shares, (one, other) => (other.value > 0 ? independentRatio(one, other) : NO_RATIO)),
    Math.min,
  );
  return { value, low, high: Math.min(1, high) };
}

/** Nothing is smaller by it. */
const NO_RATIO: Estimate = { value: Infinity, low: Infinity, high: Infinity };

const pairsOf = (estimates: readonly Estimate[], compare: (one: Estimate, other: Estimate) => Estimate) =>
  estimates.flatMap((one, place) => estimates.flatMap((other, at) => (at === place ? [] : [compare(one, other)])));

const endsOf = (estimates: readonly Estimate[], pick: (...numbers: number[]) => number): Estimate => ({
  value: pick(...estimates.map(({ value }) => value)),
  low: pick(...estimates.map(({ low }) => low)),
  high: pick(...estimates.map(({ high }) => high)),
});
