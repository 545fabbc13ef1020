import { meanPrecision } from './binned-ranking.ts';
import { delong, type Placements } from './delong.ts';
import { normalPair, SHARE, type PairedEstimates } from './paired-estimates.ts';
import type { Estimate } from '../vocabulary.ts';

/** Rows of each class by score code, ascending by score. Rows of one code are ties where `isTie` says so, else their order is unknown. */
export interface RankedClasses {
  readonly positive: ArrayLike<number>;
  readonly negative: ArrayLike<number>;
  readonly isTie: (code: number) => boolean;
}

/** How one row of each class moves a model's number, by score code: what makes the difference of two models a paired one. */
export interface Influence {
  readonly positive: Float64Array;
  readonly negative: Float64Array;
  /** The number lies so near to what the scores themselves would give. */
  readonly resolution: number;
}

/** Σ over the rows of each class of the product of both models' influences. */
export interface SharedInfluence {
  readonly positive: number;
  readonly negative: number;
}

/** Placements of one model by code, less their mean. */
export interface AucInfluence extends Influence {
  readonly ofPositives: Moments;
  readonly ofNegatives: Moments;
}

interface Moments {
  readonly rows: number;
  readonly mean: number;
  readonly variance: number;
}

/**
 * Placements of each class by code (see `Placements`), centred. The resolution is ½ Σ (pos_c/n1)(neg_c/n0) over the codes whose
 * rows are in an unknown order. Without rows of a class its moments are not finite.
 */
export function aucInfluence({ positive, negative, isTie }: RankedClasses): AucInfluence {
  const [forPositives, ofPositives] = centred(positive, negative);
  const [forNegatives, ofNegatives] = centred(negative, positive);
  let shared = 0;
  for (let code = 0; code < positive.length; code += 1)
    if (!isTie(code)) shared += (positive[code] ?? 0) * (negative[code] ?? 0);
  const pairs = ofPositives.rows * ofNegatives.rows;
  const resolution = pairs === 0 ? 0 : shared / pairs / 2;
  return { positive: forPositives, negative: forNegatives, ofPositives, ofNegatives, resolution };
}

function centred(own: ArrayLike<number>, other: ArrayLike<number>): readonly [Float64Array, Moments] {
  const places = new Float64Array(own.length);
  let [below, rows, sum] = [0, 0, 0];
  for (let code = 0; code < own.length; code += 1) {
    const mine = own[code] ?? 0;
    const theirs = other[code] ?? 0;
    places[code] = below + theirs / 2;
    sum += mine * (below + theirs / 2);
    rows += mine;
    below += theirs;
  }
  const mean = sum / rows;
  let spread = 0;
  for (let code = 0; code < own.length; code += 1) {
    places[code] = (places[code] ?? 0) - mean;
    spread += (own[code] ?? 0) * (places[code] ?? 0) ** 2;
  }
  return [places, { rows, mean, variance: rows < 2 ? 0 : spread / (rows - 1) }];
}

/** Both models' areas by DeLong, the ends moved outwards by what the codes leave open. Undefined with fewer than two rows of a class. */
export function pairedAuc(
  challenger: AucInfluence,
  champion: AucInfluence | undefined,
  shared: SharedInfluence,
  confidence = 0.95,
): PairedEstimates | undefined {
  const placements = (of: 'ofPositives' | 'ofNegatives', product: number): Placements => {
    const { rows, mean, variance } = challenger[of];
    const own = { rows, challenger: { mean, variance } };
    return champion === undefined ? own : { ...own, champion: champion[of], covariance: product / (rows - 1) };
  };
  const estimates = delong(
    placements('ofPositives', shared.positive),
    placements('ofNegatives', shared.negative),
    confidence,
  );
  return estimates && widened(estimates, challenger.resolution, champion?.resolution ?? 0);
}

/** Average precision of one model with its variance. */
export interface PrecisionInfluence extends Influence {
  readonly value: number;
  readonly variance: number;
}

/**
 * Average precision Σ_t (R_t − R_{t−1}) · P_t as scikit-learn defines it, every code being one threshold, and the influence of a
 * row of label y and score s: 1/n1 · [y (P(s) − AP) + y C(s) − D(s)] with C(s) = Σ 1/N(t) and D(s) = Σ P(t)/N(t) over the positive
 * rows that score t ≤ s, N(t) being the rows that score t or more (the infinitesimal jackknife: Efron, Biometrika 68, 1981). The
 * sum of its squares is the variance, which a Poisson bootstrap of rows approaches. `resolution` covers the worst and the best
 * order within codes whose rows are in an unknown one. Undefined without positives.
 */
export function precisionInfluence(classes: RankedClasses): PrecisionInfluence | undefined {
  const { positive, negative } = classes;
  const { precision, seen, positives, sum, resolution } = precisionByCode(classes);
  if (positives === 0) return undefined;
  const value = sum / positives;
  const [forPositives, forNegatives] = [new Float64Array(positive.length), new Float64Array(positive.length)];
  let [c, d, variance] = [0, 0, 0];
  for (let code = 0; code < positive.length; code += 1) {
    const pos = at(positive, code);
    if (pos > 0) {
      c += pos / at(seen, code);
      d += (pos * at(precision, code)) / at(seen, code);
    }
    const ofPositive = (at(precision, code) - value + c - d) / positives;
    const ofNegative = -d / positives;
    forPositives[code] = ofPositive;
    forNegatives[code] = ofNegative;
    variance += pos * ofPositive ** 2 + at(negative, code) * ofNegative ** 2;
  }
  return { positive: forPositives, negative: forNegatives, value, variance, resolution };
}

const at = (numbers: ArrayLike<number>, place: number): number => numbers[place] ?? 0;

/** P(t) and N(t) of each code, Σ P over the positive rows, and how far the order within codes could move the mean of them. */
function precisionByCode({ positive, negative, isTie }: RankedClasses) {
  const [precision, seen] = [new Float64Array(positive.length), new Float64Array(positive.length)];
  let [above, wrong, sum, least, most] = [0, 0, 0, 0, 0];
  for (let code = positive.length - 1; code >= 0; code -= 1) {
    const pos = at(positive, code);
    const neg = at(negative, code);
    const rows = above + pos + wrong + neg;
    seen[code] = rows;
    precision[code] = rows === 0 ? 0 : (above + pos) / rows;
    const tied = pos * at(precision, code);
    const isOpen = pos > 0 && neg > 0 && !isTie(code);
    sum += tied;
    most += isOpen ? Math.max(tied, meanPrecision(above, wrong, pos)) : tied;
    least += isOpen ? Math.min(tied, meanPrecision(above, wrong + neg, pos)) : tied;
    above += pos;
    wrong += neg;
  }
  return { precision, seen, positives: above, sum, resolution: Math.max(most - sum, sum - least) / above };
}

/** Both models' average precision; the ends are moved outwards by what the codes leave open. */
export function pairedPrecision(
  challenger: PrecisionInfluence,
  champion: PrecisionInfluence | undefined,
  shared: SharedInfluence,
  confidence = 0.95,
): PairedEstimates {
  const covariance = shared.positive + shared.negative;
  const estimates = normalPair(
    { challenger, ...(champion === undefined ? {} : { champion, covariance }) },
    confidence,
    SHARE,
  );
  return widened(estimates, challenger.resolution, champion?.resolution ?? 0);
}

function widened(estimates: PairedEstimates, ofChallenger: number, ofChampion: number): PairedEstimates {
  const { challenger, champion, difference } = estimates;
  const by = ({ value, low, high }: Estimate, resolution: number, least: number): Estimate => ({
    value,
    low: Math.max(least, low - resolution),
    high: Math.min(1, high + resolution),
  });
  return {
    challenger: by(challenger, ofChallenger, 0),
    ...(champion === undefined ? {} : { champion: by(champion, ofChampion, 0) }),
    ...(difference === undefined ? {} : { difference: by(difference, ofChallenger + ofChampion, -1) }),
  };
}
