import { addEvidence, addHarm, addRelative, openEvidence, openHarm, readEvidence } from './evidence.ts';
import type { Evidence, HarmEvidence } from './evidence.ts';
import { planOfEvent } from './event-plan.ts';
import type { Mixture } from './share-engine.ts';
import type { ArmDelta, BothArms, CanaryPlan, EventCounts, EventPlan } from './verdict.ts';

/** What a phase remembers of one event. Plain finite JSON, about 1.5 KB, and 0.6 KB more for each slice and threshold. */
export interface EventState extends BothArms {
  readonly evidence: Evidence;
  readonly thresholds: Readonly<Record<string, Mixture>>;
  readonly slices: Readonly<Record<string, SliceState>>;
  /** Looks in a row in which the event was not counted. */
  readonly missedInARow: number;
  /** Counted looks in a row without a request on the challenger. */
  readonly silentInARow: number;
  /** Safety was shown once; it stays shown for the phase. */
  readonly cleared: boolean;
}

export interface SliceState extends BothArms {
  readonly evidence: HarmEvidence;
}

const NOTHING: BothArms = { champion: { requests: 0, bad: 0 }, challenger: { requests: 0, bad: 0 } };

export function openEvent(plan: CanaryPlan, event: EventPlan): EventState {
  const own = planOfEvent(plan, event);
  const slice: SliceState = { ...NOTHING, evidence: openHarm(own) };
  const each = <T>(names: readonly string[] = [], value: T) => Object.fromEntries(names.map((name) => [name, value]));
  return {
    ...NOTHING,
    evidence: openEvidence(own),
    thresholds: each(event.thresholds, openHarm(own).relative),
    slices: each(event.slices, slice),
    missedInARow: 0,
    silentInARow: 0,
    cleared: false,
  };
}

/** Adds one look. Counts that are absent, or cannot be, are a gap: they move no evidence and are not zero. */
export function addToEvent(
  plan: CanaryPlan,
  event: EventPlan,
  { state, counts }: { readonly state: EventState; readonly counts: EventCounts | undefined },
): EventState {
  if (counts === undefined || !areCounts(counts)) return { ...state, missedInARow: state.missedInARow + 1 };
  const own = planOfEvent(plan, event);
  const evidence = addEvidence(own, state.evidence, counts);
  return {
    ...sumOf(state, counts),
    evidence,
    thresholds: merge(state.thresholds, counts.thresholds, (one, more) => addRelative(own, one, more)),
    slices: merge(state.slices, counts.slices, (one, more) => ({
      ...sumOf(one, more),
      evidence: addHarm(own, one.evidence, more),
    })),
    missedInARow: 0,
    silentInARow: counts.challenger.requests === 0 ? state.silentInARow + 1 : 0,
    cleared: state.cleared || readEvidence(own, evidence).safe >= 1 / event.beta,
  };
}

/** Whether both are counts of requests and of bad ones among them. */
export function areCounts({ champion, challenger }: BothArms): boolean {
  return [champion, challenger].every(({ requests, bad }) => Number.isFinite(requests) && bad >= 0 && bad <= requests);
}

export function sumOf(a: BothArms, b: BothArms): BothArms {
  const sum = (one: ArmDelta, other: ArmDelta) => ({
    requests: one.requests + other.requests,
    bad: one.bad + other.bad,
  });
  return { champion: sum(a.champion, b.champion), challenger: sum(a.challenger, b.challenger) };
}

/** Every declared part with what was counted of it; a part that was not declared beforehand is no evidence of anything. */
function merge<T>(
  states: Readonly<Record<string, T>>,
  counted: EventCounts['slices'],
  add: (state: T, counts: BothArms) => T,
): Record<string, T> {
  const merged = Object.entries(states).map(([name, state]) => {
    const counts = counted?.[name];
    return [name, counts === undefined || !areCounts(counts) ? state : add(state, counts)] as const;
  });
  return Object.fromEntries(merged);
}
