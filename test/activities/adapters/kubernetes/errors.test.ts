import { readFileSync } from 'node:fs';
import { ApiException } from '@kubernetes/client-node';
import { describe, expect, test } from '@jest/globals';
import {
  alreadyExists,
  failureOf,
  isNamespaceGone,
  isNotFound,
  isOtherUid,
} from '../../../../activities/adapters/kubernetes/errors.ts';
import type { ApiCall } from '../../../../activities/adapters/kubernetes/errors.ts';
import { missingRule, readRefusal } from '../../../../activities/adapters/kubernetes/rbac-hint.ts';

/** Answers of kube-apiserver 1.34.4, as they came. */
const RECORDED = JSON.parse(readFileSync(new URL('recorded-answers.json', import.meta.url), 'utf8')) as Readonly<
  Record<string, { status: number; body: string }>
>;

const CREATE: ApiCall = { verb: 'create', resource: 'jobs', namespace: 'train', name: 'j' };

function classify(name: string, headers: Record<string, string> = {}) {
  const { status, body } = RECORDED[name] ?? { status: 0, body: '' };
  return failureOf(new ApiException(status, 'said', body, headers), CREATE, 'https://cluster.example');
}
const answered = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  failureOf(new ApiException(status, 'said', body, headers), CREATE, 'https://cluster.example');

describe('what the API server answers', () => {
  test.each([
    ['quota', 'quota-exceeded', 'gpu-a, requested: count/jobs.batch=1, used: count/jobs.batch=0'],
    ['forbidden-create', 'forbidden', '{ apiGroups: [batch], resources: [jobs], verbs: [create] }'],
    ['forbidden-log', 'forbidden', '{ apiGroups: [""], resources: [pods/log], verbs: [get] }'],
    ['not-found', 'not-found', 'jobs.batch "gone" not found'],
    ['no-namespace', 'not-found', 'create the namespace nowhere'],
    ['namespace-terminating', 'not-found', 'is being terminated'],
    ['invalid', 'job-invalid', 'must be greater than or equal to 0'],
    ['unknown-field', 'job-invalid', 'unknown field "spec.flavour"'],
    ['unauthorised', 'unauthorised', 'renew the kubeconfig'],
    ['already-exists', 'conflict', 'already exists'],
    ['being-deleted', 'conflict', 'object is being deleted'],
    ['wrong-uid', 'conflict', 'the UID in the precondition'],
  ] as const)('%s is %s and says "%s"', (name, code, text) => {
    const failure = classify(name);
    expect(failure).toMatchObject({ code, message: expect.stringContaining(text) });
  });

  test('an invalid Job names every wrong field', () => {
    expect(classify('invalid').details['fields']).toBe(
      'spec.backoffLimit, spec.podFailurePolicy.rules[0].onExitCodes.values, spec.podReplacementPolicy',
    );
  });

  test('a missing permission says for whom and where the rule must be added', () => {
    expect(classify('forbidden-create').message).toContain('a Role in namespace train bound to "nobody-special"');
  });

  test('a missing object and a missing namespace are told apart', () => {
    expect([isNotFound(classify('not-found')), isNamespaceGone(classify('not-found'))]).toEqual([true, false]);
    expect([isNotFound(classify('no-namespace')), isNamespaceGone(classify('no-namespace'))]).toEqual([false, true]);
    expect(isNamespaceGone(classify('namespace-terminating'))).toBe(true);
  });

  test('three kinds of conflict are told apart', () => {
    const kinds = ['already-exists', 'being-deleted', 'wrong-uid'].map((name) => classify(name));
    expect(kinds.map(alreadyExists)).toEqual([true, true, false]);
    expect(kinds.map((failure) => failure.details['beingDeleted'])).toEqual([false, true, false]);
    expect(kinds.map(isOtherUid)).toEqual([false, false, true]);
  });

  test.each([
    [429, 'rate-limited'],
    [503, 'unavailable'],
    [500, 'unavailable'],
    [504, 'timeout'],
    [302, 'malformed-answer'],
  ] as const)('status %d is %s', (status, code) => {
    expect(answered(status, 'busy').code).toBe(code);
  });

  test('Retry-After is handed on', () => {
    expect(answered(429, '', { 'retry-after': '7' }).details['retryAfterSeconds']).toBe(7);
  });

  test.each([[undefined], ['<html>proxy</html>'], ['{"half":'], ['null'], [{}]])(
    'a body that is no status (%j) does not hide the status code',
    (body) => {
      expect(answered(403, body)).toMatchObject({ code: 'forbidden', details: { status: 403 } });
    },
  );

  test('a refusal by an admission rule is not blamed on a Role', () => {
    const body = JSON.stringify({ message: 'admission webhook "x" denied the request: no', reason: 'Forbidden' });
    expect(answered(403, body).message).toContain('not a missing Role');
  });
});

describe('a missing rule', () => {
  test('of a cluster-wide resource has no namespace', () => {
    const refusal = readRefusal(
      'nodes "n" is forbidden: User "u" cannot get resource "nodes" in API group "" at the cluster scope',
    );
    expect(refusal).toEqual({ user: 'u', verb: 'get', resource: 'nodes', group: '' });
  });

  test('is a line of YAML', () => {
    expect(missingRule({ user: 'u', verb: 'list', resource: 'workloads', group: 'kueue.x-k8s.io' })).toBe(
      '- { apiGroups: [kueue.x-k8s.io], resources: [workloads], verbs: [list] }',
    );
  });
});
