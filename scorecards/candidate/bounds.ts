import { betterOf } from '../metric-catalogue.ts';
import type { ScorecardCriterion } from '../scorecard-schema.ts';
import { chiSquareTail } from '../statistics/chi-square-tail.ts';
import { twoSidedZ } from '../statistics/normal-quantile.ts';
import type { Estimate } from '../vocabulary.ts';
import type { CriterionMeasurement } from './measurement.ts';

/** One bound of one criterion, held against one measurement, as evidence keeps it. */
export interface HeldBound {
  readonly kind: BoundKind;
  /** What the policy asked for, in the metric's unit; a share of the champion's value where `relativeTo` is given. */
  readonly asked: number;
  /** The same as a limit of `found`, with its sign: a loss of at most 0.002 is `atLeast` −0.002 where higher is better. */
  readonly limit: number;
  readonly direction: 'atLeast' | 'atMost';
  /** The number that was held against it. */
  readonly found: Estimate;
  /** The champion's value when `asked` and `found` are shares of it. */
  readonly relativeTo?: number;
  readonly state: 'holds' | 'unsure' | 'violated';
}

export interface BoundResult extends HeldBound {
  /** How far the estimate lies beyond the bound in half-widths of its interval: comparable across metrics. */
  readonly excess: number;
  /** The chance of a number so far beyond the bound, to either side, if the truth lay on it; 1 when it is not beyond. */
  readonly p: number;
  /** Set where the number is beyond the bound by no more than chance explains: adjusted p, and among how many comparisons. Without p it is the interval that allows for so many parts. */
  readonly byChance?: { readonly p?: number; readonly among: number };
}
export type BoundKind = 'atLeast' | 'atMost' | 'noWorseBy' | 'betterBy';

/** 0.698 − 0.7 is a loss of 0.002, whatever the last bit says. */
const ROUNDING = 1e-12;

/** The bounds that need the champion; the others stand on their own. */
export const isRelative = (kind: BoundKind): boolean => kind === 'noWorseBy' || kind === 'betterBy';

export function boundsOf(criterion: ScorecardCriterion): readonly (readonly [BoundKind, number])[] {
  const { atLeast, atMost, versusChampion } = criterion;
  const all = { atLeast, atMost, noWorseBy: versusChampion?.noWorseBy, betterBy: versusChampion?.betterBy };
  return (Object.keys(all) as BoundKind[]).flatMap((kind) => {
    const asked = all[kind];
    return asked === undefined ? [] : [[kind, asked] as const];
  });
}

/**
 * Holds one bound against a measurement; undefined when its numbers are missing or not finite. The estimate beyond the bound
 * violates it; under `judge: interval` an interval that reaches beyond it leaves it unsure. Equality holds, except that being
 * better by 0 needs a real gain: a tie keeps the champion.
 */
export function holdBound(
  criterion: ScorecardCriterion,
  [kind, asked]: readonly [BoundKind, number],
  measurement: CriterionMeasurement,
): BoundResult | undefined {
  const against = comparedWith(criterion, kind, measurement);
  if (!against) return undefined;
  const { found } = against;
  // Seen as "the higher the better, at least `needed`", whatever the metric's own direction is.
  const upward = kind === 'atLeast' || (kind !== 'atMost' && betterOf(criterion) === 'higher');
  const needed = kind === 'noWorseBy' || kind === 'atMost' ? -asked : asked;
  const { value, worst, best } = seenUpward(found, upward);
  const holds = (number: number) =>
    kind === 'betterBy' && asked === 0 ? number > 0 : number >= needed - ROUNDING * Math.max(1, Math.abs(needed));
  const isSure = criterion.judge === 'point' || holds(worst);
  const halfWidth = Math.max((found.high - found.low) / 2, Math.abs(needed) * 1e-3, ROUNDING);
  return {
    ...against,
    kind,
    asked,
    limit: (upward ? needed : -needed) + 0,
    direction: upward ? 'atLeast' : 'atMost',
    state: !holds(value) ? 'violated' : isSure ? 'holds' : 'unsure',
    excess: (needed - value) / halfWidth,
    p: holds(value) ? 1 : tailBeyond((needed - value) / (best - value), criterion.confidence),
  };
}

const seenUpward = ({ value, low, high }: Estimate, upward: boolean) =>
  upward ? { value, worst: low, best: high } : { value: -value, worst: -high, best: -low };

/** Two-sided tail at `halves` half-widths of an interval of that confidence; an interval of no width leaves no chance. */
const tailBeyond = (halves: number, confidence: number): number =>
  Number.isFinite(halves) ? chiSquareTail((halves * twoSidedZ(confidence)) ** 2, 1) : 0;

/** What evidence keeps of a result. */
export const heldOf = ({ asked, direction, found, kind, limit, relativeTo, state }: BoundResult): HeldBound => ({
  kind,
  asked,
  limit,
  direction,
  found,
  ...(relativeTo === undefined ? {} : { relativeTo }),
  state,
});

/** The estimate itself, or the difference; for `cost` both become shares of the champion's cost. */
function comparedWith(
  { metric }: ScorecardCriterion,
  kind: BoundKind,
  { challenger, champion, difference }: CriterionMeasurement,
): Pick<BoundResult, 'found' | 'relativeTo'> | undefined {
  if (!isRelative(kind)) return isFinite(challenger) ? { found: challenger } : undefined;
  if (!isFinite(difference) || !isFinite(challenger) || !isFinite(champion)) return undefined;
  if (metric !== 'cost' || champion.value === 0) return { found: difference };
  const shareOf = (number: number) => number / Math.abs(champion.value);
  const found = { value: shareOf(difference.value), low: shareOf(difference.low), high: shareOf(difference.high) };
  return { found, relativeTo: champion.value };
}

const isFinite = (estimate: Estimate | undefined): estimate is Estimate =>
  estimate !== undefined && [estimate.value, estimate.low, estimate.high].every(Number.isFinite);
