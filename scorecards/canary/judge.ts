import { addEvidence, openEvidence, readEvidence } from './evidence.ts';
import type { Evidence } from './evidence.ts';
import { MISSED_UNTIL_DARK, SILENT_UNTIL_NO_TRAFFIC, hasBaseline, judgeEvent } from './event-judge.ts';
import { addToEvent, areCounts, openEvent, sumOf } from './event-state.ts';
import type { EventState } from './event-state.ts';
import { sentenceOf, sentenceOfEvent } from './reasons.ts';
import { releaseSpent } from './release-budget.ts';
import type { ArmDelta, CanaryPlan, CanaryVerdict, CanaryWord, EventPlan, EventVerdict, Look } from './verdict.ts';

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
  /** Of the plan's further events, by name. Absent when it has none. */
  readonly events?: Readonly<Record<string, EventState>>;
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
    ...eventsOf(plan, (event) => openEvent(plan, event)),
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
  const verdict = state.ended ?? verdictOf(plan, { state, verdicts: verdictsOf(plan, state) }, { word: 'cancelled' });
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

/** A word and the event that it is about; none for errors. */
interface Decision {
  readonly word: CanaryWord;
  readonly event?: string;
}

type EventVerdicts = Readonly<Record<string, EventVerdict>>;

function judge(plan: CanaryPlan, state: CanaryState): CanaryVerdict {
  const verdicts = verdictsOf(plan, state);
  const decision = plan.mode === 'soak' ? judgeSoak(plan, state, verdicts) : judgeStep(plan, state, verdicts);
  return verdictOf(plan, { state, verdicts }, decision);
}

/** The first row that holds, of `alarmOf` and then of these. */
function judgeStep(plan: CanaryPlan, state: CanaryState, verdicts: EventVerdicts): Decision {
  const timeIsUp = elapsedMs(state) >= plan.atMostMs;
  const alarm = alarmOf(plan, state, verdicts);
  if (alarm !== undefined) return alarm;
  // Nobody is exposed by a mirror; a live weight that nobody sees must stay `dark`, since only that lets its lease run out.
  if (isDark(state)) return { word: timeIsUp && plan.mode === 'shadow' ? 'inconclusive' : 'dark' };
  if (isSilent(state)) return { word: timeIsUp ? 'inconclusive' : 'no-traffic' };
  const undecided = timeIsUp ? 'inconclusive' : 'wait';
  if (!state.cleared) return { word: undecided };
  const pending = gatesOf(plan).find(({ name }) => verdicts[name]?.word !== 'clear');
  if (pending !== undefined) return { word: undecided, event: pending.name };
  return { word: evidenceIsFresh(state) ? 'clear' : 'wait' };
}

/** A soak has no champion beside it to be safer than: it ends by time, if anything was served and nothing was wrong. */
function judgeSoak(plan: CanaryPlan, state: CanaryState, verdicts: EventVerdicts): Decision {
  const timeIsUp = elapsedMs(state) >= plan.atLeastMs;
  const alarm = alarmOf(plan, state, verdicts);
  if (alarm !== undefined) return alarm;
  if (isDark(state)) return { word: 'dark' };
  if (timeIsUp && evidenceIsFresh(state)) {
    const unseen = gatesOf(plan).find(({ name }) => verdicts[name]?.word === 'dark');
    if (unseen !== undefined) return { word: 'inconclusive', event: unseen.name };
    return { word: state.challenger.requests > 0 ? 'clear' : 'inconclusive' };
  }
  return { word: isSilent(state) ? 'no-traffic' : 'wait' };
}

/** Harm of anything goes before a freeze of anything. */
function alarmOf(plan: CanaryPlan, state: CanaryState, verdicts: EventVerdicts): Decision | undefined {
  const { harm, ceiling } = readEvidence(plan, state.evidence);
  if (state.downInARow >= DOWN_UNTIL_TARGET_DOWN) return { word: 'target-down' };
  if (harm >= 1 / plan.alpha && state.challenger.bad >= plan.minBadEvents) return { word: 'rollback' };
  if (budgetIsSpent(plan, state)) return { word: 'rollback', event: 'release-budget' };
  const deciding = (plan.events ?? []).filter(({ decides }) => decides);
  const first = (word: CanaryWord) => deciding.find(({ name }) => verdicts[name]?.word === word)?.name;
  const harmful = first('rollback');
  if (harmful !== undefined) return { word: 'rollback', event: harmful };
  if (ceiling >= 1 / plan.alpha) return { word: 'freeze' };
  const failing = first('freeze');
  return failing === undefined ? undefined : { word: 'freeze', event: failing };
}

/** A hard stop that needs no statistics, but not for the first stray answers of a small service. */
function budgetIsSpent(plan: CanaryPlan, state: CanaryState): boolean {
  const spent = releaseSpent(plan, state);
  return spent !== undefined && spent > (plan.budget?.share ?? 1) && state.challenger.bad >= plan.minBadEvents;
}

function verdictsOf(plan: CanaryPlan, { events = {} }: CanaryState): EventVerdicts {
  const judged = (plan.events ?? []).flatMap((event) => {
    const state = events[event.name];
    return state === undefined ? [] : [[event.name, judgeEvent(plan, event, state)] as const];
  });
  return Object.fromEntries(judged);
}

/** A step goes on only when these are clear; one that nothing can be held against holds nobody up. */
function gatesOf(plan: CanaryPlan): EventPlan[] {
  return (plan.events ?? []).filter((event) => event.decides && event.gates && hasBaseline(plan, event));
}

function verdictOf(
  plan: CanaryPlan,
  { state, verdicts }: { readonly state: CanaryState; readonly verdicts: EventVerdicts },
  { word, event: name }: Decision,
): CanaryVerdict {
  const shown = plan.events === undefined ? {} : { events: verdicts };
  const event = plan.events?.find((one) => one.name === name);
  const seen = { ...state, elapsedMs: elapsedMs(state) };
  const [about, judged] = [name === undefined ? undefined : state.events?.[name], verdicts[name ?? '']];
  if (event !== undefined && about !== undefined && judged !== undefined) {
    const reason = sentenceOfEvent(plan, { event, state: about, elapsedMs: seen.elapsedMs }, { ...judged, word });
    return { word, reason, evidence: judged.evidence, event: event.name, ...shown };
  }
  const evidence = readEvidence(plan, state.evidence);
  const spent = name === undefined ? undefined : releaseSpent(plan, state);
  const reason = sentenceOf(plan, { ...seen, ...(spent === undefined ? {} : { spent }) }, { word, evidence });
  return { word, reason, evidence, ...(name === undefined ? {} : { event: name }), ...shown };
}

function remember(plan: CanaryPlan, state: CanaryState, look: Look): CanaryState {
  const when = {
    startedAt: state.startedAt ?? look.at,
    at: Math.max(look.at, state.at ?? look.at),
    looks: state.looks + 1,
  };
  const counts = look.kind === 'counts' && areCounts(look) ? look : undefined;
  const events = eventsOf(plan, (event) =>
    addToEvent(plan, event, {
      state: state.events?.[event.name] ?? openEvent(plan, event),
      counts: counts?.events?.[event.name],
    }),
  );
  if (counts === undefined) return { ...state, ...when, ...events, missedInARow: state.missedInARow + 1 };
  const evidence = addEvidence(plan, state.evidence, counts);
  return {
    ...state,
    ...when,
    ...events,
    ...sumOf(state, counts),
    evidence,
    missedInARow: 0,
    silentInARow: counts.challenger.requests === 0 ? state.silentInARow + 1 : 0,
    downInARow: counts.challengerDown ? state.downInARow + 1 : 0,
    cleared: state.cleared || readEvidence(plan, evidence).safe >= 1 / plan.beta,
  };
}

/** A field for the state, if the plan has events. */
function eventsOf(plan: CanaryPlan, of: (event: EventPlan) => EventState): Pick<CanaryState, 'events'> {
  if (plan.events === undefined) return {};
  return { events: Object.fromEntries(plan.events.map((event) => [event.name, of(event)])) };
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
