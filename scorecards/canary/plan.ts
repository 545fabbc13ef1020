import type { Policy } from '../policy/schema.ts';
import type { Dispersion } from '../statistics/dispersion.ts';
import { upperRate } from './confidence-sequence.ts';
import type { ArmDelta, CanaryPlan } from './verdict.ts';

export { clearNeeds, findsHarmMs, forecastOf, smallestDecidingPercent } from './forecast.ts';
export type { ExpectedTraffic, PhaseForecast } from './forecast.ts';

type RolloutPolicy = Policy['spec']['rollout'];
type ShadowPolicy = Policy['spec']['shadow'];

export interface PhaseOptions {
  /** The availability objective as a fraction; the ceiling is where its error budget burns fast. */
  readonly availability?: number;
  /** Let evidence begin anew at every look, which finds regressions that come late in a long phase. */
  readonly restart?: boolean;
  /** How bad answers of the champion spread, known before the phase; absent: as by chance. */
  readonly dispersion?: Dispersion;
}

/** The burn rate at which an error budget is gone in two days (SRE Workbook, chapter 5). */
const FAST_BURN = 14.4;
const CEILING_WITHOUT_OBJECTIVE = 0.1;

/** A release watches its shadow, each step and the soak; each may raise a false alarm. */
export function phaseCount(rollout: Pick<RolloutPolicy, 'steps'>): number {
  return rollout.steps.length + 2;
}

/** The share of a release's false-alarm probability that one of its phases may spend: equal shares, summing to `alpha`. */
export function alphaOfPhase(alpha: number, phases: number): number {
  return alpha / phases;
}

/** The phases with live weight in their order: one a step, then the soak at 100 %, whose `frozenRate` is set when it begins. */
export function phasesOf(rollout: RolloutPolicy, options: PhaseOptions = {}): CanaryPlan[] {
  const steps = rollout.steps.map((percent) =>
    phaseOf(rollout, options, {
      mode: 'canary',
      percent,
      atLeastMs: rollout.stepAtLeast,
      atMostMs: rollout.stepAtMost,
    }),
  );
  const soak = { mode: 'soak', percent: 100, atLeastMs: rollout.soak, atMostMs: rollout.soak } as const;
  return [...steps, phaseOf(rollout, options, soak)];
}

/** The watch over the mirror's answers. Its harm detaches the mirror; how many pairs are enough is `judgeShadow`'s question. */
export function shadowPhaseOf(shadow: ShadowPolicy, rollout: RolloutPolicy, options: PhaseOptions = {}): CanaryPlan {
  return phaseOf(rollout, options, {
    mode: 'shadow',
    percent: shadow.percent,
    atLeastMs: 0,
    atMostMs: shadow.within,
  });
}

/**
 * A phase without a concurrent baseline, judged against what the champion did in the phase before: the upper end of a 99 %
 * confidence sequence of its bad rate, and of the rate of each event in `events`. A champion that answered nothing leaves only the
 * floor to be judged against, and an event that was not counted nothing at all.
 */
export function withFrozenRate(
  plan: CanaryPlan,
  champion: ArmDelta,
  events: Readonly<Record<string, ArmDelta>> = {},
): CanaryPlan {
  const frozen = (counted: ArmDelta | undefined) =>
    counted === undefined || counted.requests === 0 ? {} : { frozenRate: upperRate(counted.bad, counted.requests) };
  const further = plan.events?.map((event) => ({ ...event, ...frozen(events[event.name]) }));
  return { ...plan, ...frozen(champion), ...(further === undefined ? {} : { events: further }) };
}

function phaseOf(
  { judge, look, steps }: RolloutPolicy,
  { availability, restart = false, dispersion }: PhaseOptions,
  shape: Pick<CanaryPlan, 'mode' | 'percent' | 'atLeastMs' | 'atMostMs'>,
): CanaryPlan {
  const ceiling = availability === undefined ? CEILING_WITHOUT_OBJECTIVE : FAST_BURN * (1 - availability);
  return {
    ...shape,
    lookMs: look,
    harmRatio: judge.harmRatio,
    alpha: alphaOfPhase(judge.alpha, phaseCount({ steps })),
    beta: judge.beta,
    floor: judge.floor,
    ceiling: Math.min(1, Math.max(ceiling, 2 * judge.floor)),
    safeRatio: judge.safeRatio,
    safeRate: judge.safeRate,
    minBadEvents: judge.minBadEvents,
    ...(restart ? { restartLooks: Math.max(2, Math.ceil(shape.atMostMs / look)) } : {}),
    ...temperedBy(dispersion),
  };
}

/** Every likelihood ratio is raised to 1/phi: its expectation stays at most 1, and bursts weigh what one event weighs. */
function temperedBy(dispersion: Dispersion | undefined): Pick<CanaryPlan, 'lambda' | 'dispersion'> {
  if (dispersion === undefined) return {};
  return { lambda: 1 / dispersion.phi, dispersion: dispersion.known ? 'measured' : 'unknown' };
}
