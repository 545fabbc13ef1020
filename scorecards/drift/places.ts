import type { PairedCounts } from '../statistics/paired-counts.ts';
import { sumOf } from '../statistics/paired-counts.ts';
import type { Places } from '../statistics/wasserstein.ts';
import type { Grid } from './sketch.ts';
import { softsignEdge } from './softsign.ts';

type Fine = PairedCounts & { readonly keys: readonly number[] };

/**
 * Where the rows of fine bins lie, in scales: the grid's, or the baseline's own spread for exact values without one; scores lie
 * from 0 to 1 as they are. Undefined for categories and when rows lie in an outermost bin, which has no outer edge.
 */
export function placesOf(grid: Grid, fine: Fine): Places | undefined {
  const { keys } = fine;
  switch (grid.kind) {
    case 'categories':
      return undefined;
    case 'values': {
      const scale = grid.coarser?.scale ?? spreadOf(fine);
      const values = keys.map((key) => key / scale);
      return { left: values, right: values };
    }
    case 'unit':
      return {
        left: keys.map((key) => key / grid.bins),
        right: keys.map((key) => Math.min(1, (key + 1) / grid.bins)),
      };
    case 'softsign': {
      if (keys.some((key) => Math.abs(key) >= grid.halfBins)) return undefined;
      return {
        left: keys.map((key) => softsignEdge(key - 1, grid.halfBins)),
        right: keys.map((key) => softsignEdge(key, grid.halfBins)),
      };
    }
  }
}

/** As a softsign grid is scaled: the baseline's interquartile range; where that is 0 its standard deviation, else 1. */
function spreadOf({ keys, baseline }: Fine): number {
  const total = sumOf(baseline);
  const quartile = (share: number) => {
    let below = 0;
    return keys.find((_, place) => (below += baseline[place] ?? 0) >= share * total) ?? 0;
  };
  const mean = keys.reduce((sum, key, place) => sum + key * ((baseline[place] ?? 0) / total), 0);
  const variance = keys.reduce((sum, key, place) => sum + (key - mean) ** 2 * ((baseline[place] ?? 0) / total), 0);
  const candidates = [quartile(0.75) - quartile(0.25), Math.sqrt(variance)];
  return candidates.find((scale) => scale > 0 && Number.isFinite(scale) && Number.isFinite(1 / scale)) ?? 1;
}
