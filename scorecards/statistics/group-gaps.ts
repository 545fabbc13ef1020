import { isOfParts } from '../parts.ts';
import type { CountStatistic } from './count-bootstrap.ts';

/** Rows of one group with the same label that each model flags or does not flag. */
export interface GroupCell {
  readonly group: string;
  readonly positive: boolean;
  readonly challenger: boolean;
  readonly champion?: boolean;
}

export type Model = 'challenger' | 'champion';

export const GROUP_GAPS = [
  'equalizedOdds',
  'demographicParity',
  'demographicParityRatio',
  'equalizedOddsRatio',
  'equalOpportunity',
  'equalOpportunityRatio',
] as const;
/** Metrics that compare the groups of a column with each other: one number, and not one for each of them. */
export const GROUP_METRICS = [...GROUP_GAPS, 'calibrationGap'] as const;
const ACROSS_SLICES: ReadonlySet<string> = new Set(GROUP_METRICS);
/** Whether a criterion is one number of all its slices together. */
export const isAcrossSlices = ({ metric }: { readonly metric: string }): boolean =>
  ACROSS_SLICES.has(metric) || isOfParts(metric);
export type GroupGap = (typeof GROUP_GAPS)[number];

export const isGap = (metric: string): metric is GroupGap => Object.hasOwn(COMPARED, metric);

/** Whether the metric is a ratio of shares, the larger the better, and not a difference. */
export const isRatio = (metric: GroupGap): boolean => metric.endsWith('Ratio');

/** Rows whose shares of flags are compared: all, or those of one label. */
export const COMPARED: Readonly<Record<GroupGap, readonly (boolean | undefined)[]>> = {
  demographicParity: [undefined],
  demographicParityRatio: [undefined],
  equalizedOdds: [true, false],
  equalizedOddsRatio: [true, false],
  equalOpportunity: [true],
  equalOpportunityRatio: [true],
};

/**
 * Largest difference between two groups in the share of rows that are flagged (`demographicParity`), or the smallest share over
 * the largest (`demographicParityRatio`); the largest difference in true positive rate (`equalOpportunity`), or the smallest over
 * the largest (`equalOpportunityRatio`); the larger of the differences in true and in false positive rate (`equalizedOdds`; Hardt,
 * Price and Srebro, NeurIPS 2016), or the smaller of their ratios (`equalizedOddsRatio`): all as fairlearn defines them. Undefined
 * with fewer than two groups, or when a group lacks the rows that a rate needs.
 */
export function groupGap(metric: GroupGap, cells: readonly GroupCell[]): CountStatistic {
  const places = placesOf(cells);
  const withChampion = cells.some(({ champion }) => champion !== undefined);
  const labels = COMPARED[metric];
  const spread = isRatio(metric) ? ratio : range;
  const worst = isRatio(metric) ? Math.min : Math.max;
  return (counts) => {
    if (places.groups < 2) return undefined;
    const gapOf = (model: Model) =>
      worst(...labels.map((label) => spread(flaggedShares(cells, counts, { places, label, model }))));
    const gaps = { challenger: gapOf('challenger'), ...(withChampion ? { champion: gapOf('champion') } : {}) };
    return Object.values(gaps).every(Number.isFinite) ? gaps : undefined;
  };
}

/** Of each cell the place of its group in the answer. */
interface Places {
  readonly groups: number;
  readonly ofCell: Int32Array;
}

interface Asked {
  readonly places: Places;
  readonly label: boolean | undefined;
  readonly model: Model;
}

/** Groups in the order in which they are met. */
export function placesOf(cells: readonly GroupCell[]): Places {
  const known = new Map([...new Set(cells.map(({ group }) => group))].map((group, place) => [group, place]));
  return { groups: known.size, ofCell: Int32Array.from(cells, ({ group }) => known.get(group) ?? 0) };
}

/** One share for each group; NaN where a group has no rows: then the gap is undefined as a whole. */
const flaggedShares = (cells: readonly GroupCell[], counts: readonly number[], asked: Asked): readonly number[] =>
  flagCounts(cells, counts, asked).map(({ flagged, rows }) => flagged / rows);

/** The rows of each group that are compared, and those of them that are flagged. */
export function flagCounts(
  cells: readonly GroupCell[],
  counts: readonly number[],
  { label, model, places }: Asked,
): readonly { readonly rows: number; readonly flagged: number }[] {
  const sums = Array.from({ length: places.groups }, () => ({ rows: 0, flagged: 0 }));
  // Asked hundreds of times, with redrawn counts.
  for (let index = 0; index < cells.length; index += 1) {
    const cell = cells[index];
    const sum = sums[places.ofCell[index] ?? -1];
    if (!cell || !sum || (label !== undefined && cell.positive !== label)) continue;
    sum.rows += counts[index] ?? 0;
    if (cell[model] === true) sum.flagged += counts[index] ?? 0;
  }
  return sums;
}

const range = (numbers: readonly number[]): number => Math.max(...numbers) - Math.min(...numbers);

/** NaN when nobody is flagged at all. */
const ratio = (numbers: readonly number[]): number => Math.min(...numbers) / Math.max(...numbers);
