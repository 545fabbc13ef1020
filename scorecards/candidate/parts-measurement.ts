import { counted } from '../counted.ts';
import { betterOf } from '../metric-catalogue.ts';
import { measuredMetric, sliceText } from '../parts.ts';
import type { CriterionMetric, ScorecardCriterion } from '../scorecard-schema.ts';
import { apart, largestOf, opposite } from '../statistics/largest-of-parts.ts';
import type { PairedEstimates } from '../statistics/paired-estimates.ts';
import type { Estimate, Slice } from '../vocabulary.ts';
import type { CriterionMeasurement } from './measurement.ts';

type Asked = Pick<ScorecardCriterion, 'name' | 'metric' | 'of' | 'direction' | 'confidence' | 'minimum'>;
/** The metric that a criterion is of, on each part of the rows, with intervals of that confidence. */
type PartsAt = (confidence: number) => readonly CriterionMeasurement[];

/** A part with its estimates, of which intervals hold together with those of all others. */
interface Part extends PairedEstimates {
  readonly slice: Slice | null;
  readonly n: number;
}

const NAMED = 5;

/**
 * One number about all parts: `worst` is the metric in the part where it is worst, `spread` the largest less the smallest. The
 * interval allows for their number: see `largestOf`. Parts with fewer rows than the criterion's minimum have no say and
 * are named; n is the number of rows of the smallest part that has one. With fewer than two such parts n is that of the second
 * largest, so that it is inconclusive. A part that should have a say and has no number, or has no row at all, leaves none.
 */
export function measureParts(criterion: Asked, partsAt: PartsAt): CriterionMeasurement {
  const { confidence, minimum, name } = criterion;
  const all = partsAt(confidence);
  const unmeasured = all.find(({ challenger, n }) => !challenger && (n === 0 || n >= minimum));
  const none = { criterion: name, slice: null, n: 0 };
  if (unmeasured) return { ...none, why: whyUnmeasured(unmeasured) };
  const large = all.filter(({ n }) => n >= minimum);
  const isEnough = large.length > 1;
  const judged = (isEnough ? large : all).filter(({ challenger }) => challenger !== undefined);
  if (judged.length < 2) return { ...none, why: 'fewer than two parts of the rows can be measured' };
  const kept = new Set(judged.map(({ slice }) => JSON.stringify(slice)));
  const at = once((level: number): readonly Part[] =>
    partsAt(level).flatMap(({ challenger, champion, difference, n, slice }) =>
      challenger && kept.has(JSON.stringify(slice))
        ? [{ slice, n, challenger, ...(champion ? { champion } : {}), ...(difference ? { difference } : {}) }]
        : [],
    ),
  );
  const parts = at(confidence);
  const sizes = parts.map(({ n }) => n).toSorted((a, b) => b - a);
  const left = isEnough ? all.filter(({ n }) => n < minimum) : [];
  return {
    ...none,
    n: (isEnough ? sizes.at(-1) : sizes[1]) ?? 0,
    ...estimatesOf(criterion, at, parts.length),
    parts: parts.length,
    note: [placesOf(criterion, parts), ...leftOut(left, minimum)].join(' '),
  };
}

/** Redrawn intervals take their time. */
function once<T>(make: (level: number) => T): (level: number) => T {
  const known = new Map<number, { readonly made: T }>();
  return (level) => {
    const found = known.get(level) ?? { made: make(level) };
    known.set(level, found);
    return found.made;
  };
}

function whyUnmeasured({ n, slice, why }: CriterionMeasurement): string {
  const where = slice ? `of ${sliceText(slice)}: ` : '';
  return n === 0 ? `${where}no row counts there` : `${where}${why ?? 'there is no finite estimate'}`;
}

function estimatesOf(
  criterion: Asked,
  at: (confidence: number) => readonly Part[],
  parts: number,
): Partial<PairedEstimates> {
  const { confidence, metric } = criterion;
  if (metric === 'spread') {
    const found = largestOf((level) => apart(at(level)), { confidence, intervals: (parts * (parts - 1)) / 2 });
    const { challenger, champion } = found ?? {};
    return {
      ...found,
      ...(challenger ? { challenger: notNegative(challenger) } : {}),
      ...(champion ? { champion: notNegative(champion) } : {}),
    };
  }
  if (betterOf(criterion) !== 'higher') return largestOf(at, { confidence, intervals: parts }) ?? {};
  const found = largestOf((level) => at(level).map(opposite), { confidence, intervals: parts });
  return found ? opposite(found) : {};
}

const notNegative = ({ high, low, value }: Estimate): Estimate => ({ value, low: Math.max(0, low), high });

/** Where the challenger's worst part is, or the two parts that are furthest apart. */
function placesOf(criterion: Asked, parts: readonly Part[]): string {
  const isUp = betterOf({ ...criterion, metric: measuredMetric<CriterionMetric>(criterion) }) === 'higher';
  const worstFirst = parts.toSorted((a, b) => (b.challenger.value - a.challenger.value) * (isUp ? -1 : 1));
  const [first, last] = [worstFirst[0], worstFirst.at(-1)].map((part) =>
    part?.slice ? `${sliceText(part.slice)} (${Number(part.challenger.value.toPrecision(4))})` : '',
  );
  return criterion.metric === 'spread' ? `It is ${first} against ${last}.` : `It is worst in ${first}.`;
}

function leftOut(parts: readonly CriterionMeasurement[], minimum: number): readonly string[] {
  if (parts.length === 0) return [];
  const named = parts.slice(0, NAMED).map(({ n, slice }) => `${slice ? sliceText(slice) : ''} (n ${counted(n)})`);
  const more = parts.length > NAMED ? ` and ${counted(parts.length - NAMED)} more` : '';
  return [`Left out with fewer than ${counted(minimum)} rows: ${named.join(', ')}${more}.`];
}
