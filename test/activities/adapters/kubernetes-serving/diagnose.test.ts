import { describe, expect, test } from '@jest/globals';
import type { V1ContainerStatus, V1Deployment, V1Pod } from '@kubernetes/client-node';
import { diagnose } from '../../../../activities/adapters/kubernetes-serving/diagnose.ts';

const NOW = new Date('2026-03-01T12:00:00Z');
const EARLIER = new Date('2026-03-01T11:59:00Z');

const pod = (status: object, name = 'churn-v7-abc'): V1Pod => ({
  metadata: { name, creationTimestamp: EARLIER },
  spec: { containers: [{ name: 'server', image: 'server@sha256:0' }], nodeName: 'node-a' },
  status: { phase: 'Pending', ...status },
});
const container = (name: string, state: Partial<V1ContainerStatus>): V1ContainerStatus => ({
  name,
  image: '',
  imageID: '',
  ready: false,
  restartCount: 0,
  ...state,
});
const ended = (exitCode: number, more: object = {}) => ({ terminated: { exitCode, ...more } });
const look = (pods: readonly V1Pod[], { expired = false, deployment = {} as V1Deployment } = {}) =>
  diagnose({ deployment, pods, now: NOW, expired });
const refusedPods = (message: string): V1Deployment => ({
  status: { conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }] },
});

describe('why a server is not ready', () => {
  test('the server ended once: it gets another try', () => {
    const status = { phase: 'Running', containerStatuses: [container('server', { state: ended(3) })] };
    expect(look([pod(status)])).toEqual({ why: 'churn-v7-abc ended before it was ready, 1 times, exit 3' });
  });

  test('the server ended once, and the time is over: it has died', () => {
    const status = { phase: 'Running', containerStatuses: [container('server', { state: ended(3) })] };
    expect(look([pod(status)], { expired: true })).toMatchObject({ code: 'server-died' });
  });

  test('the server ended twice: it has died, and its pod knows more', () => {
    const waiting = { waiting: { reason: 'CrashLoopBackOff' } };
    const server = container('server', { restartCount: 2, state: waiting, lastState: ended(3) });
    expect(look([pod({ phase: 'Running', containerStatuses: [server] })])).toEqual({
      code: 'server-died',
      pod: 'churn-v7-abc',
      why: 'churn-v7-abc ended before it was ready, 2 times, exit 3',
    });
  });

  test('killed for memory names the field to raise', () => {
    const server = container('server', { restartCount: 1, state: ended(137, { reason: 'OOMKilled' }) });
    expect(look([pod({ phase: 'Running', containerStatuses: [server] })])).toMatchObject({
      code: 'out-of-memory',
      why: expect.stringContaining('serving.resources.memory'),
    });
  });

  test.each([
    [65, 'artifact-changed'],
    [77, 'image-or-config'],
    [78, 'image-or-config'],
    [69, undefined],
    [75, undefined],
  ])('the courier ends with %d', (exitCode, code) => {
    const fetch = container('fetch', { state: ended(exitCode, { message: 'courier: no luck\n' }) });
    const found = look([pod({ initContainerStatuses: [fetch] })]);
    expect(found.why).toBe(`churn-v7-abc could not fetch its artifact (exit ${exitCode}): courier: no luck`);
    expect(found.code).toBe(code);
  });

  test('a courier that tries again is at work, whatever it said before', () => {
    const again = container('fetch', { state: { running: {} }, lastState: ended(65) });
    expect(look([pod({ initContainerStatuses: [again] })])).toEqual({
      why: 'churn-v7-abc prepares: fetch is at work',
    });
  });

  test('a quota that others may leave is waited for, and named when the time is over', () => {
    const deployment = refusedPods(
      'pods "churn-v7-abc" is forbidden: exceeded quota: models, requested: requests.cpu=1, used: requests.cpu=4, limited: requests.cpu=4',
    );
    expect(look([], { deployment })).not.toHaveProperty('code');
    expect(look([], { deployment, expired: true })).toMatchObject({ code: 'quota-exceeded' });
  });

  test('pods that the namespace never admits are named at once, as pods of the server', () => {
    const deployment = refusedPods(
      'pods "churn-v7-abc" is forbidden: violates PodSecurity "restricted:latest": hostPath',
    );
    expect(look([], { deployment })).toEqual({
      code: 'pod-security',
      why: 'pods of the server are refused: it violates PodSecurity "restricted:latest": hostPath',
    });
  });

  test('no node: waited for, for a cluster may grow, and named when the time is over', () => {
    const message = '0/3 nodes are available: 3 Insufficient cpu.';
    const conditions = [
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message, lastTransitionTime: EARLIER },
    ];
    expect(look([pod({ conditions })])).toEqual({ why: `no node takes the pod: ${message}` });
    expect(look([pod({ conditions })], { expired: true })).toMatchObject({ code: 'unschedulable' });
  });

  test('the pod whose wait is hopeless speaks for all', () => {
    const waiting = { waiting: { reason: 'InvalidImageName', message: 'no such thing' } };
    const hopeless = pod({ containerStatuses: [container('server', { state: waiting })] }, 'churn-v7-xyz');
    expect(look([pod({}), hopeless])).toMatchObject({ code: 'image-or-config' });
  });

  test('pods that run and are not ready are asked for by their probe', () => {
    expect(look([pod({ phase: 'Running' })]).why).toBe('its pods run, and their readiness probe fails');
    expect(look([]).why).toBe('no pod has been created yet');
  });
});
