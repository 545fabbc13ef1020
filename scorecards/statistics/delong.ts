import { normalPair, SHARE, type PairedEstimates } from './paired-estimates.ts';

/**
 * Placements of one class: for a positive row the number of negatives that score lower, for a negative row the number of
 * positives that score lower; an equal score counts half. In terms of midranks: rank among all rows minus rank within the class.
 */
export interface Placements {
  readonly rows: number;
  /** Mean and sample variance over the rows of the class. */
  readonly challenger: { readonly mean: number; readonly variance: number };
  readonly champion?: { readonly mean: number; readonly variance: number };
  readonly covariance?: number;
}

/**
 * Area under the ROC curve of both models with DeLong's variances and covariance (DeLong, DeLong and Clarke-Pearson,
 * Biometrics 44, 1988, in the midrank form of Sun and Xu, IEEE Signal Processing Letters 21, 2014). The covariance is what
 * makes the difference a paired one. Undefined with fewer than two rows of a class.
 */
export function delong(positives: Placements, negatives: Placements, confidence = 0.95): PairedEstimates | undefined {
  const [n1, n0] = [positives.rows, negatives.rows];
  if (n1 < 2 || n0 < 2) return undefined;
  // Structural components: V10 = placement / n0 for positives, V01 = 1 − placement / n1 for negatives.
  const combined = (ofPositives: number, ofNegatives: number) =>
    ofPositives / (n0 * n0 * n1) + ofNegatives / (n1 * n1 * n0);
  const model = (name: 'challenger' | 'champion') => {
    const [ofPositives, ofNegatives] = [positives[name], negatives[name]];
    if (ofPositives === undefined || ofNegatives === undefined) return undefined;
    return { value: ofPositives.mean / n0, variance: combined(ofPositives.variance, ofNegatives.variance) };
  };
  const [challenger, champion] = [model('challenger'), model('champion')];
  if (challenger === undefined) return undefined;
  const covariance = combined(positives.covariance ?? 0, negatives.covariance ?? 0);
  return normalPair({ challenger, ...(champion === undefined ? {} : { champion, covariance }) }, confidence, SHARE);
}
