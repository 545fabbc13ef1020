import { expect, test } from '@jest/globals';
import { failureOf } from '../../../../activities/adapters/kubernetes/errors.ts';
import type { PortFailure } from '../../../../activities/ports/port-failure.ts';
import { observedRefusal } from './observed.ts';

const refused = (name: string): PortFailure => {
  const { code, body } = observedRefusal(name);
  const call = { verb: 'create', resource: 'jobs', namespace: 'train' } as const;
  return failureOf({ code, body: JSON.stringify(body), headers: {} }, call, 'https://kubernetes.example');
};

test.each([
  ['forbidden', 'forbidden', '- { apiGroups: [batch], resources: [jobs], verbs: [create] }'],
  ['invalid', 'job-invalid', 'spec.podFailurePolicy.rules[1].onExitCodes.values'],
  ['unknown-field', 'job-invalid', 'unknown field "spec.colour"'],
  ['quota-on-create', 'quota-exceeded', 'exceeded quota: jobs, requested: count/jobs.batch=1'],
  ['create-in-leaving-namespace', 'not-found', 'because it is being terminated'],
  ['create-in-absent-namespace', 'not-found', 'create the namespace leaving'],
])('a create answered by %s is %s, in words', (name, code, words) => {
  expect(refused(name)).toMatchObject({ code, message: expect.stringContaining(words) });
});
