import type { TrainerUse } from '../contracts/trainer.ts';

/** The most of one resource that a training used, beside what it asked for; both in the unit of the resource. */
export interface PeakUse {
  readonly resource: 'cpu' | 'memory' | 'gpu';
  /** Cores, bytes, or accelerators. */
  readonly requested: number;
  /** Cores and bytes as measured; for `gpu` the busiest share of the accelerators × their number. */
  readonly peak: number;
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
 * waste and peak × 1.25 would do; memory above 90 % is a risk. Advice only: nothing is changed by it. A resource that was
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
    const longer = use.mean === true ? ' if its busiest moments may take longer' : '';
    return share < IDLE_BELOW && enough.value < use.requested ? [`${seen}: ${enough.text} would do${longer}`] : [];
  });
}

/** What one process of a training asked for. */
export interface AskedFor {
  readonly cpuCores: number;
  readonly memoryBytes: number;
}

/**
 * Advice from what a trainer counted of itself. The mean use of processors is processor time / wall-clock time; memory is
 * the most that was resident at once. What it did not count has no advice.
 */
export function adviseTraining(used: TrainerUse | undefined, asked: AskedFor): string[] {
  const { cpuSeconds, memoryBytes, seconds } = used ?? {};
  const memory: PeakUse[] =
    memoryBytes === undefined ? [] : [{ resource: 'memory', requested: asked.memoryBytes, peak: memoryBytes }];
  const cores: PeakUse[] =
    cpuSeconds === undefined || seconds === undefined
      ? []
      : [{ resource: 'cpu', requested: asked.cpuCores, peak: cpuSeconds / seconds, mean: true }];
  return adviseSize([...memory, ...cores]);
}

const NAMES = { cpu: 'CPU', memory: 'memory', gpu: 'GPU' } as const;
const MIB = 1024 ** 2;

/** Rounded up to what one would write: quarter cores, whole Mi, whole accelerators. */
function inUnits(resource: PeakUse['resource'], value: number): { readonly value: number; readonly text: string } {
  if (resource === 'memory') {
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
