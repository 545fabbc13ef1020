/** What one hour of machine costs the operator, in one currency. */
export interface PriceList {
  /** ISO 4217 code, as written in the operator's settings. */
  readonly currency: string;
  /** Per accelerator and hour: by model (`NVIDIA-A100-SXM4-80GB`) or by extended resource (`nvidia.com/gpu`). */
  readonly gpuHour: Readonly<Record<string, number>>;
  /** Per requested core and hour; 0: not charged. */
  readonly cpuCoreHour: number;
  /** Per requested GiB (2^30 bytes) of memory and hour; 0: not charged. */
  readonly gibHour: number;
}

/** What a job used, as its backend measured it. */
export interface Usage {
  /** From the first running pod or process to the end. */
  readonly runSeconds: number;
  /** Running seconds × accelerators, over all pods. */
  readonly gpuSeconds: number;
  /** As the node names it; absent when nobody said. */
  readonly gpuModel?: string;
}

/** What a job asked for, over all its pods. */
export interface Requested {
  readonly cpuCores: number;
  readonly memoryBytes: number;
  readonly gpus: number;
  /** Extended resource of the accelerators. */
  readonly gpuResource?: string;
}

export interface Cost {
  readonly amount: number;
  readonly currency: string;
}

/** A cost, or why there is none: a part without a price is never counted as free. */
export type Priced = { readonly cost: Cost } | { readonly unpriced: string };

/**
 * gpuSeconds / 3600 × price of the accelerator + runSeconds / 3600 × (cores × price + GiB × price). Cores and memory are
 * charged as requested, because that is what nobody else could have; the model's own price wins over its resource's.
 */
export function priceOf(usage: Usage, requested: Requested, prices: PriceList | undefined): Priced {
  if (prices === undefined) return { unpriced: 'the operator’s settings have no prices' };
  const gpu = usage.gpuSeconds === 0 ? 0 : gpuPrice(usage, requested, prices);
  if (gpu === undefined) {
    const name = usage.gpuModel ?? requested.gpuResource ?? 'the accelerator';
    return { unpriced: `prices.gpuHour of the operator’s settings has no price for ${name}` };
  }
  const perHour = requested.cpuCores * prices.cpuCoreHour + (requested.memoryBytes / GIB) * prices.gibHour;
  const amount = hours(usage.gpuSeconds) * gpu + hours(usage.runSeconds) * perHour;
  return { cost: { amount, currency: prices.currency } };
}

const GIB = 1024 ** 3;

function gpuPrice({ gpuModel }: Usage, { gpuResource }: Requested, { gpuHour }: PriceList): number | undefined {
  const named = [gpuModel, gpuResource].find((name) => name !== undefined && Object.hasOwn(gpuHour, name));
  return named === undefined ? undefined : gpuHour[named];
}

/** Seconds → hours. */
export function hours(seconds: number): number {
  return seconds / 3600;
}
