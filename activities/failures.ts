import { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure, TemporalFailure } from '@temporalio/common';
import { small } from './context.ts';
import { PortFailure } from './ports/port-failure.ts';
import type { PortFailureCode } from './ports/port-failure.ts';

interface FailureKind {
  /** The failure type that a person sees in the Temporal UI; frozen by a test. */
  readonly type: string;
  /** Whether the same call may succeed later without anybody changing anything. */
  readonly retry: boolean;
  /** What a person should do; the sentence of what happened comes from the adapter. */
  readonly next: string;
}

const again = (type: string, next: string): FailureKind => ({ type, retry: true, next });
const final = (type: string, next: string): FailureKind => ({ type, retry: false, next });

/** The closed list of failures. Whoever wants to know what an adapter's code means for a run reads it here. */
export const FAILURES: Readonly<Record<PortFailureCode, FailureKind>> = {
  unavailable: again('DependencyUnavailable', 'the run waits and goes on when the service answers again'),
  timeout: again('DependencyTimeout', 'the run tries again; see understudy doctor if it persists'),
  'malformed-answer': again('MalformedResponse', 'look at what answers under this address: a proxy page is no answer'),
  'rate-limited': again('RateLimited', 'the run slows down and goes on'),
  'not-ready': again('NotReady', 'look at the server log named in the details'),
  unauthorised: final('Unauthorised', 'renew the credentials of the worker'),
  forbidden: final('Forbidden', 'give the worker the permission named above'),
  'bad-request': final('BadRequest', 'correct the policy field named above'),
  'not-found': final('NotFound', 'check that nobody deleted it, then understudy retry the run'),
  conflict: again('Conflict', 'the run reads again and goes on'),
  unsupported: final('Unsupported', 'choose a backend or gateway that can do this; see understudy doctor'),
  'data-missing': final('DataMissing', 'supply the data named above, then understudy retry RUN --from dataset'),
  'data-unreadable': final(
    'DataUnreadable',
    'repair or remove the file named above, then understudy retry RUN --from dataset',
  ),
  'data-schema': final('DataSchema', 'restore the column named above or change the policy'),
  'data-invalid': final('DataInvalid', 'correct the values named above, then understudy retry RUN --from dataset'),
  'data-changed': again('DataChanged', 'the snapshot is taken again; files should be complete before they appear'),
  'data-stale': final('DataStale', 'find out why newer data are missing, or raise dataset.checks.freshWithin'),
  'object-exists': final(
    'ObjectExists',
    'find out who else writes under this name: what is there is never overwritten',
  ),
  'object-digest': final('ObjectDigest', 'upload the object named above again, then understudy retry the run'),
  'data-erased': final(
    'DataErased',
    'understudy trigger MODEL takes a snapshot of its own; what was erased does not come back',
  ),
  'query-failed': final('QueryFailed', 'correct the query of data.pull'),
  'trainer-usage': final(
    'TrainerUsage',
    'the trainer refused its arguments (exit 64): see its log in understudy report',
  ),
  'trainer-data': final('TrainerData', 'the trainer refused the data (exit 65): see its log in understudy report'),
  'trainer-dependency': final(
    'TrainerDependency',
    'a service that the trainer needs stayed away (exit 69): see its log in understudy report',
  ),
  'trainer-temporary': final(
    'TrainerTemporary',
    'the trainer asked for another try (exit 75) too often: see its log in understudy report',
  ),
  'trainer-permission': final(
    'TrainerPermission',
    'the trainer lacks a permission (exit 77): see its log in understudy report',
  ),
  'trainer-configuration': final(
    'TrainerConfiguration',
    'the trainer is configured wrongly (exit 78): see its log in understudy report',
  ),
  'trainer-error': final('TrainerError', 'the trainer failed: see its log in understudy report'),
  'trainer-killed': final('TrainerKilled', 'the trainer was killed from outside: memory is the usual cause'),
  'trainer-no-result': final('TrainerNoResult', 'the trainer must write result.json before it exits 0'),
  'trainer-contradiction': final('TrainerContradiction', 'result.json and exit code must tell the same story'),
  'trainer-digest': final('TrainerDigest', 'a file was changed after the trainer named its digest'),
  deadline: final(
    'DeadlineExceeded',
    'raise training.deadline (data.pull.deadline for a pull), or find out what took so long',
  ),
  'job-vanished': final('JobVanished', 'somebody removed the job: understudy retry RUN --from training'),
  'job-conflict': final('JobConflict', 'a job of this name runs something else: remove it, then retry'),
  'job-invalid': final('InvalidJobSpec', 'correct the fields named above, in the policy or in the platform template'),
  'pod-security': final(
    'PodSecurityViolation',
    'the namespace refuses such pods: correct the platform template, or the namespace label',
  ),
  'quota-exceeded': final('QuotaExceeded', 'ask for less, wait for others to end, or have the quota raised'),
  unschedulable: final('Unschedulable', 'no node can run this: ask for less, or for another kind of node'),
  'queue-deadline': final('QueueDeadlineExceeded', 'raise the queue deadline, or allow another kind of accelerator'),
  'image-or-config': final('ImageOrConfigError', 'correct the image, secret or key named above'),
  'image-pull': final('ImagePullFailed', 'push the image, or give the namespace the right to pull it'),
  'out-of-memory': final('OutOfMemory', 'raise training.resources.memory, or serving.resources.memory for a server'),
  'evicted-own-limit': final('EvictedOwnLimit', 'raise the limit named above'),
  preempted: final('Preempted', 'take a pool that is interrupted less often, or write checkpoints more often'),
  'node-device': final('NodeDeviceError', 'have the node looked at, then understudy retry RUN --from training'),
  'budget-exceeded': final(
    'BudgetExceeded',
    'raise the budget named above, or make the training cheaper, then understudy retry RUN --from training',
  ),
  'evidence-corrupt': final('EvidenceCorrupt', 'restore the evidence store from its backup'),
  'registry-conflict': final(
    'RegistryConflict',
    'a version with this key holds another artifact: look at the registry',
  ),
  'record-incomplete': final(
    'RecordIncomplete',
    'a model without its four fields is not reproducible and not registered',
  ),
  'pointer-moved': final('PointerMovedOutOfBand', 'somebody moved the champion: decide by hand which version is right'),
  'artifact-changed': final('ArtifactChanged', 'the artifact is not what was registered: train again'),
  'server-died': final('ServerDied', 'the model server ended at start: see its log'),
  'foreign-write': final('ForeignWrite', 'somebody else edits this route: stop that, then retry'),
  'command-not-found': final('CommandNotFound', 'install the program named above or correct the command'),
  storage: again('Storage', 'free disk space or make the path writable'),
};

/** How often an error that nobody foresaw is tried again before it ends the run as our fault. */
const UNEXPECTED_ATTEMPTS = 3;

/**
 * What is there and does not get ready is no service that is merely away: it is tried as often, and where nobody has waited
 * for it as long as the policy says (`readyWithinMs` in the details), as long.
 */
const NOT_READY = { attempts: 3, ms: 3_600_000 };
/** Traffic goes back to the champion however long that takes. */
const ENDLESS: readonly string[] = ['returnTraffic', 'verifyRollback'];

/** Which try of which activity failed, and how long after the first one it began. */
export interface Tried {
  readonly activity?: string;
  readonly attempt: number;
  readonly elapsedMs: number;
}

/** Turns whatever an adapter threw into what Temporal retries or a person reads. The original stays the cause. */
export function toFailure(error: unknown, tried: Tried = { attempt: 1, elapsedMs: 0 }): unknown {
  if (error instanceof TemporalFailure) return error;
  if (!(error instanceof PortFailure)) {
    const message = error instanceof Error ? error.message : String(error);
    const cause = error instanceof Error ? error : new Error(message);
    return ApplicationFailure.create({
      type: 'Unexpected',
      nonRetryable: tried.attempt >= UNEXPECTED_ATTEMPTS,
      message,
      cause,
    });
  }
  const kind = FAILURES[error.code];
  const after = error.details['retryAfterSeconds'];
  const givenUp = isGivenUp(error, tried);
  const times = givenUp ? ` · given up after ${tried.attempt} tries` : '';
  return ApplicationFailure.create({
    type: kind.type,
    nonRetryable: !kind.retry || givenUp,
    ...(typeof after === 'number' ? { nextRetryDelay: after * 1000 } : {}),
    message: `${error.message}${times} · next: ${kind.next}`,
    details: [error.details],
    cause: error,
  });
}

function isGivenUp({ code, details }: PortFailure, { activity = '', attempt, elapsedMs }: Tried): boolean {
  if (code !== 'not-ready' || ENDLESS.includes(activity) || attempt < NOT_READY.attempts) return false;
  return typeof details['readyWithinMs'] === 'number' || elapsedMs >= NOT_READY.ms;
}

/** The same activity, throwing typed failures. */
export function withFailures<A extends object>(activities: A): A {
  const wrapped = Object.entries(activities).map(([name, activity]: [string, (input: unknown) => Promise<unknown>]) => [
    name,
    async (input: unknown) => {
      try {
        return small(name, await activity(input));
      } catch (error) {
        const { info, cancellationSignal } = Context.current();
        if (cancellationSignal.aborted && !(error instanceof TemporalFailure))
          throw new CancelledFailure('stopped on request');
        const elapsedMs = info.currentAttemptScheduledTimestampMs - info.scheduledTimestampMs;
        throw toFailure(error, { activity: name, attempt: info.attempt, elapsedMs });
      }
    },
  ]);
  return Object.fromEntries(wrapped) as A;
}
