import type { CountStatistic } from './count-bootstrap.ts';

/** Rows that fall into the same score bin of each model and have the same label. */
export interface CalibrationCell {
  readonly rows: number;
  readonly positive: boolean;
  readonly challenger: { readonly bin: number; readonly meanScore: number };
  readonly champion?: { readonly bin: number; readonly meanScore: number };
}

/**
 * Expected calibration error Σ_bins (n_bin / n) · |mean score − share of positives| (Naeini, Cooper and Hauskrecht, AAAI 2015),
 * as a statistic of the cells' counts. Bins hold equal numbers of rows of their own model's scores.
 */
export function calibrationError(cells: readonly CalibrationCell[]): CountStatistic {
  const withChampion = cells.some(({ champion }) => champion !== undefined);
  // Of each cell its bin among those that occur, and how far its scores are above its labels; asked hundreds of times.
  const placesOf = (model: 'challenger' | 'champion') => {
    const known = new Map<number, number>();
    const place = cells.map(({ [model]: placed }) => {
      const bin = placed?.bin ?? -1;
      known.set(bin, known.get(bin) ?? known.size);
      return known.get(bin) ?? 0;
    });
    const gap = cells.map(({ positive, [model]: placed }) => (placed ? placed.meanScore - (positive ? 1 : 0) : 0));
    return { place: Int32Array.from(place), gap: Float64Array.from(gap), gaps: new Float64Array(known.size) };
  };
  const places = { challenger: placesOf('challenger'), champion: placesOf('champion') };
  return (counts) => {
    const rows = counts.reduce((sum, count) => sum + count, 0);
    if (rows === 0) return undefined;
    const errorOf = (model: 'challenger' | 'champion') => {
      const { gap, gaps, place } = places[model];
      gaps.fill(0);
      for (let cell = 0; cell < place.length; cell += 1) {
        const bin = place[cell] ?? 0;
        gaps[bin] = (gaps[bin] ?? 0) + (counts[cell] ?? 0) * (gap[cell] ?? 0);
      }
      return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / rows;
    };
    return { challenger: errorOf('challenger'), ...(withChampion ? { champion: errorOf('champion') } : {}) };
  };
}
