import { setTimeout } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Ports } from '../activities/context.ts';
import { pendingRollbacks, settleRollback } from '../activities/pending-rollback.ts';
import type { PendingRollback } from '../activities/pending-rollback.ts';
import { rollbackSignal } from '../workflows/messages.ts';

/** A run that nobody works on does not keep the others waiting for ever. */
const RUN_MAY_TAKE_MS = 60_000;

/**
 * Rollbacks that a person did while nobody of us could be asked: the run that had the route is told first, so that it raises
 * no weight again, then the pointer follows the traffic. What fails stays pending for the next start, and is said; so does
 * what was done later to the same model, for a pointer follows step by step. Throws the first failure, after all others.
 */
export async function reconcileRollbacks(
  ports: Pick<Ports, 'registry' | 'evidence'>,
  client: Pick<Client, 'workflow'>,
  log: (line: string) => void,
): Promise<void> {
  const failures = new Map<string, unknown>();
  for (const pending of await pendingRollbacks(ports.evidence)) {
    const { by, from, model, to, writtenAt } = pending;
    if (failures.has(model)) continue;
    const what = `rollback of ${model} by ${by} at ${writtenAt} (v${from} → v${to})`;
    try {
      await tellRun(client, pending);
      const { outcome, reason } = await settleRollback(ports, pending);
      log(`${what}: ${outcome}, ${reason}`);
    } catch (error) {
      log(`${what} is not reconciled: ${error instanceof Error ? error.message : String(error)}`);
      failures.set(model, error);
    }
  }
  for (const failure of failures.values()) throw failure;
}

/**
 * The same again and again: whoever was away may come back without this process being started anew, and the next run would serve
 * the champion that was rolled back. Ends after `signal`.
 */
export async function keepReconciling(
  reconcile: () => Promise<void>,
  log: (line: string) => void,
  { everyMs, signal }: { readonly everyMs: number; readonly signal?: AbortSignal },
): Promise<void> {
  while (signal?.aborted !== true) {
    await setTimeout(everyMs, undefined, { ref: false });
    await reconcile().catch((error: unknown) => log(`rollbacks are still to be reconciled: ${String(error)}`));
  }
}

/** The run returns its traffic as it knows it and is waited for: what it writes last is written before its champion is looked for. */
async function tellRun(client: Pick<Client, 'workflow'>, { by, reason, run }: PendingRollback): Promise<void> {
  if (run === undefined) return;
  const handle = client.workflow.getHandle(run);
  try {
    await handle.signal(rollbackSignal, { by, reason });
  } catch (error) {
    // It has ended: then nobody raises a weight any more.
    if (error instanceof Error && error.name === 'WorkflowNotFoundError') return;
    throw error;
  }
  const ended = handle.result().catch(() => undefined);
  await Promise.race([ended, setTimeout(RUN_MAY_TAKE_MS, undefined, { ref: false })]);
}
