import type { RunSheet } from '../scorecards/run-sheet.ts';
import { EXIT } from './failure.ts';

type Ended = NonNullable<RunSheet['ended']>;

const EXITS: Readonly<Record<Ended['outcome'], number>> = {
  promoted: EXIT.ok,
  'no-drift': EXIT.gateFailed,
  rejected: EXIT.gateFailed,
  expired: EXIT.rejected,
  inconclusive: EXIT.gateFailed,
  blocked: EXIT.gateFailed,
  'rolled-back': EXIT.rolledBack,
  aborted: EXIT.failure,
  failed: EXIT.failure,
  lost: EXIT.failure,
};

/** What the end of a run means as an exit code. `goal` is what the caller waited for. */
export function exitOfEnd({ ended, stage }: { readonly ended: Ended; readonly stage: string }, goal: string): number {
  if (ended.outcome === 'no-drift' && goal === 'ended') return EXIT.ok;
  if (ended.outcome === 'rejected' && stage === 'approval') return EXIT.rejected;
  return EXITS[ended.outcome];
}

/** Goals of `wait`, in the order in which a run meets them. */
export const GOALS = ['candidate', 'approval', 'promoted', 'ended'] as const;
export type Goal = (typeof GOALS)[number];

/** Whether a run that goes on has reached the goal: trained and registered, or asking people. */
export function isReached(sheet: RunSheet, goal: Goal): boolean {
  if (goal === 'candidate') return sheet.challenger?.version !== undefined;
  return goal === 'approval' && sheet.approval.request !== undefined;
}
