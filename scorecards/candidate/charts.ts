import type { LatencyPair, LatencySample, Load } from './latency.ts';

/** What a report draws and no criterion is judged by: kept as evidence, because the rows are not. */
export interface ScorecardCharts {
  readonly scores?: ScoreBins;
  /** Absent where there was no load run. */
  readonly latency?: LatencyCurves;
}

/** Scores of both models on the same rows in the same bins: histograms by label, and how well scores agree with labels. */
export interface ScoreBins extends ScoreGrid {
  /** `binary`: every label is 0 or 1. */
  readonly labels: 'binary' | 'numeric';
  /** Ascending; a bin without rows is left out. */
  readonly challenger: readonly ScoreBin[];
  readonly champion?: readonly ScoreBin[];
}

/** Bin i reaches from `low + i × step` to the next; the first and the last also hold what lies beyond them. */
export interface ScoreGrid {
  readonly low: number;
  readonly step: number;
  readonly bins: number;
}

export interface ScoreBin {
  /** The place of the bin, from 0. */
  readonly at: number;
  readonly rows: number;
  /** Rows whose label is above 0. */
  readonly positives: number;
  readonly meanScore: number;
  readonly meanLabel: number;
}

/** Milliseconds at each of `shares`; null where so many requests got no answer that there is none. */
export interface LatencyCurves {
  /** What was offered to each server; absent in load runs from before it was kept. */
  readonly load?: Load;
  readonly shares: readonly number[];
  readonly challenger: LatencyCurve;
  readonly champion?: LatencyCurve;
}

export interface LatencyCurve {
  readonly sent: number;
  readonly failed: number;
  readonly quantilesMs: readonly (number | null)[];
}

const MOST_BINS = 20;
const NICE = [1, 2, 2.5, 5, 10, 20];
const SHARES = [
  0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999,
];

/**
 * At most twenty bins of equal width from the least to the greatest score, with edges that people can read. One score only: one
 * bin around it. Both ends must be finite.
 */
export function scoreGrid(least: number, greatest: number): ScoreGrid {
  const width = (greatest > least ? greatest - least : Math.max(Math.abs(least), 1)) / MOST_BINS;
  const magnitude = 10 ** Math.floor(Math.log10(width));
  // Edges that lie on multiples of the step may need one bin more than the width alone.
  const grids = NICE.map((factor) => gridOf(least, greatest, factor * magnitude));
  return (
    grids.find(({ bins, step }) => bins <= MOST_BINS && step >= width * (1 - 1e-9)) ?? gridOf(least, greatest, width)
  );
}

function gridOf(least: number, greatest: number, step: number): ScoreGrid {
  const first = Math.floor(least / step + 1e-9);
  const after = Math.max(first + 1, Math.ceil(greatest / step - 1e-9));
  return { low: Number((first * step).toPrecision(12)), step: Number(step.toPrecision(12)), bins: after - first };
}

/** Quantiles of both models by nearest rank; an unanswered request is slower than every answer. No request sent: all null. */
export function latencyCurves({ challenger, champion, load }: LatencyPair): LatencyCurves {
  return {
    ...(load ? { load } : {}),
    shares: SHARES,
    challenger: curveOf(challenger),
    ...(champion ? { champion: curveOf(champion) } : {}),
  };
}

function curveOf({ failed, latenciesMs }: LatencySample): LatencyCurve {
  const ascending = latenciesMs.toSorted((a, b) => a - b);
  const sent = latenciesMs.length + failed;
  const at = (share: number) => ascending[Math.max(1, Math.ceil(sent * share - 1e-9)) - 1] ?? null;
  return { sent, failed, quantilesMs: SHARES.map(at) };
}
