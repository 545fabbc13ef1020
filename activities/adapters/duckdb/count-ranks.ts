import {
  aucInfluence,
  precisionInfluence,
  type AucInfluence,
  type PrecisionInfluence,
  type RankedClasses,
  type SharedInfluence,
} from '../../../scorecards/statistics/ranked-classes.ts';
import type { RowGroup } from './row-groups.ts';
import { isOneScore } from './score-codes.ts';

/** Bins of equal counts of each model's own scores. */
const CALIBRATION_BINS = 10;
/** Bytes that the counts of one group may take; more segments make do with coarser codes. */
const GROUP_BYTES = 8 * 1024 * 1024;
/** Of one code, label and slice: a count and two influences for each model. */
const CODE_BYTES = 2 * (4 + 16);
/** Rows, Σ score of the challenger, Σ score of the champion. */
const BIN_SUMS = 3;

/** One model's rows by slice, label and code. */
export interface ModelRanks {
  readonly counts: Uint32Array;
  /** Influences on area and average precision, side by side, by slice, label and code; set when all rows are counted. */
  influences: Float64Array;
  /** The calibration bin of each slice and code. */
  bins: Uint8Array;
  auc: readonly AucInfluence[];
  precision: readonly (PrecisionInfluence | undefined)[];
}

/** Counts of one group. `codes` are those of the scores without their last `shift` bits. */
export interface GroupRanks {
  readonly group: RowGroup;
  readonly shift: number;
  readonly codes: number;
  readonly models: readonly ModelRanks[];
  /** Σ of the products of both models' influences by slice and label: area, average precision. */
  readonly shared: Float64Array;
  /** Rows and sums of scores by slice, label and both models' calibration bins. */
  readonly binned: Float64Array;
}

/** What a chunk gives: of each row its label, its cell of the group's block, and each model's score and code. */
export interface CodedChunk {
  readonly rows: number;
  readonly y: Float64Array;
  readonly cells: Int32Array;
  readonly scores: readonly Float64Array[];
  readonly codes: readonly Int32Array[];
}

export function groupRanks(group: RowGroup, codesOfModels: readonly number[]): GroupRanks {
  const slices = Math.max(1, group.values.length);
  const finest = Math.max(...codesOfModels);
  let shift = 0;
  while (2 * slices * ((finest >> shift) + 1) * CODE_BYTES > GROUP_BYTES) shift += 1;
  const codes = ((finest - 1) >> shift) + 1;
  return {
    group,
    shift,
    codes,
    models: codesOfModels.map(() => ({
      counts: new Uint32Array(slices * 2 * codes),
      influences: new Float64Array(0),
      bins: new Uint8Array(0),
      auc: [],
      precision: [],
    })),
    shared: new Float64Array(slices * 2 * 2),
    binned: new Float64Array(slices * 2 * CALIBRATION_BINS ** 2 * BIN_SUMS),
  };
}

/** The first scan: rows by slice, label and code. */
export function countCodes({ group, shift, codes, models }: GroupRanks, chunk: CodedChunk): void {
  const { y, cells, rows } = chunk;
  for (const [model, { counts }] of models.entries()) {
    const own = chunk.codes[model] ?? new Int32Array(0);
    for (let row = 0; row < rows; row += 1) {
      const place = group.placeOf[cells[row] ?? 0] ?? 0;
      const at = (place * 2 + ((y[row] ?? 0) > 0 ? 1 : 0)) * codes + ((own[row] ?? 0) >> shift);
      counts[at] = (counts[at] ?? 0) + 1;
    }
  }
}

/** Rows of one slice by label and code. */
export function classesOf({ codes, shift }: GroupRanks, { counts }: ModelRanks, place: number): RankedClasses {
  const of = (label: 0 | 1) => counts.subarray((place * 2 + label) * codes, (place * 2 + label + 1) * codes);
  return { negative: of(0), positive: of(1), isTie: isOneScore(shift) };
}

/** Between the scans: what a row of each slice, label and code does to both numbers, and its calibration bin. */
export function rankCodes(ranks: GroupRanks): void {
  const { codes, group, models } = ranks;
  for (const model of models) {
    const classes = group.values.map((_, place) => classesOf(ranks, model, place));
    model.auc = classes.map(aucInfluence);
    model.precision = classes.map(precisionInfluence);
    model.bins = new Uint8Array(classes.length * codes);
    for (const [place, rows] of classes.entries())
      fillBins(rows, model.bins.subarray(place * codes, (place + 1) * codes));
    // Without a second model nothing is shared.
    if (models.length < 2) continue;
    model.influences = new Float64Array(classes.length * 2 * codes * 2);
    for (const place of classes.keys()) fillInfluences(ranks, model, place);
  }
}

function fillBins({ negative, positive }: RankedClasses, bins: Uint8Array): void {
  const rowsOf = (code: number): number => (negative[code] ?? 0) + (positive[code] ?? 0);
  const total = bins.reduce((sum, _, code) => sum + rowsOf(code), 0);
  let below = 0;
  for (let code = 0; code < bins.length; code += 1) {
    bins[code] = total === 0 ? 0 : Math.min(CALIBRATION_BINS - 1, Math.floor((CALIBRATION_BINS * below) / total));
    below += rowsOf(code);
  }
}

function fillInfluences({ codes }: GroupRanks, { auc, influences, precision }: ModelRanks, place: number): void {
  for (const [label, name] of (['negative', 'positive'] as const).entries()) {
    const [area, mean] = [auc[place]?.[name], precision[place]?.[name]];
    const from = (place * 2 + label) * codes;
    for (let code = 0; code < codes; code += 1) {
      influences[(from + code) * 2] = area?.[code] ?? 0;
      influences[(from + code) * 2 + 1] = mean?.[code] ?? 0;
    }
  }
}

/** The second scan: what both models share, and rows by both models' calibration bins. */
export function sharePairs({ binned, codes, group, models, shared, shift }: GroupRanks, chunk: CodedChunk): void {
  const [first, second] = models;
  const [codesA, codesB = codesA] = chunk.codes;
  const [scoresA, scoresB] = chunk.scores;
  if (first === undefined || codesA === undefined || codesB === undefined) return;
  for (let row = 0; row < chunk.rows; row += 1) {
    const place = group.placeOf[chunk.cells[row] ?? 0] ?? 0;
    const label = place * 2 + ((chunk.y[row] ?? 0) > 0 ? 1 : 0);
    const a = (codesA[row] ?? 0) >> shift;
    let bin = (first.bins[place * codes + a] ?? 0) * CALIBRATION_BINS;
    if (second !== undefined) {
      const b = (codesB[row] ?? 0) >> shift;
      bin += second.bins[place * codes + b] ?? 0;
      const [atA, atB] = [(label * codes + a) * 2, (label * codes + b) * 2];
      shared[label * 2] = (shared[label * 2] ?? 0) + (first.influences[atA] ?? 0) * (second.influences[atB] ?? 0);
      shared[label * 2 + 1] =
        (shared[label * 2 + 1] ?? 0) + (first.influences[atA + 1] ?? 0) * (second.influences[atB + 1] ?? 0);
    }
    const at = (label * CALIBRATION_BINS ** 2 + bin) * BIN_SUMS;
    binned[at] = (binned[at] ?? 0) + 1;
    binned[at + 1] = (binned[at + 1] ?? 0) + (scoresA?.[row] ?? 0);
    binned[at + 2] = (binned[at + 2] ?? 0) + (scoresB?.[row] ?? 0);
  }
}

/** What both models share in one slice. */
export const sharedOf = ({ shared }: GroupRanks, place: number, number: 'auc' | 'precision'): SharedInfluence => {
  const at = number === 'auc' ? 0 : 1;
  return { negative: shared[place * 4 + at] ?? 0, positive: shared[place * 4 + 2 + at] ?? 0 };
};

/** Rows of one slice with the same label and calibration bins. */
export interface BinRow {
  readonly positive: boolean;
  readonly binA: number;
  readonly binB: number;
  readonly rows: number;
  readonly meanA: number;
  readonly meanB: number;
}

/** Ascending by label and bins; those without rows are left out. */
export function binRows({ binned }: GroupRanks, place: number): readonly BinRow[] {
  const cells = CALIBRATION_BINS ** 2;
  return Array.from({ length: 2 * cells }, (_, cell): BinRow => {
    const at = (place * 2 * cells + cell) * BIN_SUMS;
    const rows = binned[at] ?? 0;
    return {
      positive: cell >= cells,
      binA: Math.floor((cell % cells) / CALIBRATION_BINS),
      binB: cell % CALIBRATION_BINS,
      rows,
      meanA: (binned[at + 1] ?? 0) / rows,
      meanB: (binned[at + 2] ?? 0) / rows,
    };
  }).filter(({ rows }) => rows > 0);
}
