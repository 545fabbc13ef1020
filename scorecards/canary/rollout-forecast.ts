import type { Policy } from '../policy/schema.ts';
import { overrideOf } from '../policy/rule.ts';
import { LARGEST_FIRST_STEP } from '../policy/rules-release.ts';
import { forecastOf, phasesOf, shadowPhaseOf, smallestDecidingPercent } from './plan.ts';
import type { ExpectedTraffic, PhaseForecast } from './plan.ts';
import type { CanaryPlan } from './verdict.ts';
import { asTime, counted } from './wording.ts';

export interface ForecastPhase extends PhaseForecast {
  /** As in the decision log: `shadow`, `step-5`, `soak`. */
  readonly phase: string;
  readonly atLeastMs: number;
  readonly atMostMs: number;
}

export interface Undecided {
  readonly phase: string;
  /** `accepted`: the policy says with reason and name that this is known. */
  readonly severity: 'error' | 'warning' | 'accepted';
  readonly message: string;
  readonly help: string;
  /** The smallest whole percentage at which it could decide; absent: none can. */
  readonly smallestPercent?: number;
}

export interface RolloutForecast {
  readonly phases: readonly ForecastPhase[];
  readonly undecided: readonly Undecided[];
  /** No phase is left that can neither decide nor is accepted. A warning does not stand in the way. */
  readonly acceptable: boolean;
}

type Spec = Policy['spec'];

const ACCEPTED_BY = {
  shadow: ['spec.shadow.within'],
  canary: ['spec.rollout.stepAtMost', 'spec.rollout.steps'],
  soak: [],
} as const;

/**
 * What each phase of a release can see at this traffic, and which of them would end without a verdict. A shadow ends by its
 * pairs, a step by evidence of safety, a soak by time. For a routine model that is said and no error.
 */
export function forecastRollout(policy: Policy, traffic: ExpectedTraffic): RolloutForecast {
  const { spec } = policy;
  const { availability } = spec.slo;
  const options = { restart: true, ...(availability === undefined ? {} : { availability }) };
  const withObjective = { ...traffic, ...(availability === undefined ? {} : { availability }) };
  const live = phasesOf(spec.rollout, options).map((plan) => ({ plan, forecast: forecastOf(plan, withObjective) }));
  const mirrored = spec.shadow.skip ? [] : [shadowOf(spec, shadowPhaseOf(spec.shadow, spec.rollout, options), traffic)];
  const all = [...mirrored, ...live];
  const undecided = all.flatMap(({ forecast, plan }) =>
    forecast.canDecide ? [] : [undecidedOf(policy, { plan, forecast }, withObjective)],
  );
  return {
    phases: all.map(({ forecast, plan }) => ({
      phase: phaseName(plan),
      atLeastMs: plan.atLeastMs,
      atMostMs: plan.atMostMs,
      ...forecast,
    })),
    undecided,
    acceptable: undecided.every(({ severity }) => severity !== 'error'),
  };
}

interface Seen {
  readonly plan: CanaryPlan;
  readonly forecast: PhaseForecast;
}

function shadowOf({ shadow }: Spec, plan: CanaryPlan, traffic: ExpectedTraffic): Seen {
  const rate = mirroredPerMs(plan.percent, traffic);
  const clearMs = rate === 0 ? null : shadow.atLeast / rate;
  const canDecide = clearMs !== null && clearMs <= shadow.within;
  const requests = Math.round(canDecide ? shadow.atLeast : rate * shadow.within);
  return {
    plan,
    forecast: { ...forecastOf(plan, traffic), requests, requestsToClear: shadow.atLeast, clearMs, canDecide },
  };
}

function undecidedOf(policy: Policy, seen: Seen, traffic: ExpectedTraffic): Undecided {
  const { plan } = seen;
  const smallestPercent = smallestOf(policy.spec, plan, traffic);
  const accepted = ACCEPTED_BY[plan.mode].map((field) => overrideOf(policy, field)).find(Boolean);
  const severity = accepted ? 'accepted' : policy.spec.risk === 'routine' ? 'warning' : 'error';
  return {
    phase: phaseName(plan),
    severity,
    message: messageOf(seen, traffic),
    help: accepted ? `${accepted.by} accepts it: ${accepted.reason}` : helpOf(policy, seen, smallestPercent),
    ...(smallestPercent === undefined ? {} : { smallestPercent }),
  };
}

function smallestOf({ shadow }: Spec, plan: CanaryPlan, traffic: ExpectedTraffic): number | undefined {
  if (plan.mode === 'soak' || traffic.requestsPerSecond === 0) return undefined;
  if (plan.mode === 'canary') return smallestDecidingPercent(plan, traffic);
  const needed = Math.ceil(shadow.atLeast / (mirroredPerMs(1, traffic) * shadow.within));
  return needed <= 100 ? needed : undefined;
}

function messageOf({ forecast, plan }: Seen, { requestsPerSecond }: ExpectedTraffic): string {
  const share = `${plan.percent} % of ${requestsPerSecond} requests/s`;
  const { clearMs, requestsToClear } = forecast;
  if (requestsPerSecond === 0) return 'without requests there is no evidence: nothing can be decided';
  if (clearMs === null || requestsToClear === null)
    return `${share} can never be clear: so many bad answers are usual that safety is not shown`;
  const goal =
    plan.mode === 'shadow' ? `${counted(requestsToClear)} pairs` : `"clear" (${counted(requestsToClear)} requests)`;
  return `${share} needs ${asTime(clearMs)} until ${goal}, at most ${asTime(plan.atMostMs)} are allowed`;
}

function helpOf({ spec }: Policy, { forecast, plan }: Seen, smallest: number | undefined): string {
  if (plan.mode === 'soak' || forecast.clearMs === null) return 'nothing of the policy mends that: bring traffic';
  const time = `${Math.ceil(forecast.clearMs / 60_000)}m`;
  const field = plan.mode === 'shadow' ? 'shadow.within' : 'rollout.stepAtMost';
  const longer = `${field}: ${time}`;
  const accept = `accept it with a reason in spec.overrides for spec.${field}`;
  if (smallest === undefined) return `no share can decide in that time: write ${longer}, or ${accept}`;
  if (plan.mode === 'shadow') return `write shadow.percent: ${smallest} or ${longer}, or ${accept}`;
  const steps = [smallest, ...spec.rollout.steps.filter((step) => step > smallest)];
  const first = smallest > LARGEST_FIRST_STEP ? ' (with an override of spec.rollout.steps)' : '';
  return `the smallest step that can is ${smallest} %: write rollout.steps: [${steps.join(', ')}]${first} or ${longer}, or ${accept}`;
}

function phaseName({ mode, percent }: CanaryPlan): string {
  return mode === 'canary' ? `step-${percent}` : mode;
}

function mirroredPerMs(percent: number, { requestsPerSecond }: ExpectedTraffic): number {
  return (requestsPerSecond * percent) / 100 / 1000;
}
