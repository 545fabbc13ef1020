import type { CountStatistic } from './count-bootstrap.ts';

/** Rows of one group with the same label that each model flags or does not flag. */
export interface GroupCell {
  readonly group: string;
  readonly positive: boolean;
  readonly challenger: boolean;
  readonly champion?: boolean;
}

type Model = 'challenger' | 'champion';

export type GroupGap = 'demographicParity' | 'demographicParityRatio' | 'equalizedOdds' | 'equalOpportunity';

/** Rows whose shares of flags are compared: all, or those of one label. */
const COMPARED: Readonly<Record<GroupGap, readonly (boolean | undefined)[]>> = {
  demographicParity: [undefined],
  demographicParityRatio: [undefined],
  equalizedOdds: [true, false],
  equalOpportunity: [true],
};

/**
 * Largest difference between two groups in the share of rows that are flagged (`demographicParity`), or the smallest share over
 * the largest (`demographicParityRatio`); the largest difference in true positive rate (`equalOpportunity`), or the larger of
 * those in true and in false positive rate (`equalizedOdds`; Hardt, Price and Srebro, NeurIPS 2016): all as fairlearn defines
 * them. Undefined with fewer than two groups, or when a group lacks the rows that a rate needs.
 */
export function groupGap(metric: GroupGap, cells: readonly GroupCell[]): CountStatistic {
  const groups = [...new Set(cells.map(({ group }) => group))];
  const withChampion = cells.some(({ champion }) => champion !== undefined);
  const labels = COMPARED[metric];
  const spread = metric === 'demographicParityRatio' ? ratio : range;
  return (counts) => {
    if (groups.length < 2) return undefined;
    const gapOf = (model: Model) =>
      Math.max(
        ...labels.map((label) => spread(groups.map((group) => flaggedShare(cells, counts, { group, label, model })))),
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

/** NaN when nobody is flagged at all. */
const ratio = (numbers: readonly number[]): number => Math.min(...numbers) / Math.max(...numbers);
