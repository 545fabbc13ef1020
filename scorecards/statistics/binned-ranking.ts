import type { Estimate } from '../vocabulary.ts';
import { delong, type Placements } from './delong.ts';
import { wilson } from './wilson.ts';

/** Rows of each class per score bin, ascending by score, both lists equally long. Counts may be expectations. */
export interface ClassBins {
  readonly positive: readonly number[];
  readonly negative: readonly number[];
}

/** A number from binned scores: what the scores themselves would have given lies within `resolution` of it. */
export interface Binned extends Estimate {
  readonly resolution: number;
}

/**
 * Area under the ROC curve Σ_b pos_b (neg_{<b} + neg_b/2) / (n1 n0), rows of one bin counting as ties, with DeLong's interval
 * from the placements of the bins (DeLong, DeLong and Clarke-Pearson, Biometrics 44, 1988) and the resolution
 * ½ Σ_b (pos_b/n1)(neg_b/n0): the order within a bin is unknown. Undefined with fewer than two rows of a class.
 */
export function binnedAuc({ positive, negative }: ClassBins, confidence = 0.95): Binned | undefined {
  const [n1, n0] = [total(positive), total(negative)];
  const estimate = delong(placements(positive, negative), placements(negative, positive), confidence)?.challenger;
  if (estimate === undefined) return undefined;
  const shared = positive.reduce((sum, rows, bin) => sum + (rows / n1) * ((negative[bin] ?? 0) / n0), 0);
  return { ...estimate, resolution: shared / 2 };
}

/** How many rows of the other class lie in lower bins, half of those in the same one: mean and sample variance over the rows. */
function placements(own: readonly number[], other: readonly number[]): Placements {
  let below = 0;
  const places = other.map((rows) => {
    const place = below + rows / 2;
    below += rows;
    return place;
  });
  const rows = total(own);
  const mean = own.reduce((sum, count, bin) => sum + count * (places[bin] ?? 0), 0) / rows;
  const spread = own.reduce((sum, count, bin) => sum + count * ((places[bin] ?? 0) - mean) ** 2, 0);
  return { rows, challenger: { mean, variance: spread / (rows - 1) } };
}

/** How average precision differs between the best and the worst order within each bin, halved, is its resolution. */
export interface AveragePrecision {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Average precision Σ_b (pos_b/n1) · pos_{≥b} / (pos_{≥b} + neg_{≥b}): scikit-learn's, each bin being one threshold. `low` and
 * `high` are what the worst and the best order within the bins would give; no sampling interval. Undefined without positives.
 */
export function binnedAveragePrecision({ positive, negative }: ClassBins): AveragePrecision | undefined {
  const n1 = total(positive);
  if (n1 === 0) return undefined;
  let [value, low, high, above, wrong] = [0, 0, 0, 0, 0];
  for (let bin = positive.length - 1; bin >= 0; bin -= 1) {
    const [pos, neg] = [positive[bin] ?? 0, negative[bin] ?? 0];
    if (pos > 0) {
      value += (pos / n1) * ((above + pos) / (above + pos + wrong + neg));
      high += meanPrecision(above, wrong, pos) / n1;
      low += meanPrecision(above, wrong + neg, pos) / n1;
    }
    above += pos;
    wrong += neg;
  }
  return { value, low: Math.min(low, value), high: Math.max(high, value) };
}

/** Σ over the next `positives` of the precision at each, when `wrong` negatives stand before all of them. */
export function meanPrecision(above: number, wrong: number, positives: number): number {
  let sum = 0;
  for (let next = 1; next <= Math.floor(positives); next += 1) sum += (above + next) / (above + next + wrong);
  const rest = positives - Math.floor(positives);
  return sum + (rest > 0 ? (rest * (above + positives)) / (above + positives + wrong) : 0);
}

/**
 * Positives among the k highest scores / k. The bin that k cuts gives its rows in proportion; `resolution` covers every other
 * order within it. The interval is Wilson's at k rows. Undefined when there are fewer than k rows or k is 0.
 */
export function binnedPrecisionAtK(
  { positive, negative }: ClassBins,
  k: number,
  confidence = 0.95,
): Binned | undefined {
  if (k <= 0 || total(positive) + total(negative) < k) return undefined;
  let [left, hits] = [k, 0];
  for (let bin = positive.length - 1; bin >= 0; bin -= 1) {
    const [pos, neg] = [positive[bin] ?? 0, negative[bin] ?? 0];
    if (pos + neg >= left) return cutWithin({ k, hits, left, pos, neg }, confidence);
    hits += pos;
    left -= pos + neg;
  }
  return undefined;
}

interface Cut {
  readonly k: number;
  readonly hits: number;
  readonly left: number;
  readonly pos: number;
  readonly neg: number;
}

function cutWithin({ k, hits, left, pos, neg }: Cut, confidence: number): Binned | undefined {
  const proportional = hits + (pos * left) / (pos + neg);
  const [least, most] = [hits + Math.max(0, left - neg), hits + Math.min(left, pos)];
  const interval = wilson(proportional, k, confidence);
  return interval && { ...interval, resolution: Math.max(proportional - least, most - proportional) / k };
}

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);
