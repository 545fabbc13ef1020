import type { CheckWatch } from './missed-check.ts';
import { decisionOf } from './trigger.ts';
import type {
  AppliedPolicy,
  DecisionRecord,
  RunEnded,
  TriggerAnswer,
  TriggerDecision,
  TriggerRequest,
} from './trigger.ts';

const DAY_MS = 86_400_000;
/** Starting values: a day of dedupe keys, at most 500 of them. */
const REMEMBERED = { keys: 500, ms: DAY_MS, runs: 50 };

/** What the standing workflow of one model knows. Plain JSON, carried through continue-as-new. */
export interface WatchState {
  readonly schemaVersion: 1;
  readonly model: string;
  readonly applied?: AppliedPolicy;
  readonly paused?: { readonly by: string; readonly reason: string; readonly at: string };
  /** The run in flight, with the trigger that started it. */
  readonly active?: ActiveRun;
  /** Asked for and not yet started. */
  readonly starting?: ActiveRun;
  /** Data time of the last decision; a trigger before it is about the past. */
  readonly lastAsOf?: string;
  /** Data times of runs that trained, ascending. */
  readonly trained: readonly string[];
  readonly seen: readonly { readonly key: string; readonly at: string; readonly answer: TriggerAnswer }[];
  readonly runs: readonly string[];
  /** Of the policy's own schedule; absent until a check came or was late. */
  readonly checks?: CheckWatch;
  /** Decisions not yet written to the evidence store. */
  readonly outbox: readonly DecisionRecord[];
}

export interface ActiveRun {
  readonly run: string;
  readonly trigger: TriggerRequest;
  readonly receivedAt: string;
}

export function emptyWatch(model: string): WatchState {
  return { schemaVersion: 1, model, trained: [], seen: [], runs: [], outbox: [] };
}

/** Answers one trigger. Pure: the same state and request always give the same answer. `now` is wall time, ISO. */
export function answerTrigger(
  state: WatchState,
  request: TriggerRequest,
  now: string,
): { state: WatchState; answer: TriggerAnswer } {
  const repeated = state.seen.find((entry) => entry.key === request.key && isFresh(entry.at, now));
  const answer = repeated ? repeat(repeated.answer) : judgeTrigger(state, request);
  const receipt = { trigger: request, receivedAt: now };
  const heard: WatchState = request.kind === 'check' ? { ...state, checks: { lastAt: now } } : state;
  const remembered: WatchState = repeated
    ? heard
    : {
        ...heard,
        seen: [...state.seen, { key: request.key, at: now, answer }]
          .filter((entry) => isFresh(entry.at, now))
          .slice(-REMEMBERED.keys),
      };
  if (answer.answer === 'started') {
    const starting = { run: answer.run, ...receipt };
    return { answer, state: { ...remembered, starting, runs: [...state.runs, answer.run].slice(-REMEMBERED.runs) } };
  }
  const record: DecisionRecord = {
    model: state.model,
    ...receipt,
    decidedAt: now,
    decision: immediateDecision(answer),
    reason: sentenceOf(answer),
    ...(answer.answer === 'joined' ? { run: answer.run } : {}),
  };
  return { answer, state: { ...remembered, outbox: [...remembered.outbox, record] } };
}

/** A trigger that came twice is a duplicate of what the first one got. */
function repeat(answer: TriggerAnswer): TriggerAnswer {
  return answer.answer === 'started' ? { answer: 'joined', run: answer.run } : answer;
}

function judgeTrigger(state: WatchState, request: TriggerRequest): TriggerAnswer {
  const { applied, paused } = state;
  if (paused) return { answer: 'paused', by: paused.by, reason: paused.reason };
  if (!applied)
    return { answer: 'suppressed', reason: `no policy is applied for ${state.model}: run understudy apply -f POLICY` };
  const busy = state.active ?? state.starting;
  if (busy) return { answer: 'joined', run: busy.run };
  const alerts = applied.policy.spec.triggers.alerts;
  if (request.kind === 'alert' && !alerts)
    return { answer: 'suppressed', reason: 'the policy says triggers.alerts: false' };
  if (!request.retryOf) {
    const held = heldBack(state, applied, request);
    if (held) return held;
  }
  return { answer: 'started', run: runIdFor(state, request) };
}

/** Data-time rules: the past, the cooldown after a training, and the limit of trainings per week. */
function heldBack(state: WatchState, applied: AppliedPolicy, request: TriggerRequest): TriggerAnswer | undefined {
  const { cooldown, maxRunsPerWeek } = applied.policy.spec.triggers;
  const asOf = Date.parse(request.asOf);
  if (state.lastAsOf !== undefined && asOf < Date.parse(state.lastAsOf)) {
    return {
      answer: 'suppressed',
      reason: `as-of ${request.asOf} lies before the last decision, made as of ${state.lastAsOf}`,
    };
  }
  if (request.ignoreCooldown) return undefined;
  const last = state.trained.at(-1);
  if (last !== undefined && asOf < Date.parse(last) + cooldown) {
    const until = new Date(Date.parse(last) + cooldown).toISOString();
    return { answer: 'cooling-down', until, reason: `the last training was as of ${last}` };
  }
  const thisWeek = state.trained.filter((at) => asOf - Date.parse(at) < 7 * DAY_MS).length;
  if (thisWeek < maxRunsPerWeek) return undefined;
  return {
    answer: 'suppressed',
    reason: `${thisWeek} trainings within 7 days, the policy allows ${maxRunsPerWeek} (triggers.maxRunsPerWeek)`,
  };
}

/** `retrain/<model>/<asOf>-<kind>`, numbered when the same moment is asked for again. */
function runIdFor(state: WatchState, request: TriggerRequest): string {
  const stamp = new Date(request.asOf).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const base = `retrain/${state.model}/${stamp}-${request.kind}`;
  const again = state.runs.filter((run) => run === base || run.startsWith(`${base}-`)).length;
  return again === 0 ? base : `${base}-${again + 1}`;
}

function isFresh(at: string, now: string): boolean {
  return Date.parse(now) - Date.parse(at) < REMEMBERED.ms;
}

function immediateDecision(answer: TriggerAnswer): TriggerDecision {
  return answer.answer === 'joined' ? 'duplicate' : 'suppressed';
}

/** The answer as a person reads it. */
export function sentenceOf(answer: TriggerAnswer): string {
  switch (answer.answer) {
    case 'started':
      return `started ${answer.run}`;
    case 'joined':
      return `joined ${answer.run}, which is already running`;
    case 'cooling-down':
      return `cooling down until ${answer.until}: ${answer.reason}`;
    case 'suppressed':
      return `suppressed: ${answer.reason}`;
    case 'paused':
      return `paused by ${answer.by}: ${answer.reason}`;
  }
}

/** The run asked for is in flight. */
export function runStarted(state: WatchState): WatchState {
  const { starting, ...rest } = state;
  return starting ? { ...rest, active: starting } : state;
}

/** Unlocks the model and records the decision. A word from a run that is not the active one changes nothing. */
export function runHasEnded(state: WatchState, ended: RunEnded): WatchState {
  const { active, starting, ...rest } = state;
  const mine = active ?? starting;
  if (!mine || mine.run !== ended.run) return state;
  const { asOf } = mine.trigger;
  const record: DecisionRecord = {
    model: state.model,
    trigger: mine.trigger,
    receivedAt: mine.receivedAt,
    decidedAt: ended.endedAt,
    decision: decisionOf(ended),
    reason: ended.reason,
    run: ended.run,
    outcome: ended.outcome,
  };
  const lastAsOf = state.lastAsOf === undefined || asOf > state.lastAsOf ? asOf : state.lastAsOf;
  const trained = ended.trained ? [...state.trained, asOf].toSorted().slice(-REMEMBERED.runs) : state.trained;
  return { ...rest, lastAsOf, trained, outbox: [...state.outbox, record] };
}
