import { exactPair } from '../candidate/measurement.ts';
import type { CriterionMeasurement } from '../candidate/measurement.ts';
import { isOfParts } from '../parts.ts';
import type { Scorecard, ScorecardCriterion } from '../scorecard-schema.ts';
import { COMPARED, isGap, isRatio } from '../statistics/group-gaps.ts';
import type { GroupGap } from '../statistics/group-gaps.ts';
import type { Slice } from '../vocabulary.ts';
import type { EvaluatedRow, Evaluation, KnownNumber } from './evaluation.ts';

export interface ImportedEvaluation extends Evaluation {
  /** As the caller wrote it. */
  readonly file: string;
}

/**
 * What other tools measured, as measurements of the criteria that ask for it: by groups where the criterion's `by` is the column of
 * the file, of all rows where neither has one. They have no interval, so both ends of every estimate are the number itself, and
 * `imported` says where it is from. A number that rests on an unknown count of rows is none: EV8 asks for n.
 */
export function importedMeasurements(
  { spec }: Scorecard,
  challenger: ImportedEvaluation,
  champion?: ImportedEvaluation,
): readonly CriterionMeasurement[] {
  return spec.criteria.flatMap((criterion) => {
    const other = champion ? valuesFor(criterion, champion) : [];
    const from = [challenger, ...(champion ? [champion] : [])].map(({ file, tool }) => `${file} (${tool})`);
    return valuesFor(criterion, challenger).map((own) =>
      measurementOf(
        criterion,
        own,
        other.find(({ slice }) => slice?.value === own.slice?.value),
        `imported from ${from.join(' and ')}`,
      ),
    );
  });
}

interface Found {
  readonly slice: Slice | null;
  readonly value: number | null;
  readonly n: number | null;
}

function measurementOf(
  { name, metric }: ScorecardCriterion,
  own: Found,
  other: Found | undefined,
  imported: string,
): CriterionMeasurement {
  const { n, slice, value } = own;
  const known = { criterion: name, slice, n: Math.min(n ?? 0, other?.n ?? n ?? 0), imported };
  if (value === null) return { ...known, why: `the file has no number for ${metric} (${imported})` };
  if (n === null || other?.n === null)
    return {
      ...known,
      why: `the file does not say on how many rows ${metric} rests (${imported}); add the metric count`,
    };
  return { ...known, ...exactPair(value, other?.value ?? undefined) };
}

/** What other tools call the share of flagged rows among all rows, or among those of one label. */
const rateOf = (label: boolean | undefined): KnownNumber =>
  label === undefined ? 'selectionRate' : label ? 'recall' : 'falsePositiveRate';

function valuesFor(criterion: ScorecardCriterion, { column, rows }: Evaluation): readonly Found[] {
  const { blocks, by, class: ofClass, metric } = criterion;
  // Neither tool says of which class a number is.
  if (column !== by || ofClass !== undefined) return [];
  // What is told of all rows, or of one group, says nothing of blocks of time or of all groups together.
  if (blocks !== undefined || isOfParts(metric)) return [];
  if (isGap(metric)) return by === undefined ? [] : gapOf(metric, rows);
  const told = rows.filter(({ numbers }) => numbers.has(metric));
  return told.map(({ group, numbers }) => ({
    slice: by === undefined ? null : { column: by, value: group },
    value: numbers.get(metric) ?? null,
    n: numbers.get('count') ?? null,
  }));
}

/** max − min of the worst rate, or min / max of it; n is that of the smallest group. A rate that one group lacks leaves no gap. */
function gapOf(metric: GroupGap, rows: readonly EvaluatedRow[]): readonly Found[] {
  const rates = COMPARED[metric].map(rateOf);
  if (!rates.every((rate) => rows.some(({ numbers }) => numbers.has(rate)))) return [];
  const counts = rows.map(({ numbers }) => numbers.get('count') ?? null);
  const n = counts.includes(null) ? null : Math.min(...counts.map((count) => count ?? 0));
  const all = rates.map((rate) => rows.map(({ numbers }) => numbers.get(rate) ?? null));
  const known = all.map((values) => values.filter((value) => value !== null));
  if (rows.length < 2 || known.some((values) => values.length < rows.length)) return [{ slice: null, value: null, n }];
  const gaps = known.map((values) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return isRatio(metric) ? low / high : high - low;
  });
  const value = isRatio(metric) ? Math.min(...gaps) : Math.max(...gaps);
  return [{ slice: null, value: Number.isFinite(value) ? value : null, n }];
}
