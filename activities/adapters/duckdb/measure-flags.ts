import type { ScorecardCriterion } from '../../../scorecards/scorecard-schema.ts';
import { gapEstimates } from '../../../scorecards/statistics/gap-intervals.ts';
import { isGap } from '../../../scorecards/statistics/group-gaps.ts';
import { FLAG_METRICS, flagMetric, type FlagCell } from '../../../scorecards/statistics/flag-metrics.ts';
import type { CriterionMeasurement } from '../../ports/data-store.ts';
import type { FlagRow } from './count-flags.ts';
import type { CountedRows } from './count-rows.ts';
import { measured, measurementOf, perSlice } from './measure-slices.ts';

/** What metrics of flags are computed from. */
export type FlaggedRows = Pick<CountedRows, 'flags' | 'top' | 'hasChampion' | 'values'>;
/** As `Measuring`, from flags alone. */
type MeasuringFlags = (rows: FlaggedRows, criterion: ScorecardCriterion) => readonly CriterionMeasurement[];

/** Metrics of the flags that each model's own cut gives, from the counts of label × flag × flag. */
export const measureFlags: MeasuringFlags = (rows, criterion) => {
  const metric = FLAG_METRICS.find((name) => name === criterion.metric);
  if (metric === undefined) return [];
  const cells = metric === 'precisionAtK' ? rows.top(criterion) : rows.flags(criterion.by);
  const withChampion = (cell: FlagRow): FlagCell => (rows.hasChampion ? cell : { ...cell, champion: undefined });
  return perSlice(rows, criterion, cells, (ofSlice) => {
    const { n, estimates, why } = flagMetric({ ...criterion, metric }, ofSlice.map(withChampion));
    return measured(n, estimates, why);
  });
};

/** Gaps between the groups of `by`: one number, not one per group. n is that of the smallest group. */
export const measureGaps: MeasuringFlags = (rows, criterion) => {
  const { name, by, confidence, metric } = criterion;
  if (by === undefined || !isGap(metric))
    return [measurementOf(name, null, { n: 0, why: 'the criterion names no column of groups in `by`' })];
  const found = rows.flags(by);
  const cells = found.map((cell) => ({
    group: JSON.stringify(cell.slice),
    rows: cell.rows,
    positive: cell.positive,
    challenger: cell.challenger,
    ...(rows.hasChampion ? { champion: cell.champion } : {}),
  }));
  const sizes = (rows.values.get(by) ?? []).map((value) =>
    found.reduce((sum, cell) => sum + (cell.slice === value ? cell.rows : 0), 0),
  );
  const n = Math.min(...sizes);
  const estimates = n === 0 ? undefined : gapEstimates(metric, cells, confidence);
  return [measurementOf(name, null, measured(n, estimates, `a group of "${by}" lacks positive or negative rows`))];
};
