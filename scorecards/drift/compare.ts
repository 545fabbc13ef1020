import { counted } from '../counted.ts';
import { judgeWindow } from './judge.ts';
import { finiteRows } from './measure.ts';
import { isShareOfGaps } from './gaps.ts';
import type { Grid, Sketch } from './sketch.ts';
import type { DriftCriterion, DriftFinding, DriftReason } from './verdict.ts';

/** A column that is to be compared, with what each side has of it. */
export interface ComparedColumn {
  readonly name: string;
  /** What it can be compared as on each side; absent: the side has no such column, or cannot compare it. */
  readonly baseline?: { readonly as: 'continuous' | 'categorical'; readonly type: string };
  readonly current?: { readonly as: 'continuous' | 'categorical'; readonly type: string };
}

/** Two sets of rows that no calendar orders; maps are by column. */
export interface TwoSides {
  readonly criteria: readonly DriftCriterion[];
  readonly columns: readonly ComparedColumn[];
  /** Frozen from the baseline. */
  readonly grids: readonly Grid[];
  readonly baseline: ReadonlyMap<string, Sketch>;
  readonly current: ReadonlyMap<string, Sketch>;
  readonly rows: { readonly baseline: number; readonly current: number };
}

/** No time is known of the two sides: any two spans will do that do not overlap. */
const BEFORE = { from: '1970-01-01T00:00:00.000Z', until: '1970-01-02T00:00:00.000Z' };
const AFTER = { from: '1970-01-02T00:00:00.000Z', until: '1970-01-03T00:00:00.000Z' };

/**
 * One finding per criterion, in their order, by the very rules of a window. What a side lacks is said of its files and not
 * of days: no rows, no column, another type, nothing but nulls, too few rows.
 */
export function compareSides(sides: TwoSides): readonly DriftFinding[] {
  const unjudged = new Map(sides.criteria.map((criterion) => [criterion.name, schemaOrGap(criterion, sides)] as const));
  const names = [...new Set(sides.columns.map(({ name }) => name))];
  const judged = judgeWindow({
    ...sides,
    criteria: sides.criteria.filter(({ name }) => unjudged.get(name) === undefined),
    facts: [{ bucket: AFTER, rows: sides.rows.current, columns: names.map((name) => ({ name, type: '' })) }],
    window: AFTER,
    expectedBuckets: [AFTER],
    presentBuckets: [AFTER],
    baselineSpan: BEFORE,
  });
  const found = new Map(judged.map((finding) => [finding.criterion.name, finding]));
  return sides.criteria.flatMap(({ name }) => unjudged.get(name) ?? found.get(name) ?? []);
}

function schemaOrGap(criterion: DriftCriterion, sides: TwoSides): DriftFinding | undefined {
  const column = sides.columns.find(({ name }) => name === criterion.column);
  const gap = noRows(sides) ?? (column && noColumn(column, sides));
  if (gap) return findingOf(criterion, gap);
  if (criterion.metric === 'schema')
    return findingOf(criterion, { judged: 'pass', reason: 'within-bound', what: SAME });
  const few = tooLittle(criterion, sides);
  return few && findingOf(criterion, few);
}

const SAME = 'the column is on both sides with the same kind of values';

interface Gap {
  readonly judged: 'pass' | 'fail' | 'missing' | 'inconclusive';
  readonly reason: DriftReason;
  readonly what: string;
}

const missing = (reason: DriftReason, what: string): Gap => ({ judged: 'missing', reason, what });

function noRows({ rows }: TwoSides): Gap | undefined {
  if (rows.baseline === 0) return missing('no-data', 'the baseline has no rows');
  return rows.current === 0 ? missing('no-data', 'the current files have no rows') : undefined;
}

function noColumn({ name, baseline, current }: ComparedColumn, sides: TwoSides): Gap | undefined {
  if (!baseline) return missing('no-data', 'the baseline has no such column');
  if (!current) return { judged: 'fail', reason: 'column-absent', what: 'the column is absent from the current files' };
  const before = sides.baseline.get(name);
  if (before && before.nulls === before.rows) return missing('all-null', 'every value of the baseline is null');
  if (baseline.as === current.as) return undefined;
  const what = `${baseline.type} in the baseline and ${current.type} in the current files`;
  return { judged: 'fail', reason: 'type-changed', what };
}

function tooLittle({ column, metric, minimum }: DriftCriterion, sides: TwoSides): Gap | undefined {
  const [before, now] = [sides.baseline.get(column), sides.current.get(column)];
  if (!before || !now) return missing('no-data', 'one side could not be counted');
  if (!isShareOfGaps(metric) && now.nulls === now.rows) return missing('all-null', 'every current value is null');
  const rowsOf = metric === 'ks' ? finiteRows : (sketch: Sketch) => sketch.rows;
  const [few, where] =
    rowsOf(now) <= rowsOf(before) ? [rowsOf(now), 'current rows'] : [rowsOf(before), 'rows in the baseline'];
  if (few >= Math.max(1, minimum)) return undefined;
  const what = `${counted(few)} ${where}, ${counted(minimum)} needed`;
  return { judged: 'inconclusive', reason: 'too-few-rows', what };
}

/** A change of the schema fails the criterion that watches it; whatever else was asked of the column has no answer. */
function findingOf(criterion: DriftCriterion, { judged, reason, what }: Gap): DriftFinding {
  const sentence = `${criterion.column}: ${what}.`;
  if (judged === 'pass') return { criterion, judged, level: 'none', reason, sentence };
  if (judged === 'fail' && criterion.metric === 'schema')
    return { criterion, judged, level: 'breach', reason, sentence: `${sentence} The schema changed.` };
  const unanswered = judged === 'inconclusive' ? judged : 'missing';
  return { criterion, judged: unanswered, level: 'none', reason, sentence: `${sentence} Not judged.` };
}
