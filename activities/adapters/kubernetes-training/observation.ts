import type { CoreV1Event, V1Job, V1Node, V1Pod } from '@kubernetes/client-node';
import type { PortFailureCode } from '../../ports/port-failure.ts';

/**
 * Everything that one poll saw of one Job. `job` is missing when the API server answered 404. `pods`, `events` and
 * `nodes` may be empty when they were not asked for: less is known then, nothing is guessed.
 */
export interface JobObservation {
  readonly job?: V1Job;
  readonly pods: readonly V1Pod[];
  /** Events of the Job and of its pods. */
  readonly events: readonly CoreV1Event[];
  readonly workload?: KueueWorkload;
  /** The other Workloads of the namespace: who is ahead in the queue, and who holds its quota. */
  readonly neighbours?: readonly KueueWorkload[];
  /** The queue's limits by resource, where somebody could read them. */
  readonly quota?: Readonly<Record<string, number>>;
  /** The nodes that the pods ran on, where the Role lets us read them. */
  readonly nodes?: readonly V1Node[];
  /** What earlier polls saw: pods that were evicted or preempted are gone a minute later. */
  readonly past?: JobPast;
  /** The newest checkpoint, read by whoever polls. */
  readonly checkpointStep?: number;
  /** The namespace answered 404, or is being deleted. */
  readonly namespaceGone?: boolean;
  readonly now: Date;
}

/** What must be remembered of a Job between polls. Small and plain: it travels in heartbeats. */
export interface JobPast {
  readonly jobUid: string;
  /** ISO times. */
  readonly createdAt: string;
  /** Set while the Job is suspended after it ran. */
  readonly suspendedAt?: string;
  /** The end of the last suspension that was counted. */
  readonly resumedAt?: string;
  readonly suspensions: number;
  /** Sum of the suspensions that have ended, in seconds. */
  readonly suspendedSeconds: number;
  /** By pod uid. */
  readonly pods: Readonly<Record<string, PodPast>>;
  /** Its namespace was on its way out: later even the right to look is gone with it. */
  readonly namespaceGone?: true;
}

export interface PodPast {
  readonly name: string;
  readonly node?: string;
  readonly gpus: number;
  readonly startedAt?: string;
  readonly endedAt?: string;
  /** It failed by its own doing. */
  readonly failed?: true;
  /** The reason of its disruption, when it had one. */
  readonly evicted?: string;
  /** The newest checkpoint when it was disrupted. */
  readonly step?: number;
}

/** A Workload of Kueue, v1beta1 or v1beta2: the fields both have, each optional because a server's answer is. */
export interface KueueWorkload {
  readonly apiVersion?: string;
  readonly metadata?: {
    readonly name?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly creationTimestamp?: Date | string;
  };
  readonly spec?: { readonly queueName?: string; readonly active?: boolean; readonly priority?: number };
  readonly status?: {
    readonly conditions?: readonly KueueCondition[];
    readonly requeueState?: { readonly count?: number; readonly requeueAt?: Date | string };
    readonly admission?: {
      readonly clusterQueue?: string;
      readonly podSetAssignments?: readonly { readonly resourceUsage?: Readonly<Record<string, string | number>> }[];
    };
  };
}

export interface KueueCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: Date | string;
}

/** How long a situation that may mend itself is watched before it is a failure, and how often. Times in milliseconds. */
export interface ClassifyPolicy {
  readonly unschedulableGraceMs: number;
  readonly imagePullGraceMs: number;
  /** When a Job without a pod is first looked up in the events. */
  readonly eventsAfterMs: number;
  readonly queueDeadlineMs: number;
  readonly evictions: number;
  readonly suspensions: number;
  /** So many disruptions in a row at one and the same checkpoint end the Job. */
  readonly sameStep: number;
  /** How often the Job controller starts an exit that may be retried again. */
  readonly retries: number;
}

/** What one observation means. Times are ISO. */
export type Classified =
  | { readonly kind: 'waiting'; readonly why: string; readonly since: string }
  | { readonly kind: 'running'; readonly startedAt: string; readonly attempt: number; readonly evictions: number }
  | { readonly kind: 'ended'; readonly end: JobEnd }
  | {
      readonly kind: 'failed';
      readonly code: PortFailureCode;
      readonly message: string;
      readonly exitCode?: number;
      /** The Job has not ended by itself: whoever reads this must delete it, or it waits for ever. */
      readonly mustRemove: boolean;
      readonly attempts: number;
    }
  | { readonly kind: 'vanished'; readonly message: string };

/** The Job controller says Complete; `result.json` must still agree. */
export interface JobEnd {
  readonly cause: 'exit';
  readonly exitCode: 0;
  readonly attempts: number;
  readonly startedAt: string;
  readonly endedAt: string;
}
