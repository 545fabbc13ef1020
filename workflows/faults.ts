import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure, isCancellation } from '@temporalio/workflow';
import type { Fault } from './hands.ts';
import type { PersonsWord } from './messages.ts';

/** The root of what went wrong: wrappers name the activity, the cause says why. */
export function explainFailure(error: unknown, stopped: PersonsWord | undefined): Fault {
  if (isCancellation(error)) {
    return { kind: 'stopped', ...(stopped ?? { by: 'a cancellation in Temporal', reason: 'cancelled' }) };
  }
  const root = rootOf(error);
  const type = root instanceof ApplicationFailure ? (root.type ?? 'Unexpected') : 'Unexpected';
  return { kind: 'failed', type, message: root instanceof Error ? root.message : String(root) };
}

function rootOf(error: unknown): unknown {
  const wraps = error instanceof ActivityFailure || error instanceof ChildWorkflowFailure;
  return wraps && error.cause ? rootOf(error.cause) : error;
}
