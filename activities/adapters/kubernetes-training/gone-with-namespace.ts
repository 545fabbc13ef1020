import { PortFailure } from '../../ports/port-failure.ts';
import { unless } from '../kubernetes/anchor.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { isRefused } from '../kubernetes/errors.ts';
import type { JobPast } from './observation.ts';

/**
 * Whether a look was refused because the namespace goes: it takes the worker's RoleBinding, often before the Job. Only of a
 * Job that earlier looks saw, because what was never allowed is a missing rule. Rights that are gone for another reason are
 * thrown as they were refused; where nobody may say which of the two it is, both are named.
 */
export async function isGoneWithNamespace(
  client: KubernetesClient,
  past: JobPast | undefined,
  error: unknown,
): Promise<boolean> {
  if (past === undefined || !isRefused(error) || !(error instanceof PortFailure)) return false;
  if (past.namespaceGone === true) return true;
  const isGoing = await unless(isRefused, async () => await client.isNamespaceGoing());
  if (isGoing !== undefined) return isGoing;
  const other =
    `the job was seen before, and now nothing is allowed in namespace ${client.namespace}: if somebody deleted the ` +
    `namespace, the job is gone with it, and no rule is missing (kubectl get namespace ${client.namespace})`;
  throw new PortFailure('forbidden', `${error.message} · ${other}`, { cause: error, details: error.details });
}
