import type { Estimate } from '../vocabulary.ts';
import { independentDifference } from './independent-difference.ts';
import type { PairedEstimates } from './paired-estimates.ts';

/**
 * The confidence at which each of several intervals must be taken so that all of them hold together at `confidence`:
 * confidence^(1/intervals). For independent estimates that is exact, and for normal ones that depend on each other it is on the
 * safe side (Šidák, Journal of the American Statistical Association 62, 1967).
 */
const together = (confidence: number, intervals: number): number => confidence ** (1 / Math.max(1, intervals));

/** The estimates of every part, in the same order, with intervals of any confidence. */
export type PartsAt = (confidence: number) => readonly PairedEstimates[];

/**
 * The largest of the parts' numbers, and the champion's, and the difference of the two. The largest estimate is no estimate of the
 * largest number: the more parts there are, the further noise alone drives it up. The value is the largest estimate, as it was
 * seen; the interval allows for how it was found. The largest number is at most the largest high end, which need not be corrected:
 * that of the part that is largest in truth is enough, as in an intersection-union test (Berger, Technometrics 24, 1982). It is at
 * least the largest low end of intervals that all hold together. `intervals` is how many of the parts are not the mirror of
 * another one. Undefined without parts.
 */
export function largestOf(
  partsAt: PartsAt,
  { confidence, intervals }: { readonly confidence: number; readonly intervals: number },
): PairedEstimates | undefined {
  const alone = partsAt(confidence);
  if (alone.length === 0) return undefined;
  const jointly = partsAt(together(confidence, intervals));
  const challenger = largest(alone.map(ownOf), jointly.map(ownOf));
  const champions = alone.flatMap(({ champion }) => champion ?? []);
  const difference = largestChange(partsAt, { confidence, intervals });
  if (champions.length < alone.length || !difference) return { challenger };
  const champion = largest(
    champions,
    jointly.flatMap((part) => part.champion ?? []),
  );
  return { challenger, champion, difference };
}

const ownOf = ({ challenger }: PairedEstimates): Estimate => challenger;

function largest(alone: readonly Estimate[], jointly: readonly Estimate[]): Estimate {
  return { value: most(alone, 'value'), low: most(jointly, 'low'), high: most(alone, 'high') };
}

const most = (estimates: readonly Estimate[], end: keyof Estimate): number =>
  Math.max(...estimates.map((estimate) => estimate[end]));

/**
 * largest of the challenger − largest of the champion, half of the error for the differences in the parts and half for the models'
 * own numbers, which must all hold together. If k is the champion's largest part, the challenger's is at least its own k: the gain
 * is at least the difference in k, so at least the smallest low end among the parts that may be the champion's largest; and in the
 * same way at most the largest high end among those that may be the challenger's. A part may be the largest when its high end
 * reaches the largest low end. Both models' own numbers bound it as well: at each end the narrower bound holds. Undefined without
 * a champion; equal models give 0 exactly.
 */
function largestChange(
  partsAt: PartsAt,
  { confidence, intervals }: { readonly confidence: number; readonly intervals: number },
): Estimate | undefined {
  const half = (1 + confidence) / 2;
  const apiece = partsAt(half).map(({ difference }) => difference);
  const jointly = partsAt(together(half, 2 * intervals));
  const paired = jointly.flatMap(({ challenger, champion }, place) => {
    const difference = apiece[place];
    return champion && difference ? [{ challenger, champion, difference }] : [];
  });
  if (paired.length === 0 || paired.length < jointly.length) return undefined;
  const own = largest(paired.map(ownOf), paired.map(ownOf));
  const champions = paired.map(({ champion }) => champion);
  const other = largest(champions, champions);
  const lows = paired.flatMap(({ champion, difference }) => (champion.high >= other.low ? [difference.low] : []));
  const highs = paired.flatMap(({ challenger, difference }) => (challenger.high >= own.low ? [difference.high] : []));
  return {
    value: own.value - other.value,
    low: Math.max(own.low - other.high, Math.min(...lows)),
    high: Math.min(own.high - other.low, Math.max(...highs)),
  };
}

/** The smallest of numbers is the opposite of the largest of their opposites. */
export function opposite({ challenger, champion, difference }: PairedEstimates): PairedEstimates {
  return {
    challenger: negative(challenger),
    ...(champion ? { champion: negative(champion) } : {}),
    ...(difference ? { difference: negative(difference) } : {}),
  };
}

const negative = ({ high, low, value }: Estimate): Estimate => ({ value: 0 - value, low: 0 - high, high: 0 - low });

/**
 * Every part less every other one, in both directions: the spread is the largest of them. Parts have no rows in common, so these
 * intervals follow from those of the parts.
 */
export function apart(parts: readonly PairedEstimates[]): readonly PairedEstimates[] {
  return parts.flatMap((one) => parts.filter((other) => other !== one).map((other) => less(one, other)));
}

function less(one: PairedEstimates, other: PairedEstimates): PairedEstimates {
  const champion = one.champion && other.champion && independentDifference(one.champion, other.champion);
  const difference = one.difference && other.difference && independentDifference(one.difference, other.difference);
  return {
    challenger: independentDifference(one.challenger, other.challenger),
    ...(champion ? { champion } : {}),
    ...(difference ? { difference } : {}),
  };
}
