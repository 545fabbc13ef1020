/**
 * Why an adapter could not do what it was asked. `activities/failures.ts` alone decides what each code means for a run:
 * its failure type, whether another try can help, and the sentence for a person.
 */
export const PORT_FAILURE_CODES = [
  // The world is not there, or not yet.
  'unavailable',
  'timeout',
  'malformed-answer',
  'rate-limited',
  'not-ready',
  // We may not, or were asked wrongly.
  'unauthorised',
  'forbidden',
  'bad-request',
  'not-found',
  'conflict',
  'unsupported',
  // Data.
  'data-missing',
  'data-unreadable',
  'data-schema',
  'data-invalid',
  'data-changed',
  'data-stale',
  'data-erased',
  'query-failed',
  // Objects of S3.
  'object-exists',
  'object-digest',
  // Training.
  'trainer-usage',
  'trainer-data',
  'trainer-dependency',
  'trainer-temporary',
  'trainer-permission',
  'trainer-configuration',
  'trainer-error',
  'trainer-killed',
  'trainer-no-result',
  'trainer-contradiction',
  'trainer-digest',
  'deadline',
  'job-vanished',
  'job-conflict',
  // Jobs on a cluster.
  'job-invalid',
  'pod-security',
  'quota-exceeded',
  'unschedulable',
  'queue-deadline',
  'image-or-config',
  'image-pull',
  'out-of-memory',
  'evicted-own-limit',
  'preempted',
  'node-device',
  // What may be spent.
  'budget-exceeded',
  // Evidence, registry, serving, traffic.
  'evidence-corrupt',
  'registry-conflict',
  'record-incomplete',
  'pointer-moved',
  'artifact-changed',
  'server-died',
  'foreign-write',
  'command-not-found',
  'storage',
] as const;
export type PortFailureCode = (typeof PORT_FAILURE_CODES)[number];

export interface PortFailureDetails {
  /** Small and plain: file, column, name, url, exit code, … */
  readonly [key: string]: string | number | boolean | undefined;
}

/** The one error class of all adapters. The message says what was tried, with which value, and what was expected. */
export class PortFailure extends Error {
  override readonly name = 'PortFailure';
  readonly code: PortFailureCode;
  readonly details: PortFailureDetails;
  /** What to do about it, where the adapter knows; may hold lines to be pasted into a manifest. */
  readonly next: string | undefined;

  constructor(
    code: PortFailureCode,
    message: string,
    more: { cause?: unknown; details?: PortFailureDetails; next?: string } = {},
  ) {
    super(message, more.cause === undefined ? {} : { cause: more.cause });
    this.code = code;
    this.details = more.details ?? {};
    this.next = more.next;
  }
}
