import { hours, priceOf } from './price.ts';
import type { PriceList, Priced, Requested, Usage } from './price.ts';

/** A training of the same model that is over. */
export interface PastRun {
  readonly usage: Usage;
  readonly requested: Requested;
  /** Left a model; one that broke off says nothing of what a whole one costs. */
  readonly finished: boolean;
}

/** The training that is about to begin. */
export interface PlannedRun {
  readonly requested: Requested;
  /** Longest it may run, over all attempts. */
  readonly deadlineSeconds: number;
}

export interface Projection {
  readonly gpuHours: number;
  readonly cost: Priced;
  /** Finished runs behind the median; 0: none is known, and the numbers are the most that the deadline allows. */
  readonly runs: number;
}

/** As many of the last finished runs are looked at: enough for a median, few enough to follow a change of the model. */
export const LAST_RUNS = 5;

/**
 * What a training will probably use: the median of the last finished ones, at today's prices. The median does not follow
 * one run that hung. Without any the upper bound stands in: deadline × what was requested.
 */
export function project(past: readonly PastRun[], planned: PlannedRun, prices: PriceList | undefined): Projection {
  const last = past.filter(({ finished }) => finished).slice(-LAST_RUNS);
  if (last.length === 0) return upperBound(planned, prices);
  const gpuHours = median(last.map(({ usage }) => hours(usage.gpuSeconds)));
  return { gpuHours, cost: medianCost(last, prices), runs: last.length };
}

function upperBound({ requested, deadlineSeconds }: PlannedRun, prices: PriceList | undefined): Projection {
  const usage = { runSeconds: deadlineSeconds, gpuSeconds: deadlineSeconds * requested.gpus };
  return { gpuHours: hours(usage.gpuSeconds), cost: priceOf(usage, requested, prices), runs: 0 };
}

function medianCost(last: readonly PastRun[], prices: PriceList | undefined): Priced {
  const amounts: number[] = [];
  for (const { usage, requested } of last) {
    const priced = priceOf(usage, requested, prices);
    if ('unpriced' in priced) return priced;
    amounts.push(priced.cost.amount);
  }
  return { cost: { amount: median(amounts), currency: prices?.currency ?? '' } };
}

/** Mean of the two in the middle when their number is even; `values` is not empty. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (place: number) => sorted[place] ?? 0;
  return (at(Math.floor((sorted.length - 1) / 2)) + at(Math.floor(sorted.length / 2))) / 2;
}
