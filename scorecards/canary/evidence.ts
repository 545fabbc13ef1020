import { logMeanExp } from './log-space.ts';
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
import type { Mixture, Weighing } from './share-engine.ts';
import type { ArmDelta, BothArms, CanaryPlan, EValues } from './verdict.ts';

/** The two questions whose answers make harm. */
export interface HarmEvidence {
  /** Is the challenger worse than `harmRatio` times the champion? */
  readonly relative: Mixture;
  /** Is its rate above what nobody would notice (or above the frozen baseline)? */
  readonly floor: Mixture;
}

/** The five questions a phase asks about one kind of bad answers. Plain JSON, about 1.5 KB; a heartbeat keeps it bit for bit. */
export interface Evidence extends HarmEvidence {
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
  return {
    ...openHarm(plan),
    ceiling: openMixture(harmRates(rateBoundary(plan.ceiling))),
    safeRelative: openMixture(safeRatios()),
    safeAbsolute: openMixture(safeRates(rateBoundary(plan.safeRate))),
  };
}

export function openHarm(plan: CanaryPlan): HarmEvidence {
  return {
    relative: openMixture(harmRatios(plan.harmRatio)),
    floor: openMixture(harmRates(rateBoundary(harmBoundary(plan)))),
  };
}

/** Adds what one look counted. */
export function addEvidence(plan: CanaryPlan, evidence: Evidence, look: BothArms): Evidence {
  const safe = lambdaOf(plan);
  return {
    ...addHarm(plan, evidence, look),
    ceiling: multiply(evidence.ceiling, aboveRate(plan.ceiling, look.challenger), harmWeighing(plan)),
    safeRelative: multiply(evidence.safeRelative, shareLogRatios(look, plan.safeRatio, safeRatios()), safe),
    safeAbsolute: multiply(evidence.safeAbsolute, belowRate(plan.safeRate, look.challenger), safe),
  };
}

export function addHarm(plan: CanaryPlan, evidence: HarmEvidence, look: BothArms): HarmEvidence {
  return {
    relative: addRelative(plan, evidence.relative, look),
    floor: multiply(evidence.floor, aboveRate(harmBoundary(plan), look.challenger), harmWeighing(plan)),
  };
}

export function addRelative(plan: CanaryPlan, relative: Mixture, look: BothArms): Mixture {
  return multiply(relative, shareLogRatios(look, plan.harmRatio, harmRatios(plan.harmRatio)), harmWeighing(plan));
}

/**
 * The e-values that decide. Either kind of safety is enough (their mean is valid), but a mirror's counters and a soak's lone arm
 * are no comparison. `others`: relative evidence of further definitions of bad.
 */
export function readEvidence(plan: CanaryPlan, evidence: Evidence, others: readonly Mixture[] = []): EValues {
  const absolute = eValue(logEvidence(evidence.safeAbsolute));
  const isCompared = plan.compared === 'pairs' || (plan.mode === 'canary' && plan.compared !== 'alone');
  const safe = isCompared ? (absolute + eValue(logEvidence(evidence.safeRelative))) / 2 : absolute;
  const ceiling = eValue(logEvidence(evidence.ceiling));
  return { harm: eValue(logHarm(plan, evidence, others)), ceiling, safe };
}

/**
 * ln of the e-value of harm. It must be both relative and absolute while the champion is a concurrent baseline (the smaller of
 * two e-values is valid when either null holds); else the challenger's own rate decides. The mean of several relative e-values
 * is one.
 */
export function logHarm(plan: CanaryPlan, { relative, floor }: HarmEvidence, others: readonly Mixture[] = []): number {
  if (!hasConcurrentBaseline(plan)) return logEvidence(floor);
  const worse = others.length === 0 ? logEvidence(relative) : logMeanExp([relative, ...others].map(logEvidence));
  return plan.compared === 'pairs' ? worse : Math.min(worse, logEvidence(floor));
}

/** Both arms answer at once, and the champion answers enough to be compared with. */
export function hasConcurrentBaseline({ mode, percent, compared = 'arms' }: CanaryPlan): boolean {
  if (compared !== 'arms') return compared === 'pairs';
  return mode === 'canary' && 100 - percent >= SMALLEST_BASELINE_PERCENT;
}

/** The bad rate that the challenger alone may have: the floor, or what the champion's frozen rate allows when that is more. */
export function harmBoundary(plan: CanaryPlan): number {
  if (hasConcurrentBaseline(plan) || plan.frozenRate === undefined) return plan.floor;
  return Math.max(plan.floor, plan.harmRatio * plan.frozenRate);
}

/** An e-value that JSON can hold. */
export function eValue(log: number): number {
  return Math.exp(Math.min(log, LARGEST_LOG));
}

function aboveRate(rate: number, arm: ArmDelta): number[] {
  const boundary = rateBoundary(rate);
  return rateLogRatios(arm, boundary, harmRates(boundary));
}

function belowRate(rate: number, arm: ArmDelta): number[] {
  const boundary = rateBoundary(rate);
  return rateLogRatios(arm, boundary, safeRates(boundary));
}

function harmWeighing(plan: CanaryPlan): Weighing {
  return { ...(plan.restartLooks === undefined ? {} : { restartLooks: plan.restartLooks }), ...lambdaOf(plan) };
}

function lambdaOf({ lambda }: CanaryPlan): Weighing {
  return lambda === undefined ? {} : { lambda };
}
