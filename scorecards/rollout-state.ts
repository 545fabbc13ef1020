import type { CanaryVerdict } from './canary/verdict.ts';
import type { Policy } from './policy/schema.ts';

export interface RolloutPlan {
  /** Percent of live traffic, ascending. */
  readonly steps: readonly number[];
  readonly stepAtLeastMs: number;
  readonly soakMs: number;
  /** How long a challenger may keep its traffic while nobody can see what it does. */
  readonly leaseMs: number;
  readonly soakLeaseMs: number;
  /** What a step without a verdict does at its end: ask a person, or return the traffic. */
  readonly onInconclusive: 'hold' | 'rollback';
}

export type RollbackCause =
  | 'harm'
  | 'target-down'
  | 'dark'
  | 'inconclusive'
  | 'lease-expired'
  | 'alert'
  | 'person'
  | 'abort'
  /** The rollout itself could not go on. */
  | 'failure';

/**
 * A phase with live weight. Time counts from when the gateway was seen to serve the weight; null until then. `unharmed`: the
 * last verdict was about requests that were served, and found no harm.
 */
export type Exposed =
  | { readonly kind: 'stepping'; readonly index: number; readonly effectiveSince: number | null }
  | { readonly kind: 'soaking'; readonly effectiveSince: number | null; readonly unharmed: boolean };

export type RolloutState =
  | { readonly kind: 'readying' }
  | Exposed
  | {
      readonly kind: 'holding';
      readonly held: Exposed;
      readonly why: 'freeze' | 'inconclusive' | 'dark';
      readonly reason: string;
      readonly darkSince: number | null;
    }
  | { readonly kind: 'promoted-ready' }
  | { readonly kind: 'rolling-back'; readonly cause: RollbackCause; readonly reason: string }
  | { readonly kind: 'rolled-back'; readonly cause: RollbackCause; readonly reason: string }
  | { readonly kind: 'aborted'; readonly reason: string };

/** `at` is when the rollout took notice, epoch milliseconds, all by one clock. */
export type RolloutEvent =
  | { readonly kind: 'server-ready'; readonly at: number }
  | { readonly kind: 'weight-effective'; readonly percent: number; readonly at: number }
  | { readonly kind: 'verdict'; readonly verdict: CanaryVerdict; readonly at: number }
  | {
      readonly kind: 'person';
      readonly wish: 'abort' | 'rollback' | 'resume';
      readonly reason: string;
      readonly at: number;
    }
  | { readonly kind: 'alert'; readonly reason: string; readonly at: number }
  /** The guardian returned the traffic because nobody renewed the lease. */
  | { readonly kind: 'lease-expired'; readonly at: number }
  | { readonly kind: 'soak-over'; readonly at: number };

export function startRollout(): RolloutState {
  return { kind: 'readying' };
}

/** The challenger's share of live traffic that a state asks the gateway for. */
export function wantedPercent(plan: RolloutPlan, state: RolloutState): number {
  switch (state.kind) {
    case 'stepping':
      return plan.steps[state.index] ?? 0;
    case 'soaking':
    case 'promoted-ready':
      return 100;
    case 'holding':
      return wantedPercent(plan, state.held);
    case 'readying':
    case 'rolling-back':
    case 'rolled-back':
    case 'aborted':
      return 0;
  }
}

/** Nothing is left to wait for: the pointer may move, or the champion has its traffic back. */
export function isSettled(state: RolloutState): boolean {
  return state.kind === 'promoted-ready' || state.kind === 'rolled-back' || state.kind === 'aborted';
}

export function rolloutPlanOf(
  rollout: Policy['spec']['rollout'],
  onInconclusive: RolloutPlan['onInconclusive'] = 'hold',
): RolloutPlan {
  return {
    steps: rollout.steps,
    stepAtLeastMs: rollout.stepAtLeast,
    soakMs: rollout.soak,
    leaseMs: rollout.lease,
    soakLeaseMs: rollout.soakLease,
    onInconclusive,
  };
}
