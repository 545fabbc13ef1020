import { isHarm } from './canary/judge.ts';
import { wantedPercent } from './rollout-state.ts';
import type { Exposed, RollbackCause, RolloutEvent, RolloutPlan, RolloutState } from './rollout-state.ts';

/*
 *                      clear, effective, long enough          the soak is over, unharmed
 *  readying ─────► stepping 0 ─► stepping 1 ─► … ─► soaking ─────────────► promoted-ready
 *     │  server-ready  │  ▲                          │  ▲                        │
 *     │         freeze │  │ resume                   │  │                        │
 *     │   inconclusive │  │ or evidence              │  │                        │
 *     │           dark ▼  │ after dark               ▼  │                        │
 *     │              holding ◄──────────────────► holding                        │
 *     │                │  harm, target-down, alert, expired lease,               │
 *     │ abort          │  abort, rollback, dark for as long as a lease           │
 *     ▼                ▼                                                         │
 *  aborted ◄──── rolling-back ◄──────────────────────────────────────────────────┘
 *                      │   0 % is effective: `aborted` after an abort, else `rolled-back`
 *                      ▼
 *                 rolled-back
 *
 *  An event that means nothing in a state gives the same state back, so a late event is harmless.
 */

type Holding = Extract<RolloutState, { kind: 'holding' }>;
type RollingBack = Extract<RolloutState, { kind: 'rolling-back' }>;
type VerdictEvent = Extract<RolloutEvent, { kind: 'verdict' }>;

/** The state after an event. Pure and total; the first reason to roll back wins, and an end never changes. */
export function advance(plan: RolloutPlan, state: RolloutState, event: RolloutEvent): RolloutState {
  switch (state.kind) {
    case 'readying':
      return leaveReadying(state, event);
    case 'stepping':
    case 'soaking':
      return rollbackBy(event) ?? leaveExposed(plan, state, event);
    case 'holding':
      return rollbackBy(event) ?? leaveHolding(plan, state, event);
    case 'promoted-ready':
      return rollbackBy(event) ?? state;
    case 'rolling-back':
      return leaveRollingBack(state, event);
    case 'rolled-back':
    case 'aborted':
      return state;
  }
}

function leaveReadying(state: RolloutState, event: RolloutEvent): RolloutState {
  if (event.kind === 'server-ready') return { kind: 'stepping', index: 0, effectiveSince: null };
  // No weight was ever written, so there is nothing to take back.
  const calledOff = event.kind === 'person' && event.wish !== 'resume';
  return calledOff ? { kind: 'aborted', reason: event.reason } : state;
}

function leaveExposed(plan: RolloutPlan, state: Exposed, event: RolloutEvent): RolloutState {
  switch (event.kind) {
    case 'weight-effective':
      return notice(plan, state, event);
    case 'verdict':
      return obey(plan, state, event);
    case 'soak-over':
      return state.kind === 'soaking' && state.unharmed ? proceed(plan, state, event.at) : state;
    case 'server-ready':
    case 'person':
    case 'alert':
    case 'lease-expired':
      return state;
  }
}

function obey(plan: RolloutPlan, state: Exposed, event: VerdictEvent): RolloutState {
  const { word, reason } = event.verdict;
  switch (word) {
    case 'freeze':
      return { kind: 'holding', held: state, why: word, reason, darkSince: null };
    case 'dark':
      return { kind: 'holding', held: state, why: word, reason, darkSince: event.at };
    case 'inconclusive':
      return holdOrReturn(plan, state, reason);
    case 'clear':
      return proceed(plan, withHarmless(state, true), event.at);
    case 'wait':
      return withHarmless(state, true);
    case 'no-traffic':
      return withHarmless(state, false);
    case 'rollback':
    case 'target-down':
    case 'cancelled':
      return state;
  }
}

function leaveHolding(plan: RolloutPlan, state: Holding, event: RolloutEvent): RolloutState {
  switch (event.kind) {
    case 'weight-effective': {
      const held = notice(plan, state.held, event);
      return held === state.held ? state : { ...state, held };
    }
    case 'verdict':
      return obeyWhileHolding(plan, state, event);
    case 'person':
      return resume(plan, state, event.at);
    case 'server-ready':
    case 'alert':
    case 'lease-expired':
    case 'soak-over':
      return state;
  }
}

/** A hold outlasts whatever is less grave than its cause; evidence that comes back ends only the hold of `dark`. */
function obeyWhileHolding(plan: RolloutPlan, state: Holding, event: VerdictEvent): RolloutState {
  const { word, reason } = event.verdict;
  if (word === 'cancelled') return state;
  if (word === 'dark') return stayDark(plan, state, event);
  if (state.why === 'dark') return obey(plan, state.held, event);
  const seen = state.darkSince === null ? state : { ...state, darkSince: null };
  return word === 'freeze' && seen.why !== 'freeze' ? { ...seen, why: word, reason } : seen;
}

/** Traffic that nobody can see goes back to the champion once a lease's time has passed. */
function stayDark(plan: RolloutPlan, state: Holding, event: VerdictEvent): RolloutState {
  if (state.darkSince === null) return { ...state, darkSince: event.at };
  const leaseMs = state.held.kind === 'soaking' ? plan.soakLeaseMs : plan.leaseMs;
  const isOver = event.at - state.darkSince >= leaseMs;
  return isOver ? { kind: 'rolling-back', cause: 'dark', reason: event.verdict.reason } : state;
}

/** A person goes on: to the same phase after a freeze, to the next one without a verdict, and never blindly. */
function resume(plan: RolloutPlan, state: Holding, at: number): RolloutState {
  if (state.darkSince !== null) return state;
  return state.why === 'inconclusive' ? proceed(plan, state.held, at) : state.held;
}

/** The next phase, if this one was really served and for as long as it must be. */
function proceed(plan: RolloutPlan, state: Exposed, at: number): RolloutState {
  const atLeastMs = state.kind === 'soaking' ? plan.soakMs : plan.stepAtLeastMs;
  if (state.effectiveSince === null || at - state.effectiveSince < atLeastMs) return state;
  if (state.kind === 'soaking') return { kind: 'promoted-ready' };
  const index = state.index + 1;
  return index < plan.steps.length
    ? { kind: 'stepping', index, effectiveSince: null }
    : { kind: 'soaking', effectiveSince: null, unharmed: false };
}

function notice(plan: RolloutPlan, state: Exposed, event: { readonly percent: number; readonly at: number }): Exposed {
  const isNews = state.effectiveSince === null && event.percent === wantedPercent(plan, state);
  return isNews ? { ...state, effectiveSince: event.at } : state;
}

function withHarmless(state: Exposed, unharmed: boolean): Exposed {
  return state.kind === 'soaking' && state.unharmed !== unharmed ? { ...state, unharmed } : state;
}

function holdOrReturn(plan: RolloutPlan, held: Exposed, reason: string): RolloutState {
  return plan.onInconclusive === 'rollback'
    ? { kind: 'rolling-back', cause: 'inconclusive', reason }
    : { kind: 'holding', held, why: 'inconclusive', reason, darkSince: null };
}

/** The three ways in, judge, alert and person, meet here; so does a lease that ran out. */
function rollbackBy(event: RolloutEvent): RolloutState | undefined {
  const because = (cause: RollbackCause, reason: string) => ({ kind: 'rolling-back', cause, reason }) as const;
  switch (event.kind) {
    case 'verdict': {
      const { word, reason } = event.verdict;
      return isHarm(event.verdict) ? because(word === 'target-down' ? word : 'harm', reason) : undefined;
    }
    case 'alert':
      return because('alert', event.reason);
    case 'lease-expired':
      return because('lease-expired', 'the lease ran out and the guardian returned the traffic');
    case 'person':
      if (event.wish === 'resume') return undefined;
      return because(event.wish === 'abort' ? 'abort' : 'person', event.reason);
    case 'server-ready':
    case 'weight-effective':
    case 'soak-over':
      return undefined;
  }
}

function leaveRollingBack(state: RollingBack, event: RolloutEvent): RolloutState {
  if (event.kind !== 'weight-effective' || event.percent !== 0) return state;
  const { cause, reason } = state;
  return cause === 'abort' ? { kind: 'aborted', reason } : { kind: 'rolled-back', cause, reason };
}
