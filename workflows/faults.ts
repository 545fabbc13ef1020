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
  const message = root instanceof Error ? root.message : String(root);
  return { kind: 'failed', type, message, details: detailsOf(root) };
}

function detailsOf(root: unknown): Readonly<Record<string, unknown>> {
  const given: unknown = root instanceof ApplicationFailure ? root.details?.[0] : undefined;
  return typeof given === 'object' && given !== null ? { ...given } : {};
}

function rootOf(error: unknown): unknown {
  const wraps = error instanceof ActivityFailure || error instanceof ChildWorkflowFailure;
  return wraps && error.cause ? rootOf(error.cause) : error;
}
