import type { CountStatistic } from './count-bootstrap.ts';

/** Rows of one group with the same label that each model flags or does not flag. */
export interface GroupCell {
  readonly group: string;
  readonly positive: boolean;
  readonly challenger: boolean;
  readonly champion?: boolean;
}

type Model = 'challenger' | 'champion';

/**
 * Largest difference between two groups in the share of rows that are flagged (`demographicParity`), or the larger of the
 * largest differences in true and in false positive rate (`equalizedOdds`; Hardt, Price and Srebro, NeurIPS 2016), as fairlearn
 * defines both. Undefined with fewer than two groups, or when a group lacks the rows that a rate needs.
 */
export function groupGap(metric: 'demographicParity' | 'equalizedOdds', cells: readonly GroupCell[]): CountStatistic {
  const groups = [...new Set(cells.map(({ group }) => group))];
  const withChampion = cells.some(({ champion }) => champion !== undefined);
  const labels = metric === 'demographicParity' ? [undefined] : [true, false];
  return (counts) => {
    if (groups.length < 2) return undefined;
    const gapOf = (model: Model) =>
      Math.max(
        ...labels.map((label) => range(groups.map((group) => flaggedShare(cells, counts, { group, label, model })))),
      );
    const gaps = { challenger: gapOf('challenger'), ...(withChampion ? { champion: gapOf('champion') } : {}) };
    return Object.values(gaps).every(Number.isFinite) ? gaps : undefined;
  };
}

interface Asked {
  readonly group: string;
  readonly label: boolean | undefined;
  readonly model: Model;
}

/** NaN without rows: then the gap is undefined as a whole. */
function flaggedShare(cells: readonly GroupCell[], counts: readonly number[], { group, label, model }: Asked): number {
  let [rows, flagged] = [0, 0];
  for (const [index, cell] of cells.entries()) {
    if (cell.group !== group || (label !== undefined && cell.positive !== label)) continue;
    rows += counts[index] ?? 0;
    if (cell[model] === true) flagged += counts[index] ?? 0;
  }
  return flagged / rows;
}

const range = (numbers: readonly number[]): number => Math.max(...numbers) - Math.min(...numbers);
