import { addEvidence, openEvidence, readEvidence } from './evidence.ts';
import type { Evidence } from './evidence.ts';
import { sentenceOf } from './reasons.ts';
import type { ArmDelta, CanaryPlan, CanaryVerdict, CanaryWord, Look } from './verdict.ts';

/** Looks in a row without any scrape after which nothing is known. */
const MISSED_UNTIL_DARK = 3;
/** Looks in a row without a request on the challenger after which it counts as unvisited. */
const SILENT_UNTIL_NO_TRAFFIC = 3;
/** Looks in a row with the challenger's server out after which it counts as gone. */
const DOWN_UNTIL_TARGET_DOWN = 2;

/** All that a phase remembers. Plain finite JSON: a heartbeat restores it bit for bit. Times are epoch milliseconds. */
export interface CanaryState {
  readonly startedAt: number | null;
  readonly at: number | null;
  readonly looks: number;
  readonly champion: ArmDelta;
  readonly challenger: ArmDelta;
  readonly evidence: Evidence;
  readonly missedInARow: number;
  readonly silentInARow: number;
  readonly downInARow: number;
  /** Safety was shown once; it stays shown for the phase. */
  readonly cleared: boolean;
  /** Set by harm or cancellation, after which no look changes anything. */
  readonly ended: CanaryVerdict | null;
}

export interface Judgement {
  readonly state: CanaryState;
  readonly verdict: CanaryVerdict;
}

/** Begins a phase. Its time runs from `startedAt`, or else from its first look. */
export function openPhase(plan: CanaryPlan, startedAt?: number): CanaryState {
  return {
    startedAt: startedAt ?? null,
    at: null,
    looks: 0,
    champion: { requests: 0, bad: 0 },
    challenger: { requests: 0, bad: 0 },
    evidence: openEvidence(plan),
    missedInARow: 0,
    silentInARow: 0,
    downInARow: 0,
    cleared: false,
    ended: null,
  };
}

/** Adds one look to the phase and says what follows from all of them. Total; counts that cannot be are a missed look. */
export function takeLook(plan: CanaryPlan, state: CanaryState, look: Look): Judgement {
  if (state.ended !== null) return { state, verdict: state.ended };
  const seen = remember(plan, state, look);
  const verdict = judge(plan, seen);
  return { state: isHarm(verdict) ? { ...seen, ended: verdict } : seen, verdict };
}

/** Ends a phase that somebody called off. Harm that was found before stays harm; nothing makes this a success. */
export function cancelPhase(plan: CanaryPlan, state: CanaryState): Judgement {
  const verdict = state.ended ?? verdictOf(plan, state, 'cancelled');
  return { state: { ...state, ended: verdict }, verdict };
}

/** Whether the weight may be raised now: safety is shown, the evidence is fresh and the phase has lasted its minimum. */
export function stepIsOver(plan: CanaryPlan, state: CanaryState): 'advance' | 'stay' {
  const word = (state.ended ?? judge(plan, state)).word;
  return word === 'clear' && evidenceIsFresh(state) && elapsedMs(state) >= plan.atLeastMs ? 'advance' : 'stay';
}

/** Whether a look with this outcome may renew the challenger's lease: fresh evidence, and no harm in it. */
export function mayRenewLease(state: CanaryState): boolean {
  return state.ended === null && evidenceIsFresh(state);
}

/** Whether traffic must go back to the champion. */
export function isHarm(verdict: CanaryVerdict): boolean {
  return verdict.word === 'rollback' || verdict.word === 'target-down';
}

function judge(plan: CanaryPlan, state: CanaryState): CanaryVerdict {
  return verdictOf(plan, state, plan.mode === 'soak' ? judgeSoak(plan, state) : judgeStep(plan, state));
}

/** The first row that holds, of `alarmOf` and then of these. */
function judgeStep(plan: CanaryPlan, state: CanaryState): CanaryWord {
  const timeIsUp = elapsedMs(state) >= plan.atMostMs;
  const alarm = alarmOf(plan, state);
  if (alarm !== undefined) return alarm;
  // Nobody is exposed by a mirror; a live weight that nobody sees must stay `dark`, since only that lets its lease run out.
  if (isDark(state)) return timeIsUp && plan.mode === 'shadow' ? 'inconclusive' : 'dark';
  if (isSilent(state)) return timeIsUp ? 'inconclusive' : 'no-traffic';
  if (state.cleared) return evidenceIsFresh(state) ? 'clear' : 'wait';
  return timeIsUp ? 'inconclusive' : 'wait';
}

/** A soak has no champion beside it to be safer than: it ends by time, if anything was served and nothing was wrong. */
function judgeSoak(plan: CanaryPlan, state: CanaryState): CanaryWord {
  const timeIsUp = elapsedMs(state) >= plan.atLeastMs;
  const alarm = alarmOf(plan, state);
  if (alarm !== undefined) return alarm;
  if (isDark(state)) return 'dark';
  if (timeIsUp && evidenceIsFresh(state)) return state.challenger.requests > 0 ? 'clear' : 'inconclusive';
  return isSilent(state) ? 'no-traffic' : 'wait';
}

function alarmOf(plan: CanaryPlan, state: CanaryState): CanaryWord | undefined {
  const { harm, ceiling } = readEvidence(plan, state.evidence);
  if (state.downInARow >= DOWN_UNTIL_TARGET_DOWN) return 'target-down';
  if (harm >= 1 / plan.alpha && state.challenger.bad >= plan.minBadEvents) return 'rollback';
  return ceiling >= 1 / plan.alpha ? 'freeze' : undefined;
}

function verdictOf(plan: CanaryPlan, state: CanaryState, word: CanaryWord): CanaryVerdict {
  const evidence = readEvidence(plan, state.evidence);
  return { word, reason: sentenceOf(plan, { ...state, elapsedMs: elapsedMs(state) }, { word, evidence }), evidence };
}

function remember(plan: CanaryPlan, state: CanaryState, look: Look): CanaryState {
  const when = {
    startedAt: state.startedAt ?? look.at,
    at: Math.max(look.at, state.at ?? look.at),
    looks: state.looks + 1,
  };
  if (look.kind === 'missed' || !areCounts(look.champion) || !areCounts(look.challenger)) {
    return { ...state, ...when, missedInARow: state.missedInARow + 1 };
  }
  const evidence = addEvidence(plan, state.evidence, look);
  return {
    ...state,
    ...when,
    champion: sum(state.champion, look.champion),
    challenger: sum(state.challenger, look.challenger),
    evidence,
    missedInARow: 0,
    silentInARow: look.challenger.requests === 0 ? state.silentInARow + 1 : 0,
    downInARow: look.challengerDown ? state.downInARow + 1 : 0,
    cleared: state.cleared || readEvidence(plan, evidence).safe >= 1 / plan.beta,
  };
}

function areCounts({ requests, bad }: ArmDelta): boolean {
  return Number.isFinite(requests) && bad >= 0 && bad <= requests;
}

function sum(a: ArmDelta, b: ArmDelta): ArmDelta {
  return { requests: a.requests + b.requests, bad: a.bad + b.bad };
}

function elapsedMs(state: CanaryState): number {
  return state.at === null || state.startedAt === null ? 0 : Math.max(0, state.at - state.startedAt);
}

function evidenceIsFresh(state: CanaryState): boolean {
  return state.looks > 0 && state.missedInARow === 0;
}

function isDark(state: CanaryState): boolean {
  return state.missedInARow >= MISSED_UNTIL_DARK;
}

function isSilent(state: CanaryState): boolean {
  return state.silentInARow >= SILENT_UNTIL_NO_TRAFFIC;
}
