import type { Slice, Span } from '../vocabulary.ts';

/** Rows by score bin, in columns; bin b holds the scores in [b/n, (b+1)/n), and bin n a score of exactly 1. */
export interface ScoreCells {
  /** Ascending; only bins with rows. */
  readonly bins: readonly number[];
  readonly rows: readonly number[];
  /** Σ score and Σ score² of the bin. */
  readonly scores: readonly number[];
  readonly squares: readonly number[];
  /** Rows whose score is at or above the operating cut, exactly; all 0 where there is no cut. */
  readonly flagged: readonly number[];
}

/** Everything that is counted of some rows: by label and score bin. Sums of such counts are counts. */
export interface ScoreCounts {
  /** Bins between 0 and 1: 1,024 for all rows, 256 for a slice. */
  readonly resolution: 1024 | 256;
  readonly positive: ScoreCells;
  readonly negative: ScoreCells;
  /** No label is known. */
  readonly unlabelled: ScoreCells;
  /** Labelled rows whose label only stands in for the real one. */
  readonly surrogates: number;
  /** Rows without a score that is a number. */
  readonly unscored: number;
}

export interface SliceCounts extends Slice {
  readonly counts: ScoreCounts;
}

/** One bucket of rows. */
export interface ScoredBucket {
  readonly bucket: Span;
  readonly all: ScoreCounts;
  readonly slices: readonly SliceCounts[];
}

const NONE: ScoreCells = { bins: [], rows: [], scores: [], squares: [], flagged: [] };

/** Counts of no rows. */
export const emptyCounts = (resolution: ScoreCounts['resolution']): ScoreCounts => ({
  resolution,
  positive: NONE,
  negative: NONE,
  unlabelled: NONE,
  surrogates: 0,
  unscored: 0,
});

/** Addition. Throws on counts of different resolution. */
export function mergeCounts(parts: readonly ScoreCounts[], resolution: ScoreCounts['resolution'] = 1024): ScoreCounts {
  const stranger = parts.find((part) => part.resolution !== resolution);
  if (stranger) throw new Error(`cannot add counts of ${stranger.resolution} bins to counts of ${resolution} bins`);
  const cells = (side: 'positive' | 'negative' | 'unlabelled') => mergeCells(parts.map((part) => part[side]));
  return {
    resolution,
    positive: cells('positive'),
    negative: cells('negative'),
    unlabelled: cells('unlabelled'),
    surrogates: parts.reduce((sum, part) => sum + part.surrogates, 0),
    unscored: parts.reduce((sum, part) => sum + part.unscored, 0),
  };
}

function mergeCells(parts: readonly ScoreCells[]): ScoreCells {
  const bins = [...new Set(parts.flatMap((part) => part.bins))].toSorted((a, b) => a - b);
  const place = new Map(bins.map((bin, index) => [bin, index]));
  const add = (field: 'rows' | 'scores' | 'squares' | 'flagged') => {
    const sums = bins.map(() => 0);
    for (const part of parts)
      for (const [index, bin] of part.bins.entries()) {
        const at = place.get(bin) ?? 0;
        sums[at] = (sums[at] ?? 0) + (part[field][index] ?? 0);
      }
    return sums;
  };
  return { bins, rows: add('rows'), scores: add('scores'), squares: add('squares'), flagged: add('flagged') };
}

/** What of some counts has a label. */
export const labelledOf = (counts: ScoreCounts): ScoreCounts => ({ ...counts, unlabelled: NONE });

/** The same rows whatever is known of their labels: what a score histogram alone can tell. */
export const allCells = ({ positive, negative, unlabelled }: ScoreCounts): ScoreCells =>
  mergeCells([positive, negative, unlabelled]);

/** The rows of a slice of several buckets. */
export function sliceOf(buckets: readonly ScoredBucket[], { column, value }: Slice): ScoreCounts {
  const own = buckets.flatMap(({ slices }) =>
    slices.filter((slice) => slice.column === column && slice.value === value),
  );
  return mergeCounts(
    own.map(({ counts }) => counts),
    256,
  );
}

/** One count per bin 0 … resolution. */
export function perBin(cells: ScoreCells, field: 'rows' | 'scores' | 'flagged', resolution: number): readonly number[] {
  const dense = Array.from({ length: resolution + 1 }, () => 0);
  for (const [index, bin] of cells.bins.entries()) dense[bin] = cells[field][index] ?? 0;
  return dense;
}

export const rowsOf = ({ rows }: ScoreCells): number => sum(rows);
export const labelledRows = ({ positive, negative }: ScoreCounts): number => rowsOf(positive) + rowsOf(negative);
/** Rows with a score, whatever is known of their labels. */
export const scoredRows = (counts: ScoreCounts): number => labelledRows(counts) + rowsOf(counts.unlabelled);

export const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
