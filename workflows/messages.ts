import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Decision, DecisionAnswer } from '../scorecards/decision.ts';
import type { RunSheet } from '../scorecards/run-sheet.ts';
import type { AppliedPolicy, RunEnded, TriggerAnswer, TriggerRequest } from '../scorecards/trigger.ts';
import type { WatchState } from '../scorecards/watch.ts';

/** Names on the wire: frozen. One name may be a signal and an update with the same single object. */

export interface PersonsWord {
  readonly by: string;
  readonly reason: string;
}

// watchModel, id `model/<name>`
export const requestRetrainUpdate = defineUpdate<TriggerAnswer, [TriggerRequest]>('requestRetrain');
export const applyPolicyUpdate = defineUpdate<{ readonly changed: boolean }, [AppliedPolicy]>('applyPolicy');
export const pauseUpdate = defineUpdate<{ readonly paused: boolean }, [PersonsWord]>('pause');
export const pauseSignal = defineSignal<[unknown?]>('pause');
export const resumeUpdate = defineUpdate<{ readonly paused: boolean }, [PersonsWord]>('resume');
export const resumeSignal = defineSignal<[unknown?]>('resume');
export const runEndedSignal = defineSignal<[RunEnded]>('runEnded');
export const watchStateQuery = defineQuery<WatchState>('watchState');

// retrainModel, id `retrain/<model>/<asOf>-<kind>`
/** Untyped on purpose: the Temporal UI sends whatever a person typed. */
export const decideSignal = defineSignal<[unknown?]>('decide');
export const decideUpdate = defineUpdate<DecisionAnswer, [Decision]>('decide');
export const abortSignal = defineSignal<[unknown?]>('abort');
export const abortUpdate = defineUpdate<{ readonly accepted: boolean; readonly reason: string }, [PersonsWord]>(
  'abort',
);
export const rollbackSignal = defineSignal<[unknown?]>('rollback');
export const rollbackUpdate = defineUpdate<{ readonly accepted: boolean; readonly reason: string }, [PersonsWord]>(
  'rollback',
);
export const goOnSignal = defineSignal<[unknown?]>('goOn');
export const goOnUpdate = defineUpdate<{ readonly accepted: boolean; readonly reason: string }, [PersonsWord]>('goOn');
export const runSheetQuery = defineQuery<RunSheet>('runSheet');

/** From the rollout's own workflow: the weight now, and what the last phase said. */
export const rolloutNewsSignal = defineSignal<[{ readonly percent: number; readonly line: string }]>('rolloutNews');

/** From the activity that follows the training's job: what it waits for; empty when it waits no more. */
export const trainingNewsSignal = defineSignal<[{ readonly job: string; readonly line: string }]>('trainingNews');

// rollOutModel, id `<run>/rollout-<generation>`
export const haltSignal =
  defineSignal<[{ readonly kind: 'abort' | 'rollback'; readonly by: string; readonly reason: string }]>('halt');
/** Lifts a hold. */
export const liftSignal = defineSignal<[PersonsWord]>('lift');

/** Reads `{by, reason}` from whatever a person sent; a missing text is said, never guessed. */
export function personsWord(given: unknown): PersonsWord {
  const value = typeof given === 'object' && given !== null ? (given as Record<string, unknown>) : {};
  const text = (key: string, otherwise: string) =>
    typeof value[key] === 'string' && value[key] !== '' ? value[key] : otherwise;
  return { by: text('by', 'somebody with access to the namespace'), reason: text('reason', 'no reason given') };
}
