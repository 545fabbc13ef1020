import type { PortFailureCode } from '../../ports/port-failure.ts';
import type { JobObservation, KueueCondition, KueueWorkload } from './observation.ts';
import { isoOf, msOf } from './observation-pods.ts';

/** What a Workload says about its Job. `admitted` means that Kueue is done and pods are the next question. */
export type QueueState =
  | { readonly kind: 'admitted' }
  | { readonly kind: 'waiting'; readonly why: string; readonly since?: string }
  | { readonly kind: 'refused'; readonly code: PortFailureCode; readonly message: string };

/** Reasons of `QuotaReserved=False` that waiting cannot mend. */
const REFUSALS: Readonly<Record<string, PortFailureCode>> = {
  ExceedsMaxQuota: 'quota-exceeded',
  NoMatchingFlavor: 'unschedulable',
  TopologyPlacementFailed: 'unschedulable',
  Misconfigured: 'job-invalid',
  Inadmissible: 'job-invalid',
};

const WAITS: Readonly<Record<string, string>> = {
  WaitingForQuota: 'for quota',
  WaitingForPreemptedWorkloads: 'for preempted workloads to leave',
  WaitingForPodsReady: 'for the pods of an earlier workload',
  PendingEvaluation: 'to be looked at',
  Suspended: 'because the queue is stopped: somebody must start it again',
};

/** Reasons of `Evicted=True` after which Kueue does not admit the Workload again. */
const ENDS: Readonly<Record<string, PortFailureCode>> = {
  Deactivated: 'preempted',
  MaximumExecutionTimeExceeded: 'deadline',
  RequeuingLimitExceeded: 'queue-deadline',
};

const EVICTIONS: Readonly<Record<string, string>> = {
  Preempted: 'it was preempted by another workload',
  PodsReadyTimeout: 'its pods were not ready in time',
  AdmissionCheck: 'an admission check took its place back',
  ClusterQueueStopped: 'the cluster queue was stopped',
  LocalQueueStopped: 'the queue was stopped',
  NodeFailures: 'its node failed',
};

/** Reads the conditions of a Workload, v1beta1 or v1beta2; see the Kueue documentation, "Workload". */
export function readWorkload(workload: KueueWorkload): QueueState {
  const conditions = workload.status?.conditions ?? [];
  const evicted = conditionOf(conditions, 'Evicted');
  const queue = `queue ${workload.spec?.queueName ?? 'without a name'}`;
  const ended = refusedByEviction(workload, queue, evicted);
  if (ended !== undefined) return ended;
  if (conditionOf(conditions, 'Admitted')?.status === 'True') return { kind: 'admitted' };
  return unadmitted(queue, conditionOf(conditions, 'QuotaReserved'), evicted);
}

function unadmitted(queue: string, quota: KueueCondition | undefined, evicted: KueueCondition | undefined): QueueState {
  if (quota?.status === 'True') {
    return waiting(`${queue}: quota is reserved, admission checks are still open`, quota);
  }
  const reason = quota?.reason ?? '';
  const code = REFUSALS[reason];
  if (code !== undefined) {
    return { kind: 'refused', code, message: `${queue} will not admit the job (${reason}): ${quota?.message ?? ''}` };
  }
  return waiting(`${queue}: ${waitingWords(quota)}${requeueWords(evicted)}`, quota ?? evicted);
}

function refusedByEviction(
  workload: KueueWorkload,
  queue: string,
  evicted: KueueCondition | undefined,
): QueueState | undefined {
  const target = conditionOf(workload.status?.conditions ?? [], 'DeactivationTarget');
  const cause = [evicted, target].find((one) => one?.status === 'True' && endOf(one.reason) !== undefined);
  const code = endOf(cause?.reason) ?? (workload.spec?.active === false ? 'preempted' : undefined);
  if (code === undefined) return undefined;
  const why = cause?.message ?? 'somebody set spec.active to false';
  return {
    kind: 'refused',
    code,
    message: `${queue} gave the job up (${cause?.reason ?? 'Deactivated'}): ${why}; it will not be admitted again`,
  };
}

/** v1beta1 says `DeactivatedDueToRequeuingLimitExceeded` where v1beta2 says `RequeuingLimitExceeded`. */
function endOf(reason = ''): PortFailureCode | undefined {
  return ENDS[reason.replace(/^DeactivatedDueTo/, '')];
}

function waitingWords(quota: KueueCondition | undefined): string {
  if (quota === undefined) return 'waits to be looked at';
  const known = WAITS[quota.reason ?? ''];
  const said = quota.message === undefined || quota.message === '' ? '' : ` (${quota.message})`;
  return known === undefined ? `waits, reason ${quota.reason ?? 'unknown'}${said}` : `waits ${known}${said}`;
}

function requeueWords(evicted: KueueCondition | undefined): string {
  if (evicted?.status !== 'True') return '';
  return `; ${EVICTIONS[evicted.reason ?? ''] ?? `it was evicted (${evicted.reason ?? 'no reason'})`}`;
}

function waiting(why: string, condition: KueueCondition | undefined): QueueState {
  const since = isoOf(condition?.lastTransitionTime);
  return { kind: 'waiting', why, ...(since === undefined ? {} : { since }) };
}

function conditionOf(conditions: readonly KueueCondition[], type: string): KueueCondition | undefined {
  return conditions.find((one) => one.type === type);
}

/**
 * Who is ahead and who holds the quota, as far as the Workloads of our namespace tell:
 * `2 ahead, quota 8/8 nvidia.com/gpu used by team-x`. Empty when nobody else is known.
 */
export function queueWords({ workload, neighbours = [], quota = {} }: JobObservation): string {
  if (workload === undefined) return '';
  const others = neighbours.filter(
    (one) => one.metadata?.name !== workload.metadata?.name && one.spec?.queueName === workload.spec?.queueName,
  );
  const ahead = others.filter((one) => !holdsQuota(one) && isAhead(one, workload)).length;
  const parts = [...(others.length === 0 ? [] : [`${ahead} ahead`]), ...usage(others.filter(holdsQuota), quota)];
  return parts.join(', ');
}

/** Where the quota of a waiting Workload is: whoever was admitted from the same queue tells. */
export function clusterQueueOf(workload: KueueWorkload, neighbours: readonly KueueWorkload[]): string | undefined {
  const admitted = neighbours.find((one) => one.spec?.queueName === workload.spec?.queueName && holdsQuota(one));
  return admitted?.status?.admission?.clusterQueue;
}

function holdsQuota(workload: KueueWorkload): boolean {
  const conditions = workload.status?.conditions ?? [];
  const is = (type: string): boolean => conditionOf(conditions, type)?.status === 'True';
  return is('QuotaReserved') && !is('Finished');
}

/** Kueue's order in a queue: priority, then age. */
function isAhead(other: KueueWorkload, ours: KueueWorkload): boolean {
  if (conditionOf(other.status?.conditions ?? [], 'Finished')?.status === 'True') return false;
  const gap = priorityOf(other) - priorityOf(ours);
  return gap === 0 ? bornAt(other) < bornAt(ours) : gap > 0;
}

function priorityOf({ spec }: KueueWorkload): number {
  return spec?.priority ?? 0;
}

function bornAt({ metadata }: KueueWorkload): number {
  return msOf(metadata?.creationTimestamp) ?? 0;
}

/** Accelerators only: they are what a training waits for. */
function usage(holders: readonly KueueWorkload[], quota: Readonly<Record<string, number>>): string[] {
  const used = new Map<string, { count: number; by: Set<string> }>();
  for (const holder of holders) {
    for (const [resource, count] of acceleratorsOf(holder)) {
      const entry = used.get(resource) ?? { count: 0, by: new Set<string>() };
      used.set(resource, { count: entry.count + count, by: entry.by.add(ownerOf(holder)) });
    }
  }
  return [...used].map(([resource, { count, by }]) => {
    const of = quota[resource] === undefined ? '' : `/${quota[resource]}`;
    return `quota ${count}${of} ${resource} used by ${[...by].toSorted().join(', ')}`;
  });
}

function acceleratorsOf(holder: KueueWorkload): [string, number][] {
  return (holder.status?.admission?.podSetAssignments ?? [])
    .flatMap((set) => Object.entries(set.resourceUsage ?? {}))
    .filter(([resource]) => resource.includes('/'))
    .map(([resource, count]) => [resource, Number(count)]);
}

function ownerOf(holder: KueueWorkload): string {
  const labels = Object.entries(holder.metadata?.labels ?? {});
  return labels.find(([name]) => /(^|\/)team$/.test(name))?.[1] ?? holder.metadata?.name ?? 'others';
}
