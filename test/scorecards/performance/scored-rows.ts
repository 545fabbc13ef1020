import { emptyCounts } from '../../../scorecards/performance/score-counts.ts';
import type { ScoreCells, ScoreCounts } from '../../../scorecards/performance/score-counts.ts';

export interface ScoredRow {
  readonly score: number;
  readonly label: 0 | 1 | null;
}

/** Counts rows as the scan does, row by row. */
export function countRows(rows: readonly ScoredRow[], cut = 0.5, resolution: 1024 | 256 = 1024): ScoreCounts {
  const side = (label: ScoredRow['label']) =>
    cellsOf(
      rows.filter((row) => row.label === label).map(({ score }) => score),
      cut,
      resolution,
    );
  return { ...emptyCounts(resolution), positive: side(1), negative: side(0), unlabelled: side(null) };
}

function cellsOf(scores: readonly number[], cut: number, resolution: number): ScoreCells {
  const binOf = (score: number) => Math.floor(score * resolution);
  const bins = [...new Set(scores.map(binOf))].toSorted((a, b) => a - b);
  const sums = new Map(bins.map((bin) => [bin, { rows: 0, scores: 0, squares: 0, flagged: 0 }]));
  for (const score of scores) {
    const cell = sums.get(binOf(score));
    if (cell === undefined) continue;
    cell.rows += 1;
    cell.scores += score;
    cell.squares += score * score;
    cell.flagged += Number(score >= cut);
  }
  const column = (field: 'rows' | 'scores' | 'squares' | 'flagged') => [...sums.values()].map((cell) => cell[field]);
  return {
    bins,
    rows: column('rows'),
    scores: column('scores'),
    squares: column('squares'),
    flagged: column('flagged'),
  };
}
