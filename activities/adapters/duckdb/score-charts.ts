import { scoreGrid, type ScoreBin, type ScoreBins, type ScoreGrid } from '../../../scorecards/candidate/charts.ts';
import type { ScoredRows } from './measure-rows.ts';
import { doubleLiteral } from './sql-text.ts';

interface Cell {
  readonly binA: number;
  readonly binB: number | null;
  readonly rows: number;
  readonly positives: number;
  readonly labels: number;
  readonly scoresA: number;
  readonly scoresB: number | null;
}

/** Rows by bin of both scores, from one grouped scan after one for the ends; undefined where no row can be measured. */
export async function binScores({
  hasChampion,
  session,
}: Pick<ScoredRows, 'hasChampion' | 'session'>): Promise<ScoreBins | undefined> {
  const { least, greatest, binary } = await session.row<{
    least: number | null;
    greatest: number | null;
    binary: boolean | null;
  }>('SELECT min(least(a, b)) AS least, max(greatest(a, b)) AS greatest, bool_and(y IN (0, 1)) AS binary FROM scored');
  if (least === null || greatest === null) return undefined;
  const grid = scoreGrid(least, greatest);
  const cells = await session.rows<Cell>(
    `SELECT ${binOf('a', grid)} AS "binA", ${binOf('b', grid)} AS "binB", count(*)::DOUBLE AS rows,
            sum((y > 0)::INTEGER)::DOUBLE AS positives, sum(y) AS labels, sum(a) AS "scoresA", sum(b) AS "scoresB"
     FROM scored GROUP BY 1, 2 ORDER BY 1, 2`,
  );
  return {
    ...grid,
    labels: binary === true ? 'binary' : 'numeric',
    challenger: binsOf(cells.map((cell) => ({ ...cell, at: cell.binA, scores: cell.scoresA }))),
    ...(hasChampion
      ? { champion: binsOf(cells.map((cell) => ({ ...cell, at: cell.binB ?? 0, scores: cell.scoresB ?? 0 }))) }
      : {}),
  };
}

const binOf = (score: 'a' | 'b', { bins, low, step }: ScoreGrid): string =>
  `greatest(0, least(${bins - 1}, floor((${score} - ${doubleLiteral(low)}) / ${doubleLiteral(step)} + 1e-9)))::DOUBLE`;

interface Part extends Pick<Cell, 'rows' | 'positives' | 'labels'> {
  readonly at: number;
  readonly scores: number;
}

/** The cells of one model's bins put together, ascending. */
function binsOf(parts: readonly Part[]): readonly ScoreBin[] {
  const bins = new Map<number, Part>();
  for (const part of parts) {
    const { labels, positives, rows, scores } = bins.get(part.at) ?? { labels: 0, positives: 0, rows: 0, scores: 0 };
    bins.set(part.at, {
      at: part.at,
      rows: rows + part.rows,
      positives: positives + part.positives,
      labels: labels + part.labels,
      scores: scores + part.scores,
    });
  }
  return [...bins.values()]
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, labels, positives, rows, scores }) => ({
      at,
      rows,
      positives,
      meanScore: scores / rows,
      meanLabel: labels / rows,
    }));
}
