import { counted } from '../counted.ts';
import { median } from '../statistics/median.ts';
import type { BucketVolume } from './baseline.ts';
import { LEAST_DAYS } from './learned.ts';
import { dayOf } from './sentence.ts';
import type { DriftFinding } from './verdict.ts';
import type { Arrival, WindowInput } from './window-input.ts';
import { isComplete, millisecondsOf } from './windows.ts';
import { qualityCriterion } from './quality-criterion.ts';

const WEEK_MS = 7 * 86_400_000;
/** One bucket says nothing of what is usual on its weekday. */
const LEAST_ALIKE = 2;
/** Modified z-scores beyond this are outliers (Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993). */
const OUTLIER = 3.5;
/** A normal's standard deviation in median absolute deviations. */
const DEVIATION = 1.4826;

interface Judged extends BucketVolume {
  readonly usual: number;
  /** Rows by usual rows. */
  readonly ratio: number;
  readonly isFar: boolean;
}

/**
 * Buckets of a window with far more or fewer rows than the baseline's of the same weekday (of the same hour of the week, for
 * buckets of hours) had in the median. As with distances, size alone does not raise it: the ratio must lie outside of what the
 * policy allows, its logarithm beyond 3.5 robust deviations of the baseline's own, and the rows beyond 3.5 deviations of
 * counting them: Poisson's, and that of a median of k, whose variance is π/2 that of a mean (Kenney and Keeping, Mathematics of
 * Statistics, 1962). One finding for the farthest bucket, none where all are as usual, where the baseline has fewer than 8
 * buckets, or where the window is incomplete. A weekday that usually has no rows is not judged.
 */
export function judgeVolumes(input: WindowInput): readonly DriftFinding[] {
  const { arrival, facts } = input;
  const [first] = facts;
  if (!arrival || !first || !isComplete(input)) return [];
  const known = arrival.usual.filter(({ bucket }) => lengthOf(bucket) === lengthOf(first.bucket));
  if (known.length < LEAST_DAYS) return [];
  const deviation = DEVIATION * (median(known.flatMap((one) => deviationOf(one, known))) ?? 0);
  const outside = facts
    .flatMap((one) => judgedOne(one, known, deviation))
    .filter(({ isFar, ratio }) => isFar && (ratio < arrival.volume.atLeast || ratio > arrival.volume.atMost));
  const [worst] = outside.toSorted((a, b) => farness(b.ratio) - farness(a.ratio));
  return worst ? [findingOf(worst, arrival, { outside: outside.length, of: facts.length })] : [];
}

/** Rows of buckets that begin at the same moment of the week; of all of them where too few do. */
function alike({ bucket }: Pick<BucketVolume, 'bucket'>, known: readonly BucketVolume[]): readonly number[] {
  const phaseOf = ({ from }: BucketVolume['bucket']): number => millisecondsOf(from) % WEEK_MS;
  const same = known.filter((one) => phaseOf(one.bucket) === phaseOf(bucket));
  return (same.length < LEAST_ALIKE ? known : same).map(({ rows }) => rows);
}

function deviationOf(one: BucketVolume, known: readonly BucketVolume[]): readonly number[] {
  const usual = median(alike(one, known)) ?? 0;
  return usual === 0 ? [] : [farness(one.rows / usual)];
}

function judgedOne({ bucket, rows }: BucketVolume, known: readonly BucketVolume[], deviation: number): Judged[] {
  const before = alike({ bucket }, known);
  const usual = median(before) ?? 0;
  if (usual === 0) return [];
  const ratio = rows / usual;
  const byChance = Math.sqrt(usual * (1 + Math.PI / 2 / before.length));
  const isFar = farness(ratio) > OUTLIER * deviation && Math.abs(rows - usual) > OUTLIER * byChance;
  return [{ bucket, rows, usual, ratio, isFar }];
}

/** Half and twice as many are equally far. */
const farness = (ratio: number): number => Math.abs(Math.log(ratio));

function findingOf(
  { bucket, ratio, rows, usual }: Judged,
  { time, volume }: Arrival,
  count: { readonly outside: number; readonly of: number },
): DriftFinding {
  const times = Number(ratio.toPrecision(3));
  const others = count.outside > 1 ? `, as ${count.outside - 1} more of ${count.of} are` : '';
  const sentence = `${time}: ${dayOf(bucket.from)} has ${counted(rows)} rows, ${times} times the ${counted(usual)} that are usual then in the baseline; expected ${volume.atLeast} to ${volume.atMost} times${others}.`;
  const isFew = ratio < volume.atLeast;
  const bound = isFew ? volume.atLeast : volume.atMost;
  const criterion = { ...criterionOf(time, bound), ...(isFew ? { direction: 'atLeast' as const } : {}) };
  const about = { criterion, measurement: { value: ratio, n: { current: rows, baseline: usual } }, sentence };
  return volume.severity === 'fail'
    ? { ...about, judged: 'fail', level: 'breach', reason: 'breach' }
    : { ...about, judged: 'pass', level: 'warn', reason: 'warning' };
}

const lengthOf = ({ from, until }: BucketVolume['bucket']): number => millisecondsOf(until) - millisecondsOf(from);

const criterionOf = (column: string, bound: number) =>
  qualityCriterion({
    name: `${column} volume`,
    metric: 'volume',
    column,
    warn: bound,
    limit: bound,
  });
