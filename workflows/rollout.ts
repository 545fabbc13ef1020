import type { TrafficTarget } from '../activities/ports/gateway.ts';
import type { Backend } from '../activities/ports/traffic-router.ts';
import type { PhaseResult } from '../activities/phase.ts';
import type { RollbackOrder } from '../activities/rollback.ts';
import { withFrozenRate } from '../scorecards/canary/plan.ts';
import type { CanaryPlan } from '../scorecards/canary/verdict.ts';
import { advance } from '../scorecards/rollout-machine.ts';
import { isSettled, startRollout, wantedPercent } from '../scorecards/rollout-state.ts';
import type { RollbackCause, RolloutEvent, RolloutPlan, RolloutState } from '../scorecards/rollout-state.ts';
import type { RunContext } from '../scorecards/run.ts';
import type { Hands } from './hands.ts';

export interface RolloutInput {
  readonly schemaVersion: 1;
  readonly context: RunContext;
  readonly traffic: TrafficTarget;
  readonly champion: Backend;
  readonly challenger: Backend;
  readonly plan: RolloutPlan;
  /** One per step, then the soak. */
  readonly phases: readonly CanaryPlan[];
  readonly harmRatio: number;
  readonly stepAtMostMs: number;
  readonly requestTimeoutMs: number;
}

export interface RolloutResult {
  readonly ended: 'promoted-ready' | 'rolled-back' | 'aborted';
  readonly cause?: RollbackCause;
  readonly reason: string;
  /** From the look that saw the breach to the first scrape of a quiet challenger. */
  readonly restoredSeconds?: number;
  readonly phases: readonly {
    readonly percent: number;
    readonly word: string;
    readonly requests: number;
    readonly bad: number;
  }[];
}

/** What the rollout needs besides the hands of a run. */
export interface RolloutHands extends Pick<Hands, 'act' | 'now' | 'shielded' | 'explain'> {
  /**
   * Does the work unless a person speaks first: then the work is called off and their words are the answer. That it may go on
   * is heard only while it is held.
   */
  unlessSpokenTo<T>(work: () => Promise<T>, holding: boolean): Promise<T | PersonsWish>;
  show(percent: number, line: string): void;
}

export interface PersonsWish {
  readonly wish: 'abort' | 'rollback' | 'resume';
  readonly by: string;
  readonly reason: string;
}

/** Walks the weights from the first step to the end of the soak, or back. Traffic is returned before anything is verified. */
export async function rollOut(input: RolloutInput, hands: RolloutHands): Promise<RolloutResult> {
  const phases: { percent: number; word: string; requests: number; bad: number }[] = [];
  let written = 0;
  let state: RolloutState = advance(input.plan, startRollout(), { kind: 'server-ready', at: hands.now() });
  try {
    while (!isSettled(state) && state.kind !== 'rolling-back') {
      // A soak that is watched again after a hold: what the challenger did in it is nothing to hold it against.
      const last = phases.findLast(({ percent }) => percent < 100);
      const lived = await livePhase(input, hands, { state, written, last });
      const { events, seen } = lived;
      ({ written } = lived);
      if (seen) phases.push(seen);
      const before: RolloutState = state;
      state = events.reduce<RolloutState>((now, event) => advance(input.plan, now, event), before);
      if (isResumed(before, state, events)) await setAgain(input, hands, written);
      if (before.kind !== 'holding' && state.kind === 'holding') tellHeld(input, hands, { ...state, written });
    }
  } catch (error) {
    state = afterFault(hands, error);
  }
  if (state.kind === 'promoted-ready')
    return { ended: 'promoted-ready', reason: 'every step and the soak passed', phases };
  if (state.kind !== 'rolling-back')
    return { ended: 'aborted', reason: 'reason' in state ? state.reason : 'called off', phases };
  const { cause, reason } = state;
  const restoredSeconds = await hands.shielded(() => takeBack(input, hands, { cause, reason }));
  return { ended: cause === 'abort' ? 'aborted' : 'rolled-back', cause, reason, restoredSeconds, phases };
}

function afterFault(hands: RolloutHands, error: unknown): RolloutState {
  const fault = hands.explain(error);
  return fault.kind === 'stopped'
    ? { kind: 'rolling-back', cause: 'abort', reason: `${fault.reason} (${fault.by})` }
    : { kind: 'rolling-back', cause: 'failure', reason: `${fault.type}: ${fault.message}` };
}

/** `written`: the challenger's share that was set last, percent. */
type Held = Extract<RolloutState, { kind: 'holding' }> & { readonly written: number };
type Phase = {
  readonly state: RolloutState;
  readonly written: number;
  /** What the champion did in the last phase in which it had traffic. */
  readonly last: { readonly requests: number; readonly bad: number } | undefined;
};
type Lived = {
  readonly events: readonly RolloutEvent[];
  readonly written: number;
  readonly seen?: RolloutResult['phases'][number];
};

/** One phase: write the weight, watch, and say what happened. */
async function livePhase(input: RolloutInput, hands: RolloutHands, phase: Phase): Promise<Lived> {
  const { state } = phase;
  const wanted = wantedPercent(input.plan, state);
  const holding = state.kind === 'holding';
  let { written } = phase;
  const heard = await hands.unlessSpokenTo(async () => {
    const foreign = holding ? undefined : await setWeight(input, hands, wanted);
    if (foreign !== undefined) return { foreign };
    if (!holding) written = wanted;
    return { effectiveAt: hands.now(), result: await watch(input, hands, { ...phase, written }) };
  }, holding);
  if ('foreign' in heard) {
    hands.show(written, `${wanted} %: not set, ${heard.foreign}`);
    const verdict = { ...NOTHING_SEEN, reason: heard.foreign };
    return { events: [{ kind: 'verdict', verdict, at: hands.now() }], written };
  }
  if ('wish' in heard) {
    const reason = `${heard.reason} (${heard.by})`;
    return { events: [{ kind: 'person', wish: heard.wish, reason, at: hands.now() }], written };
  }
  const { effectiveAt, result } = heard;
  hands.show(written, `${written} %: ${result.word}`);
  const { champion, challenger, word } = result;
  const baseline = written < 100 ? champion : challenger;
  return {
    events: [
      ...(holding ? [] : [{ kind: 'weight-effective', percent: written, at: effectiveAt } as const]),
      ...verdictEvents(input, result, hands.now(), holding),
    ],
    written,
    seen: { percent: written, word, requests: baseline.requests, bad: baseline.bad },
  };
}

const NOTHING_SEEN = { word: 'freeze', evidence: { harm: 0, ceiling: 0, safe: 0 } } as const;

/** Writes the weight; the answer is why it was not written because somebody else edits the route. Nobody fights over it. */
async function setWeight(input: RolloutInput, hands: RolloutHands, percent: number): Promise<string | undefined> {
  const { context, champion, challenger } = input;
  hands.show(percent, `${percent} %: watching`);
  const order = { context, champion, challenger: { ...challenger, percent }, reason: `canary ${percent} %` };
  try {
    await hands.act(`set ${percent} %`).setRoute(order);
    return undefined;
  } catch (error) {
    const fault = hands.explain(error);
    if (fault.kind === 'failed' && fault.type === 'ForeignWrite') return fault.message;
    throw error;
  }
}

/** A person ends a hold only to go on or to stop. */
function isResumed(before: RolloutState, now: RolloutState, events: readonly RolloutEvent[]): boolean {
  const goesOn = now.kind === 'stepping' || now.kind === 'soaking';
  return before.kind === 'holding' && goesOn && events.some(({ kind }) => kind === 'person');
}

/**
 * Somebody else may have written since, and a person has said that the rollout may go on: what was set last is set again, over
 * them. Nobody gets more by that; the next share is written as any other, when the challenger is ready for it.
 */
async function setAgain(input: RolloutInput, hands: RolloutHands, percent: number): Promise<void> {
  const { context, champion, challenger } = input;
  const order = { context, champion, challenger: { ...challenger, percent }, reason: `resumed at ${percent} %` };
  await hands.act(`set ${percent} % again`).setRoute({ ...order, force: true });
  hands.show(percent, `${percent} %: resumed`);
}

/** The owner is told and not waited for. */
function tellHeld(input: RolloutInput, hands: RolloutHands, { held, reason, written }: Held): void {
  const { model, run } = input.context;
  const wanted = wantedPercent(input.plan, held);
  const refused = wanted === written ? {} : { refused: wanted };
  void hands
    .act(`tell that ${written} % is held`)
    .tellHeld({ model, run, percent: written, reason, ...refused })
    .catch(() => undefined);
}

async function watch(input: RolloutInput, hands: RolloutHands, { state, written, last }: Phase): Promise<PhaseResult> {
  const holding = state.kind === 'holding';
  const live = holding ? state.held : state;
  const soaking = live.kind === 'soaking';
  const index = live.kind === 'stepping' ? live.index : input.phases.length - 1;
  const phase = input.phases[index];
  if (!phase) throw new Error(`the rollout has no phase ${index}`);
  const plan = last ? withFrozenRate(phase, last) : phase;
  const name = soaking ? 'soak' : `step-${plan.percent}`;
  const held = holding ? { ...plan, percent: written, atMostMs: input.stepAtMostMs } : plan;
  const lapseMs = soaking ? input.plan.soakLeaseMs : input.plan.leaseMs;
  return hands
    .act(`watch ${name}${holding ? ', held' : ''}`)
    .watchPhase({ context: input.context, traffic: input.traffic, phase: name, plan: held, lapseMs, holding });
}

/** The watch waits out a lease in the dark by itself; the machine counts it from the first dark look to the last. */
function verdictEvents(
  input: RolloutInput,
  result: PhaseResult,
  at: number,
  holding: boolean,
): readonly RolloutEvent[] {
  const { word, reason, evidence } = result;
  const verdict = { word, reason, evidence };
  if (word === 'dark') {
    const waited = Math.max(input.plan.leaseMs, input.plan.soakLeaseMs);
    return [
      { kind: 'verdict', verdict, at: at - waited },
      { kind: 'verdict', verdict, at },
    ];
  }
  if (holding && word === 'inconclusive')
    return [{ kind: 'person', wish: 'rollback', reason: `nobody answered while held: ${reason}`, at }];
  return [{ kind: 'verdict', verdict, at }];
}

/** One write, then the proof. Unlimited tries on a queue of its own. */
async function takeBack(
  input: RolloutInput,
  hands: RolloutHands,
  why: { cause: RollbackCause; reason: string },
): Promise<number> {
  const order: RollbackOrder = {
    traffic: input.traffic,
    model: input.context.model,
    run: input.context.run,
    champion: input.champion,
    challenger: input.challenger,
    cause: why.cause,
    requestTimeoutMs: input.requestTimeoutMs,
    detectedAt: new Date(hands.now()).toISOString(),
  };
  await hands.act(`return all traffic to v${input.champion.version}`).returnTraffic(order);
  hands.show(0, `rolled back: ${why.reason}`);
  const { seconds } = await hands.act('verify that the challenger gets nothing').verifyRollback(order);
  return seconds;
}
