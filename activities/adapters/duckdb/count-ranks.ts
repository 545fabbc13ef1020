import {
  aucInfluence,
  precisionInfluence,
  type AucInfluence,
  type PrecisionInfluence,
  type RankedClasses,
  type SharedInfluence,
} from '../../../scorecards/statistics/ranked-classes.ts';
import { addTo, byteAt, doubleAt, wholeAt } from './array-items.ts';
import type { RowGroup } from './row-groups.ts';
import { isOneScore } from './score-codes.ts';

/** Bins of equal counts of each model's own scores. */
const CALIBRATION_BINS = 10;
/** Counts of one model in one group; more segments make do with coarser codes. */
const MOST_COUNTS = 1_048_576;
/** Influences are looked up for each row: these many of them stay in the processor's cache. */
const MOST_INFLUENCES = 32_768;
/** Rows, Σ score of the challenger, Σ score of the champion. */
const BIN_SUMS = 3;

const EMPTY = new Float64Array(0);

/** One model's rows by slice, label and code. */
export interface ModelRanks {
  readonly counts: Uint32Array;
  /**
   * Mean influences on area and average precision, side by side, by slice, label and code less its last `coarse` bits; set when
   * all rows are counted. What rows within one such code share is left out: it would only make an interval narrower.
   */
  influences: Float64Array;
  /** The calibration bin of each slice and code. */
  bins: Uint8Array;
  /** Of each slice, without the tables. */
  readonly auc: AucInfluence[];
  readonly precision: (PrecisionInfluence | undefined)[];
}

/** Counts of one group. `codes` are those of the scores without their last `shift` bits. */
export interface GroupRanks {
  readonly group: RowGroup;
  readonly shift: number;
  readonly codes: number;
  readonly coarse: number;
  readonly models: readonly ModelRanks[];
  /** Whether the second scan sums what AUC and average precision need, and what calibration needs. */
  readonly asked: { readonly shared: boolean; readonly binned: boolean };
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

export function groupRanks(group: RowGroup, codesOfModels: readonly number[], asked: GroupRanks['asked']): GroupRanks {
  const slices = Math.max(1, group.values.length);
  const finest = Math.max(...codesOfModels);
  const shift = shiftFor(finest, MOST_COUNTS / 2 / slices);
  const codes = ((finest - 1) >> shift) + 1;
  return {
    group,
    asked,
    shift,
    codes,
    coarse: shiftFor(codes, MOST_INFLUENCES / 2 / slices),
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

/** How many bits must go so that at most so many codes are left. */
function shiftFor(codes: number, most: number): number {
  let shift = 0;
  while (((codes - 1) >> shift) + 1 > most) shift += 1;
  return shift;
}

/** The first scan: rows by slice, label and code. */
export function countCodes({ group, shift, codes, models }: GroupRanks, chunk: CodedChunk): void {
  const { y, cells, rows } = chunk;
  const { placeOf } = group;
  for (const [model, { counts }] of models.entries()) {
    const own = chunk.codes[model] ?? cells;
    for (let row = 0; row < rows; row += 1) {
      const label = (placeOf[cells[row] ?? 0] ?? 0) * 2 + ((y[row] ?? 0) > 0 ? 1 : 0);
      const at = label * codes + ((own[row] ?? 0) >> shift);
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
  const coarse = ((codes - 1) >> ranks.coarse) + 1;
  for (const model of models) {
    const slices = group.values.length;
    model.bins = new Uint8Array(slices * codes);
    // Without a second model nothing is shared.
    model.influences = new Float64Array(models.length < 2 ? 0 : slices * 2 * coarse * 2);
    for (const place of group.values.keys()) {
      const rows = classesOf(ranks, model, place);
      fillBins(rows, model.bins.subarray(place * codes, (place + 1) * codes));
      const [auc, precision] = [aucInfluence(rows), precisionInfluence(rows)];
      // Of the large tables only the mean of neighbours is kept.
      model.auc.push({ ...auc, positive: EMPTY, negative: EMPTY });
      model.precision.push(precision && { ...precision, positive: EMPTY, negative: EMPTY });
      for (const [label, name] of (['negative', 'positive'] as const).entries()) {
        const from = (place * 2 + label) * coarse * 2;
        const into = model.influences.subarray(from, from + coarse * 2);
        fillInfluences(into, { of: [auc[name], precision?.[name]], rows: rows[name], shift: ranks.coarse });
      }
    }
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

interface Fine {
  readonly of: readonly (Float64Array | undefined)[];
  readonly rows: ArrayLike<number>;
  readonly shift: number;
}

function fillInfluences(into: Float64Array, { of, rows, shift }: Fine): void {
  if (into.length === 0) return;
  const counts = new Float64Array(into.length / 2);
  for (let code = 0; code < rows.length; code += 1) addTo(counts, code >> shift, rows[code] ?? 0);
  for (const [at, influence = EMPTY] of of.entries())
    for (let code = 0; code < influence.length; code += 1) {
      const share = shift === 0 ? 1 : (rows[code] ?? 0) / Math.max(1, doubleAt(counts, code >> shift));
      addTo(into, (code >> shift) * 2 + at, share * doubleAt(influence, code));
    }
}

/** The second scan: what both models share, and rows by both models' calibration bins. */
export function sharePairs(ranks: GroupRanks, chunk: CodedChunk): void {
  const [first, second = first] = ranks.models;
  if (first === undefined || second === undefined) return;
  if (ranks.asked.shared && second !== first) addShared(ranks, first.influences, second.influences, chunk);
  if (ranks.asked.binned)
    addBinned(ranks, first.bins, second === first ? new Uint8Array(first.bins.length) : second.bins, chunk);
}

// In loops over rows nothing is destructured: that would make an array for each row.

function addShared(
  { codes, coarse, group, shared, shift }: GroupRanks,
  ofA: Float64Array,
  ofB: Float64Array,
  { cells, codes: byModel, rows, y }: CodedChunk,
): void {
  const { placeOf } = group;
  const codesA = byModel[0] ?? cells;
  const codesB = byModel[1] ?? cells;
  const bits = shift + coarse;
  const each = ((codes - 1) >> coarse) + 1;
  for (let row = 0; row < rows; row += 1) {
    const label = wholeAt(placeOf, wholeAt(cells, row)) * 2 + (doubleAt(y, row) > 0 ? 1 : 0);
    const atA = (label * each + (wholeAt(codesA, row) >> bits)) * 2;
    const atB = (label * each + (wholeAt(codesB, row) >> bits)) * 2;
    addTo(shared, label * 2, doubleAt(ofA, atA) * doubleAt(ofB, atB));
    addTo(shared, label * 2 + 1, doubleAt(ofA, atA + 1) * doubleAt(ofB, atB + 1));
  }
}

function addBinned(
  { binned, codes, group, shift }: GroupRanks,
  binsA: Uint8Array,
  binsB: Uint8Array,
  { cells, codes: byModel, rows, scores, y }: CodedChunk,
): void {
  const { placeOf } = group;
  const codesA = byModel[0] ?? cells;
  const codesB = byModel[1] ?? codesA;
  const scoresA = scores[0] ?? y;
  const scoresB = scores[1] ?? scoresA;
  for (let row = 0; row < rows; row += 1) {
    const place = wholeAt(placeOf, wholeAt(cells, row));
    const a = byteAt(binsA, place * codes + (wholeAt(codesA, row) >> shift));
    const b = byteAt(binsB, place * codes + (wholeAt(codesB, row) >> shift));
    const label = place * 2 + (doubleAt(y, row) > 0 ? 1 : 0);
    const at = (label * CALIBRATION_BINS * CALIBRATION_BINS + a * CALIBRATION_BINS + b) * BIN_SUMS;
    addTo(binned, at, 1);
    addTo(binned, at + 1, doubleAt(scoresA, row));
    addTo(binned, at + 2, doubleAt(scoresB, row));
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
