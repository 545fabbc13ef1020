import { priceOf } from '../cost/price.ts';
import type { PriceList, Requested } from '../cost/price.ts';
import type { ScorecardCriterion } from '../scorecard-schema.ts';
import { independentDifference } from '../statistics/independent-difference.ts';
import { twoSidedZ } from '../statistics/normal-quantile.ts';
import type { Estimate } from '../vocabulary.ts';
import type { LatencyPair, LatencySample } from './latency.ts';
import { exactPair } from './measurement.ts';
import type { CriterionMeasurement } from './measurement.ts';

type Criterion = Pick<ScorecardCriterion, 'name' | 'confidence'>;

/** One run of `predict` over so many rows. */
export interface BatchTime {
  readonly rows: number;
  readonly seconds: number;
}

/** How long both models took: per answer under load, or for all rows at once. */
export type Times =
  | { readonly load: LatencyPair }
  | { readonly batch: { readonly challenger: BatchTime; readonly champion?: BatchTime } };

/**
 * Price of 1,000 predictions: price of the resources per second × mean seconds per prediction × 1,000. The price is that of
 * `priceOf` for one second. Under load the mean is that of the answers, with its normal interval, and the models' are
 * independent; fewer than two answers are not estimated. A run of `predict` is one number, seconds / rows, and no rows are
 * no estimate. Without a price, or without a price for one part, nothing is measured and `why` says so.
 */
export function measureServingCost(
  criterion: Criterion,
  {
    requested,
    prices,
    times,
  }: { readonly requested: Requested; readonly prices: PriceList | undefined; readonly times: Times },
): CriterionMeasurement {
  const known = { criterion: criterion.name, slice: null };
  const priced = priceOf({ runSeconds: 1, gpuSeconds: requested.gpus }, requested, prices);
  if ('unpriced' in priced) return { ...known, n: 0, why: priced.unpriced };
  const { amount, currency } = priced.cost;
  const place = `${currency} ${Number((amount * 3600).toPrecision(6))} per hour for ${described(requested)}`;
  return 'load' in times
    ? { ...known, ...underLoad(criterion, times.load, amount), note: `The price is ${place}, one request at a time.` }
    : { ...known, ...inOneRun(times.batch, amount, place) };
}

type Measured = Pick<CriterionMeasurement, 'n' | 'challenger' | 'champion' | 'difference' | 'why' | 'point'>;

function underLoad({ confidence }: Criterion, { challenger, champion }: LatencyPair, perSecond: number): Measured {
  const n = Math.min(challenger.latenciesMs.length, champion?.latenciesMs.length ?? Infinity);
  const own = meanCost(challenger, perSecond, confidence);
  if (own === undefined) return { n, why: 'the challenger answered fewer than two requests of the load run' };
  if (champion === undefined) return { n, challenger: own };
  const other = meanCost(champion, perSecond, confidence);
  if (other === undefined)
    return { n, challenger: own, why: 'the champion answered fewer than two requests of the load run' };
  return { n, challenger: own, champion: other, difference: independentDifference(own, other) };
}

/** Milliseconds per answer are seconds per 1,000 answers. */
function meanCost({ latenciesMs }: LatencySample, perSecond: number, confidence: number): Estimate | undefined {
  const n = latenciesMs.length;
  if (n < 2) return undefined;
  const mean = latenciesMs.reduce((sum, ms) => sum + ms, 0) / n;
  const variance = latenciesMs.reduce((sum, ms) => sum + (ms - mean) ** 2, 0) / (n - 1);
  const half = twoSidedZ(confidence) * Math.sqrt(variance / n);
  return { value: mean * perSecond, low: Math.max(0, mean - half) * perSecond, high: (mean + half) * perSecond };
}

function inOneRun(
  { challenger, champion }: { readonly challenger: BatchTime; readonly champion?: BatchTime },
  perSecond: number,
  place: string,
): Measured {
  if (challenger.rows === 0 || champion?.rows === 0) return { n: 0, why: 'there are no predictions to divide by' };
  const costOf = ({ rows, seconds }: BatchTime): number => (seconds / rows) * 1000 * perSecond;
  const point = `${place} × ${challenger.seconds} s of one run of predict over ${challenger.rows} rows, so without an interval`;
  return { n: 1, ...exactPair(costOf(challenger), champion && costOf(champion)), point };
}

function described({ cpuCores, memoryBytes, gpus, gpuResource }: Requested): string {
  const accelerators = gpus === 0 ? '' : ` and ${gpus} × ${gpuResource ?? 'accelerator'}`;
  return `${cpuCores} cores, ${Number((memoryBytes / 1024 ** 3).toFixed(2))} GiB${accelerators}`;
}
