import { describe, expect, test } from '@jest/globals';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { small } from '../../activities/context.ts';
import { FAILURES, toFailure, withFailures } from '../../activities/failures.ts';
import { PORT_FAILURE_CODES, PortFailure } from '../../activities/ports/port-failure.ts';
import type { PortFailureCode } from '../../activities/ports/port-failure.ts';
import { catalogue } from '../../scorecards/policy/catalogue.ts';

/** Dashboards, alerts and runbooks name these: a change here is a change of the interface. */
const FROZEN = `
  unavailable            DependencyUnavailable  again
  timeout                DependencyTimeout      again
  malformed-answer       MalformedResponse      again
  rate-limited           RateLimited            again
  not-ready              NotReady               again
  unauthorised           Unauthorised           final
  forbidden              Forbidden              final
  bad-request            BadRequest             final
  not-found              NotFound               final
  conflict               Conflict               again
  unsupported            Unsupported            final
  data-missing           DataMissing            final
  data-unreadable        DataUnreadable         final
  data-schema            DataSchema             final
  data-invalid           DataInvalid            final
  data-changed           DataChanged            again
  data-stale             DataStale              final
  data-erased            DataErased             final
  query-failed           QueryFailed            final
  object-exists          ObjectExists           final
  object-digest          ObjectDigest           final
  trainer-usage          TrainerUsage           final
  trainer-data           TrainerData            final
  trainer-dependency     TrainerDependency      final
  trainer-temporary      TrainerTemporary       final
  trainer-permission     TrainerPermission      final
  trainer-configuration  TrainerConfiguration   final
  trainer-error          TrainerError           final
  trainer-killed         TrainerKilled          final
  trainer-no-result      TrainerNoResult        final
  trainer-contradiction  TrainerContradiction   final
  trainer-digest         TrainerDigest          final
  deadline               DeadlineExceeded       final
  job-vanished           JobVanished            final
  job-conflict           JobConflict            final
  job-invalid            InvalidJobSpec         final
  pod-security           PodSecurityViolation   final
  quota-exceeded         QuotaExceeded          final
  unschedulable          Unschedulable          final
  queue-deadline         QueueDeadlineExceeded  final
  image-or-config        ImageOrConfigError     final
  image-pull             ImagePullFailed        final
  out-of-memory          OutOfMemory            final
  evicted-own-limit      EvictedOwnLimit        final
  preempted              Preempted              final
  node-device            NodeDeviceError        final
  budget-exceeded        BudgetExceeded         final
  evidence-corrupt       EvidenceCorrupt        final
  registry-conflict      RegistryConflict       final
  record-incomplete      RecordIncomplete       final
  pointer-moved          PointerMovedOutOfBand  final
  artifact-changed       ArtifactChanged        final
  server-died            ServerDied             final
  foreign-write          ForeignWrite           final
  command-not-found      CommandNotFound        final
  storage                Storage                again`;

function lineOf(code: PortFailureCode): string {
  const { type, retry } = FAILURES[code];
  return `\n  ${code.padEnd(21)}  ${type.padEnd(21)}  ${retry ? 'again' : 'final'}`;
}

const QUIET = new DefaultLogger('ERROR');

const asFailure = (error: unknown, attempt = 1, elapsedMs = 0, activity = 'setRoute'): ApplicationFailure => {
  const failure = toFailure(error, { activity, attempt, elapsedMs });
  if (!(failure instanceof ApplicationFailure)) throw new Error('expected an ApplicationFailure', { cause: failure });
  return failure;
};

describe('the closed list of failures', () => {
  test('is frozen: code, type, and whether another try can help', () => {
    expect(PORT_FAILURE_CODES.map(lineOf).join('')).toBe(FROZEN);
  });

  test('has an entry for every code and no other, with a type of its own and a next step', () => {
    expect(Object.keys(FAILURES).toSorted()).toEqual([...PORT_FAILURE_CODES].toSorted());
    const kinds = Object.values(FAILURES);
    expect(new Set(kinds.map(({ type }) => type)).size).toBe(kinds.length);
    expect(kinds.filter(({ next }) => !/^.{15,}[^.]$/.test(next))).toEqual([]);
  });
});

describe('what to do about a lack of memory', () => {
  const fields = [...catalogue().keys()].filter((field) => field.endsWith('.resources.memory'));

  test('there is more than one field for it', () => {
    expect(fields).toEqual(['spec.training.resources.memory', 'spec.serving.resources.memory']);
  });

  test.each(fields)('names %s: trainers and servers alike run out of it', (field) => {
    expect(FAILURES['out-of-memory'].next).toContain(field.replace(/^spec\./, ''));
  });
});

describe('what an adapter throws', () => {
  test.each(PORT_FAILURE_CODES)('%s becomes its type, says what to do, and keeps details and cause', (code) => {
    const error = new PortFailure(code, 'it did not work', { details: { url: 'http://127.0.0.1:1' } });
    const failure = asFailure(error);
    expect(failure).toMatchObject({
      type: FAILURES[code].type,
      nonRetryable: !FAILURES[code].retry,
      message: `it did not work · next: ${FAILURES[code].next}`,
      details: [{ url: 'http://127.0.0.1:1' }],
    });
    expect(failure.cause).toBe(error);
    expect(failure.nextRetryDelay).toBeUndefined();
  });

  test('a service that names its time is asked again then, not earlier', () => {
    const limited = new PortFailure('rate-limited', 'too many requests', { details: { retryAfterSeconds: 7 } });
    expect(asFailure(limited)).toMatchObject({ type: 'RateLimited', nonRetryable: false, nextRetryDelay: 7000 });
    const vague = new PortFailure('rate-limited', 'too many requests', { details: { retryAfterSeconds: 'soon' } });
    expect(asFailure(vague).nextRetryDelay).toBeUndefined();
  });

  test.each([
    ['a fault of ours', new TypeError('x is not a function'), 'x is not a function'],
    ['a text', 'boom', 'boom'],
    ['nothing', undefined, 'undefined'],
  ])('%s is Unexpected, tried again twice, and ends the run at the third attempt', (_, thrown, message) => {
    const failures = [1, 2, 3, 4].map((attempt) => asFailure(thrown, attempt));
    expect(failures.map(({ nonRetryable }) => nonRetryable)).toEqual([false, false, true, true]);
    expect(failures[0]).toMatchObject({ type: 'Unexpected', message, cause: { message } });
  });

  test.each([
    ['a failure of Temporal', ApplicationFailure.nonRetryable('no', 'PayloadTooLarge')],
    ['a cancellation', new CancelledFailure('stopped')],
  ])('%s passes through untouched', (_, failure) => {
    expect(toFailure(failure, { attempt: 5, elapsedMs: 0 })).toBe(failure);
  });
});

describe('what is there and does not get ready', () => {
  const HOUR_MS = 3_600_000;
  const waited = new PortFailure('not-ready', 'the server was not ready within 5 s', {
    details: { readyWithinMs: 5000 },
  });
  const unheard = new PortFailure('not-ready', 'the gateway has not loaded the route');
  const finals = (error: PortFailure, elapsedMs: number, activity?: string) =>
    [1, 2, 3, 4].map((attempt) => asFailure(error, attempt, elapsedMs, activity).nonRetryable);

  test('a server that had its time is tried three times, and then the run ends and says so', () => {
    expect(finals(waited, 0)).toEqual([false, false, true, true]);
    expect(asFailure(waited, 3).message).toBe(
      `the server was not ready within 5 s · given up after 3 tries · next: ${FAILURES['not-ready'].next}`,
    );
  });

  test('what nobody has waited for yet is tried for an hour, however quickly it fails', () => {
    expect(finals(unheard, HOUR_MS - 1)).toEqual([false, false, false, false]);
    expect(finals(unheard, HOUR_MS)).toEqual([false, false, true, true]);
  });

  test.each(['returnTraffic', 'verifyRollback'])('%s is never given up: traffic goes back', (activity) => {
    expect(finals(unheard, HOUR_MS, activity)).toEqual([false, false, false, false]);
  });
});

describe('an activity that throws typed failures', () => {
  const activities = withFailures({
    ok: async (input: unknown) => ({ input }),
    refused: async () => Promise.reject(new PortFailure('forbidden', 'no')),
    broken: async () => Promise.reject(new Error('broken')),
    unready: async () => Promise.reject(new PortFailure('not-ready', 'not yet', { details: { readyWithinMs: 1 } })),
    big: async () => 'x'.repeat(70_000),
  });
  const run = async (name: keyof typeof activities, attempt = 1) =>
    new MockActivityEnvironment({ attempt }, { logger: QUIET }).run(activities[name], 1);

  test('answers what it answered before', async () => {
    expect(await run('ok')).toEqual({ input: 1 });
  });

  test('maps what its adapter throws, by attempt', async () => {
    await expect(run('refused')).rejects.toMatchObject({ type: 'Forbidden', nonRetryable: true });
    await expect(run('broken', 2)).rejects.toMatchObject({ type: 'Unexpected', nonRetryable: false });
    await expect(run('broken', 3)).rejects.toMatchObject({ type: 'Unexpected', nonRetryable: true });
    await expect(run('unready', 2)).rejects.toMatchObject({ type: 'NotReady', nonRetryable: false });
    await expect(run('unready', 3)).rejects.toMatchObject({ type: 'NotReady', nonRetryable: true });
  });

  test('refuses an answer that would bloat the history', async () => {
    await expect(run('big')).rejects.toMatchObject({ type: 'PayloadTooLarge', nonRetryable: true });
  });

  test('that was stopped is cancelled, whatever its adapter threw', async () => {
    const environment = new MockActivityEnvironment({}, { logger: QUIET });
    environment.cancel();
    await expect(environment.run(activities.broken, 1)).rejects.toBeInstanceOf(CancelledFailure);
  });
});

describe('what may go into the history', () => {
  const QUOTES = 2;
  const text = (bytes: number) => 'x'.repeat(bytes - QUOTES);

  test.each([65_535, 65_536])('a result of %i bytes may', (bytes) => {
    expect(small('measure', text(bytes))).toBe(text(bytes));
  });

  test('a result of 65537 bytes may not: it names the activity and both numbers', () => {
    expect(() => small('measure', text(65_537))).toThrow(
      'measure answered 65537 bytes, at most 65536 are allowed in history',
    );
  });

  test('letters that need two bytes count as two', () => {
    expect(small('measure', 'é'.repeat(32_767))).toHaveLength(32_767);
    expect(() => small('measure', 'é'.repeat(32_768))).toThrow('measure answered 65538 bytes');
  });

  test('nothing is small', () => {
    expect(small('measure', undefined)).toBeUndefined();
  });
});
