import type { ScorecardCriterion } from '../../../scorecards/scorecard-schema.ts';
import { gapEstimates } from '../../../scorecards/statistics/gap-intervals.ts';
import { GROUP_GAPS } from '../../../scorecards/statistics/group-gaps.ts';
import { FLAG_METRICS, flagMetric, type FlagCell } from '../../../scorecards/statistics/flag-metrics.ts';
import type { ScoredRows } from './measure-rows.ts';
import { measured, measurementOf, perSlice, sliceColumn, type OfSlice, type Measuring } from './measure-slices.ts';
import { doubleLiteral } from './sql-text.ts';

interface FlagRow extends OfSlice {
  readonly positive: boolean;
  readonly challenger: boolean;
  readonly champion: boolean;
  readonly rows: number;
  readonly labels: number;
  readonly squares: number;
}

/** Metrics of the flags that each model's own cut gives, from the counts of label × flag × flag. */
export const measureFlags: Measuring = async (rows, criterion) => {
  const metric = FLAG_METRICS.find((name) => name === criterion.metric);
  if (metric === undefined) return [];
  const cells = await countFlags(rows, criterion);
  const withChampion = (cell: FlagRow): FlagCell => (rows.hasChampion ? cell : { ...cell, champion: undefined });
  return perSlice(rows, criterion, cells, (ofSlice) => {
    const { n, estimates, why } = flagMetric({ ...criterion, metric }, ofSlice.map(withChampion));
    return measured(n, estimates, why);
  });
};

/** Gaps between the groups of `by`: one number, not one per group. n is that of the smallest group. */
export const measureGaps: Measuring = async (rows, criterion) => {
  const { name, by, confidence } = criterion;
  const metric = GROUP_GAPS.find((one) => one === criterion.metric);
  if (by === undefined || metric === undefined)
    return [measurementOf(name, null, { n: 0, why: 'the criterion names no column of groups in `by`' })];
  const found = await countFlags(rows, criterion);
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

async function countFlags(rows: ScoredRows, criterion: ScorecardCriterion): Promise<readonly FlagRow[]> {
  const slice = sliceColumn(rows, criterion);
  const flag = (score: 'a' | 'b', cut: number | undefined) =>
    criterion.metric === 'precisionAtK'
      ? amongTop(score, slice, criterion.k)
      : `${score} >= ${doubleLiteral(cut ?? 0)}`;
  return await rows.session.rows<FlagRow>(
    `SELECT slice, y > 0 AS positive, challenger, champion, count(*)::DOUBLE AS rows,
            sum(y)::DOUBLE AS labels, sum(y * y)::DOUBLE AS squares
     FROM (SELECT ${slice} AS slice, y, ${flag('a', rows.cuts.challenger)} AS challenger,
                  ${rows.hasChampion ? flag('b', rows.cuts.champion) : 'false'} AS champion FROM scored)
     GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
  );
}

/** The k highest of the slice; rows with the score of the k-th are all in. A k below 1 is a share of the rows. */
function amongTop(score: 'a' | 'b', slice: string, k = 0.1): string {
  const within = `OVER (PARTITION BY ${slice}`;
  const places = k < 1 ? `ceil(${k} * count(*) ${within}))` : `${k}`;
  return `rank() ${within} ORDER BY ${score} DESC) <= ${places}`;
}
