import type { TrainerUse } from '../contracts/trainer.ts';

/** The most of one resource that a training used, beside what it asked for; both in the unit of the resource. */
export interface PeakUse {
  readonly resource: 'cpu' | 'memory' | 'gpu' | 'gpuMemory';
  /** Cores, bytes, or accelerators. */
  readonly requested: number;
  /** Cores and bytes as measured; for `gpu` the busiest share of the accelerators × their number. */
  readonly peak: number;
  /** For `gpuMemory`: how many accelerators have it together. */
  readonly gpus?: number;
  /** Set when `peak` is not the most but the mean over the whole training. */
  readonly mean?: true;
}

/** Left free above the peak: a next run on other data is not the same run. */
export const HEADROOM = 1.25;
/** Below this share of the request something is paid for and not used. */
export const IDLE_BELOW = 0.5;
/** Above this share of the memory the next run may be killed. */
export const TIGHT_ABOVE = 0.9;

/**
 * What to ask for next time, one sentence for each resource that was asked for wrongly: peak < 50 % of the request is
 * waste and peak × 1.25 would do; memory above 90 % is a risk, but not that of accelerators, of which frameworks keep all
 * that they can get. Advice only: nothing is changed by it. A resource that was
 * not requested or not measured (`peak` 0) has none.
 */
export function adviseSize(uses: readonly PeakUse[]): string[] {
  return uses.flatMap((use) => {
    if (use.requested <= 0 || use.peak <= 0) return [];
    const share = use.peak / use.requested;
    const enough = inUnits(use.resource, use.peak * HEADROOM);
    const how = use.mean === true ? 'on average' : 'at most';
    const seen = `${how} ${percent(share)} of ${inUnits(use.resource, use.requested).text} ${NAMES[use.resource]} was used`;
    const tight = use.resource === 'memory' && share > TIGHT_ABOVE;
    if (tight) return [`${seen}: ask for ${enough.text}, or the next run may be killed`];
    return share < IDLE_BELOW && enough.value < use.requested ? [`${seen}: ${lessOf(use, enough.text)}`] : [];
  });
}

function lessOf({ resource, gpus = 1, mean }: PeakUse, enough: string): string {
  // Memory says nothing of how much is computed.
  if (resource === 'gpuMemory' && gpus > 1) {
    return `fewer or smaller GPUs, ${enough} in all, would do if they are fast enough`;
  }
  if (resource === 'gpuMemory') return `a smaller GPU or MIG slice of ${enough} would do if it is fast enough`;
  return `${enough} would do${mean === true ? ' if its busiest moments may take longer' : ''}`;
}

/** What one process of a training asked for. */
export interface AskedFor {
  readonly cpuCores: number;
  readonly memoryBytes: number;
  /** Accelerators, and the memory that they have together; absent when nobody said how much that is. */
  readonly gpus?: number;
  readonly gpuMemoryBytes?: number;
}

/**
 * Advice from what a trainer counted of itself. The mean use of processors is processor time / wall-clock time; memory is
 * the most that was resident at once, memory of accelerators the most that was held of all of them. What it did not count,
 * or nobody knows the size of, has no advice.
 */
export function adviseTraining(used: TrainerUse | undefined, asked: AskedFor): string[] {
  const { cpuSeconds, gpuMemoryBytes, memoryBytes, seconds } = used ?? {};
  const memory: PeakUse[] =
    memoryBytes === undefined ? [] : [{ resource: 'memory', requested: asked.memoryBytes, peak: memoryBytes }];
  const cores: PeakUse[] =
    cpuSeconds === undefined || seconds === undefined
      ? []
      : [{ resource: 'cpu', requested: asked.cpuCores, peak: cpuSeconds / seconds, mean: true }];
  return adviseSize([...memory, ...cores, ...acceleratorUse(gpuMemoryBytes, asked)]);
}

function acceleratorUse(peak: number | undefined, { gpus = 0, gpuMemoryBytes }: AskedFor): PeakUse[] {
  if (peak === undefined || gpuMemoryBytes === undefined) return [];
  return [{ resource: 'gpuMemory', requested: gpuMemoryBytes, peak, gpus }];
}

const NAMES = { cpu: 'CPU', memory: 'memory', gpu: 'GPU', gpuMemory: 'GPU memory' } as const;
const MIB = 1024 ** 2;

/** Rounded up to what one would write: quarter cores, whole Mi, whole accelerators. */
function inUnits(resource: PeakUse['resource'], value: number): { readonly value: number; readonly text: string } {
  if (resource === 'memory' || resource === 'gpuMemory') {
    const mebibytes = Math.ceil(value / MIB);
    return { value: mebibytes * MIB, text: `${mebibytes}Mi` };
  }
  const step = resource === 'cpu' ? 0.25 : 1;
  const rounded = Math.ceil(value / step) * step;
  return { value: rounded, text: `${rounded}` };
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
