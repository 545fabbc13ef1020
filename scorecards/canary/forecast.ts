import { addEvidence, openEvidence, readEvidence } from './evidence.ts';
import type { ArmDelta, CanaryPlan } from './verdict.ts';

/** The live traffic that a plan is measured against. */
export interface ExpectedTraffic {
  /** Requests per second on the whole route. */
  readonly requestsPerSecond: number;
  /** Share of bad answers of the champion, a fraction. */
  readonly badRate: number;
  /** From the alarm to the last answer of the challenger, milliseconds. Absent: 10 s. */
  readonly returnMs?: number;
  /** The availability objective as a fraction, for the share of the error budget. */
  readonly availability?: number;
}

/** What can be said about a phase before its first request. Times are milliseconds; infinite ones are null. */
export interface PhaseForecast {
  readonly mode: CanaryPlan['mode'];
  readonly percent: number;
  /** Expected on the challenger while the phase lasts its minimum. */
  readonly requests: number;
  /** Requests on the challenger until it can be clear, if it has the champion's share of bad answers; null: never. */
  readonly requestsToClear: number | null;
  /** Until it can be clear at this traffic. Null: never. A soak ends by time and has its length here. */
  readonly clearMs: number | null;
  readonly canDecide: boolean;
  /** Smallest share of bad answers that is found in nine phases of ten before the phase may end, a fraction; null: none. */
  readonly smallestHarm: number | null;
  readonly worst: WorstExposure;
  readonly dispersion: 'measured' | 'unknown' | 'not considered';
}

/** The challenger that does the most damage before it is found. */
export interface WorstExposure {
  /** Its share of bad answers, a fraction. */
  readonly badRate: number;
  /** Until traffic is back. */
  readonly ms: number;
  /** Users' requests it answers, and badly answers, in that time. */
  readonly requests: number;
  readonly badAnswers: number;
  /** Of a month's error budget, a fraction; null without an objective. */
  readonly budget: number | null;
}

const RETURN_MS = 10_000;
const MONTH_S = 30 * 86_400;
/** Normal quantile of nine in ten. */
const NINE_IN_TEN = 1.2816;
const RATES = 60;
const HALVINGS = 50;

/** Requests on the challenger, none of them bad, until its phase can be `clear`. A soak needs time, not clearance: 0. */
export function clearNeeds(plan: CanaryPlan): number {
  return plan.mode === 'soak' ? 0 : (requestsUntilClear(plan, 0) ?? Infinity);
}

/**
 * What this phase can do at this traffic, by expected counts and not by simulation: most good challengers are clear by `clearMs`,
 * an unlucky one needs twice as long.
 */
export function forecastOf(plan: CanaryPlan, traffic: ExpectedTraffic): PhaseForecast {
  const rate = perMs(plan, traffic.requestsPerSecond);
  const soak = plan.mode === 'soak';
  const requestsToClear = soak ? 0 : requestsUntilClear(plan, traffic.badRate);
  const clearMs = soak ? plan.atLeastMs : msOf(requestsToClear, rate);
  return {
    mode: plan.mode,
    percent: plan.percent,
    requests: Math.round(rate * plan.atLeastMs),
    requestsToClear,
    clearMs,
    canDecide: clearMs !== null && clearMs <= plan.atMostMs && rate > 0,
    smallestHarm: smallestHarm(plan, traffic),
    worst: worstExposure(plan, traffic),
    dispersion: plan.dispersion === undefined ? 'not considered' : plan.dispersion,
  };
}

/**
 * The smallest whole percentage at which this step can be clear within its longest time; undefined when none below 100 can. More
 * weight makes a champion smaller too, which is why it is asked and not computed.
 */
export function smallestDecidingPercent(plan: CanaryPlan, traffic: ExpectedTraffic): number | undefined {
  const decides = (percent: number) => {
    const step = { ...plan, percent };
    const clearMs = msOf(requestsUntilClear(step, traffic.badRate), perMs(step, traffic.requestsPerSecond));
    return clearMs !== null && clearMs <= plan.atMostMs;
  };
  return Array.from({ length: 99 }, (_, index) => index + 1).find(decides);
}

/** Milliseconds until harm of this rate is found in nine phases of ten, a look included; undefined: not within the phase. */
export function findsHarmMs(plan: CanaryPlan, traffic: ExpectedTraffic, badRate: number): number | undefined {
  const finds = (ms: number) => isFound(plan, traffic, { badRate, ms });
  if (!finds(plan.atMostMs)) return undefined;
  let [tooShort, enough] = [0, plan.atMostMs];
  for (let halving = 0; halving < HALVINGS && enough - tooShort > 1; halving++) {
    const middle = (tooShort + enough) / 2;
    if (finds(middle)) enough = middle;
    else tooShort = middle;
  }
  return (Math.ceil(enough / plan.lookMs) + 1) * plan.lookMs;
}

/** Requests on the challenger until the expected evidence of safety suffices, both arms having this share of bad answers. */
function requestsUntilClear(plan: CanaryPlan, badRate: number): number | null {
  const clears = (requests: number) => safety(plan, requests, badRate) >= 1 / plan.beta;
  let enough = 1;
  while (!clears(enough) && enough < Number.MAX_SAFE_INTEGER) enough *= 2;
  if (enough >= Number.MAX_SAFE_INTEGER) return null;
  let tooFew = Math.floor(enough / 2);
  while (enough - tooFew > 1) {
    const middle = Math.floor((enough + tooFew) / 2);
    if (clears(middle)) enough = middle;
    else tooFew = middle;
  }
  return enough;
}

function safety(plan: CanaryPlan, requests: number, badRate: number): number {
  const beside = requests * championPerChallenger(plan);
  const look = { champion: arm(beside, badRate * beside), challenger: arm(requests, badRate * requests) };
  return readEvidence(plan, addEvidence(plan, openEvidence(plan), look)).safe;
}

function smallestHarm(plan: CanaryPlan, traffic: ExpectedTraffic): number | null {
  const finds = (badRate: number) => isFound(plan, traffic, { badRate, ms: plan.atLeastMs || plan.atMostMs });
  if (!finds(1)) return null;
  let [unseen, seen] = [0, 1];
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (unseen + seen) / 2;
    if (finds(middle)) seen = middle;
    else unseen = middle;
  }
  return seen;
}

/** Whether even an unlucky phase (fewer bad answers than in nine of ten) has evidence enough after this time. */
function isFound(
  plan: CanaryPlan,
  traffic: ExpectedTraffic,
  at: { readonly badRate: number; readonly ms: number },
): boolean {
  const requests = perMs(plan, traffic.requestsPerSecond) * at.ms;
  const expected = at.badRate * requests;
  const bad = Math.max(0, expected - NINE_IN_TEN * Math.sqrt(expected * (1 - at.badRate) * phiOf(plan)));
  if (bad < plan.minBadEvents) return false;
  const beside = requests * championPerChallenger(plan);
  const look = { champion: arm(beside, traffic.badRate * beside), challenger: arm(requests, bad) };
  // What the champion will have been frozen at is not known yet; its usual rate stands for it.
  const frozen = { ...plan, frozenRate: plan.frozenRate ?? traffic.badRate };
  return readEvidence(frozen, addEvidence(frozen, openEvidence(frozen), look)).harm >= 1 / plan.alpha;
}

/** Over a grid of rates from what nobody would notice to total failure. A rate that is never found is served to the end. */
function worstExposure(plan: CanaryPlan, traffic: ExpectedTraffic): WorstExposure {
  const { requestsPerSecond, availability, returnMs = RETURN_MS } = traffic;
  const rate = plan.mode === 'shadow' ? 0 : perMs(plan, requestsPerSecond);
  const of = (badRate: number): WorstExposure => {
    const ms = (findsHarmMs(plan, traffic, badRate) ?? plan.atMostMs) + returnMs;
    const badAnswers = badRate * rate * ms;
    const monthly = requestsPerSecond * MONTH_S;
    const budget = availability === undefined || monthly === 0 ? null : badAnswers / ((1 - availability) * monthly);
    return { badRate, ms, requests: rate * ms, badAnswers, budget };
  };
  const rates = Array.from({ length: RATES }, (_, index) => plan.floor ** (1 - index / (RATES - 1)));
  return rates.map(of).reduce((worst, one) => (one.badAnswers > worst.badAnswers ? one : worst));
}

/** The variance that lambda was chosen for. */
function phiOf({ lambda = 1 }: CanaryPlan): number {
  return 1 / lambda;
}

/** A mirror's challenger answers beside the champion, a soak's has nobody beside it. */
function championPerChallenger({ mode, percent }: CanaryPlan): number {
  if (mode === 'soak' || percent >= 100) return 0;
  return mode === 'shadow' || percent <= 0 ? 1 : (100 - percent) / percent;
}

function perMs({ percent }: CanaryPlan, requestsPerSecond: number): number {
  return (requestsPerSecond * percent) / 100 / 1000;
}

function msOf(requests: number | null, rate: number): number | null {
  return requests === null || rate === 0 ? null : requests / rate;
}

function arm(requests: number, bad: number): ArmDelta {
  return { requests, bad };
}
