import {
  harmRates,
  harmRatios,
  logEvidence,
  multiply,
  openMixture,
  rateBoundary,
  rateLogRatios,
  safeRates,
  safeRatios,
  shareLogRatios,
} from './share-engine.ts';
import type { BothArms, Mixture, Weighing } from './share-engine.ts';
import type { CanaryPlan, CanaryVerdict } from './verdict.ts';

/** The five questions a phase asks about bad answers. Plain JSON, about 1.5 KB; a heartbeat keeps it bit for bit. */
export interface Evidence {
  /** Is the challenger worse than `harmRatio` times the champion? */
  readonly relative: Mixture;
  /** Is its rate above what nobody would notice (or above the frozen baseline)? */
  readonly floor: Mixture;
  /** Is its rate above what no service may have? */
  readonly ceiling: Mixture;
  readonly safeRelative: Mixture;
  readonly safeAbsolute: Mixture;
}

/** Where the champion gets less than a tenth of the traffic it is no baseline any more; what it did before is. */
const SMALLEST_BASELINE_PERCENT = 10;
/** ln of the largest e-value shown. */
const LARGEST_LOG = 300 * Math.LN10;

export function openEvidence(plan: CanaryPlan): Evidence {
  const grids = gridsOf(plan);
  return {
    relative: openMixture(grids.relative),
    floor: openMixture(grids.floor),
    ceiling: openMixture(grids.ceiling),
    safeRelative: openMixture(grids.safeRelative),
    safeAbsolute: openMixture(grids.safeAbsolute),
  };
}

/** Adds what one look counted. */
export function addEvidence(plan: CanaryPlan, evidence: Evidence, look: BothArms): Evidence {
  const grids = gridsOf(plan);
  const harm = { ...restartOf(plan), ...lambdaOf(plan) };
  const safe = lambdaOf(plan);
  const share = (boundary: number, grid: readonly number[]) => shareLogRatios(look, boundary, grid);
  const rate = (boundary: number, grid: readonly number[]) =>
    rateLogRatios(look.challenger, rateBoundary(boundary), grid);
  return {
    relative: multiply(evidence.relative, share(plan.harmRatio, grids.relative), harm),
    floor: multiply(evidence.floor, rate(harmBoundary(plan), grids.floor), harm),
    ceiling: multiply(evidence.ceiling, rate(plan.ceiling, grids.ceiling), harm),
    safeRelative: multiply(evidence.safeRelative, share(plan.safeRatio, grids.safeRelative), safe),
    safeAbsolute: multiply(evidence.safeAbsolute, rate(plan.safeRate, grids.safeAbsolute), safe),
  };
}

/**
 * The e-values that decide. Harm must be both relative and absolute while the champion is a concurrent baseline (the smaller
 * of two e-values is valid when either null holds); else the challenger's own rate decides. Either kind of safety is enough
 * (their mean is valid), but a mirror's counters and a soak's lone arm are no comparison.
 */
export function readEvidence(plan: CanaryPlan, evidence: Evidence): CanaryVerdict['evidence'] {
  const floor = logEvidence(evidence.floor);
  const harm = hasConcurrentBaseline(plan) ? Math.min(logEvidence(evidence.relative), floor) : floor;
  const absolute = eValue(logEvidence(evidence.safeAbsolute));
  const safe = plan.mode === 'canary' ? (absolute + eValue(logEvidence(evidence.safeRelative))) / 2 : absolute;
  return { harm: eValue(harm), ceiling: eValue(logEvidence(evidence.ceiling)), safe };
}

/** Both arms serve live traffic at once, and the champion gets enough of it to be compared with. */
export function hasConcurrentBaseline(plan: CanaryPlan): boolean {
  return plan.mode === 'canary' && 100 - plan.percent >= SMALLEST_BASELINE_PERCENT;
}

/** The bad rate that the challenger alone may have: the floor, or what the champion's frozen rate allows when that is more. */
export function harmBoundary(plan: CanaryPlan): number {
  if (hasConcurrentBaseline(plan) || plan.frozenRate === undefined) return plan.floor;
  return Math.max(plan.floor, plan.harmRatio * plan.frozenRate);
}

function gridsOf(plan: CanaryPlan): Record<keyof Evidence, readonly number[]> {
  return {
    relative: harmRatios(plan.harmRatio),
    floor: harmRates(rateBoundary(harmBoundary(plan))),
    ceiling: harmRates(rateBoundary(plan.ceiling)),
    safeRelative: safeRatios(),
    safeAbsolute: safeRates(rateBoundary(plan.safeRate)),
  };
}

function restartOf(plan: CanaryPlan): Weighing {
  return plan.restartLooks === undefined ? {} : { restartLooks: plan.restartLooks };
}

function lambdaOf(plan: CanaryPlan): Weighing {
  return plan.lambda === undefined ? {} : { lambda: plan.lambda };
}

function eValue(log: number): number {
  return Math.exp(Math.min(log, LARGEST_LOG));
}
