import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AuthorizationV1Api } from '@kubernetes/client-node';
import type { KubeConfig, V1ResourceAttributes, V1Role } from '@kubernetes/client-node';
import { ofKind } from '../../infra/kubernetes/manifests.ts';
import { install } from './install.ts';
import type { Installation } from './install.ts';
import { rawCall } from './raw-call.ts';
import type { RawCall } from './raw-call.ts';

let here: Installation;
let worker: KubeConfig;

beforeAll(async () => {
  here = await install();
  worker = await here.asWorker();
});

afterAll(async () => {
  await here.remove();
});

test('SE5: the worker may do each thing that its Roles name', async () => {
  const granted = ofKind<V1Role>(here.manifests, 'Role').flatMap(grantsOf);
  expect(granted.length).toBeGreaterThan(20);
  const answers: (readonly [V1ResourceAttributes, boolean])[] = [];
  for (const grant of granted) answers.push([grant, await may(grant)]);
  expect(answers.filter(([, allowed]) => !allowed)).toEqual([]);
});

test.each<[string, (at: Installation) => V1ResourceAttributes]>([
  ['read secrets where Jobs run', ({ train }) => ({ verb: 'get', resource: 'secrets', namespace: train })],
  ['read secrets where it runs itself', ({ system }) => ({ verb: 'get', resource: 'secrets', namespace: system })],
  ['list secrets where models serve', ({ serving }) => ({ verb: 'list', resource: 'secrets', namespace: serving })],
  [
    'list Jobs that it was not told of',
    ({ train }) => ({ verb: 'list', group: 'batch', resource: 'jobs', namespace: train }),
  ],
  ['create pods', ({ train }) => ({ verb: 'create', resource: 'pods', namespace: train })],
  ['enter pods', ({ train }) => ({ verb: 'create', resource: 'pods', subresource: 'exec', namespace: train })],
  ['list the Jobs of the whole cluster', () => ({ verb: 'list', group: 'batch', resource: 'jobs' })],
  [
    'create Jobs beside models',
    ({ serving }) => ({ verb: 'create', group: 'batch', resource: 'jobs', namespace: serving }),
  ],
  ['create Jobs elsewhere', () => ({ verb: 'create', group: 'batch', resource: 'jobs', namespace: 'default' })],
  ['delete its namespace', ({ train }) => ({ verb: 'delete', resource: 'namespaces', name: train })],
  ['edit the limits of training', ({ system }) => ({ verb: 'patch', resource: 'configmaps', namespace: system })],
  ['change another route', ({ serving }) => route('patch', serving, 'others')],
  ['delete another route', ({ serving }) => route('delete', serving, 'others')],
  [
    'give itself rights',
    ({ train }) => ({ verb: 'create', group: 'rbac.authorization.k8s.io', resource: 'rolebindings', namespace: train }),
  ],
  [
    'make tokens',
    ({ train }) => ({ verb: 'create', resource: 'serviceaccounts', subresource: 'token', namespace: train }),
  ],
])('SE5: the worker may not %s', async (_what, of) => {
  expect(await may(of(here))).toBe(false);
});

describe('by real calls with the token of the worker', () => {
  test.each<[string, (at: Installation) => RawCall]>([
    ['reading secrets', ({ train }) => ({ method: 'GET', path: `/api/v1/namespaces/${train}/secrets/any` })],
    ['creating a pod', ({ train }) => ({ method: 'POST', path: `/api/v1/namespaces/${train}/pods`, body: {} })],
    ['listing all Jobs', () => ({ method: 'GET', path: '/apis/batch/v1/jobs' })],
    ['deleting a namespace', ({ train }) => ({ method: 'DELETE', path: `/api/v1/namespaces/${train}` })],
    ['looking into another namespace', () => ({ method: 'GET', path: '/api/v1/namespaces/kube-system/pods' })],
    [
      'changing its own limits',
      ({ system }) => ({
        method: 'PATCH',
        path: `/api/v1/namespaces/${system}/configmaps/understudy-training-limits`,
        body: [],
      }),
    ],
  ])('%s is forbidden', async (_what, call) => {
    const { status, body } = await rawCall(worker, call(here));
    expect([status, body.message]).toEqual([403, expect.stringContaining('is forbidden')]);
  });

  test('the anchor of a run can be made, read and deleted, and what its Job does can be seen', async () => {
    const maps = `/api/v1/namespaces/${here.train}/configmaps`;
    const name = 'understudy-anchor-rights';
    const calls: RawCall[] = [
      { method: 'POST', path: maps, body: { metadata: { name } } },
      { method: 'GET', path: `${maps}/${name}` },
      { method: 'DELETE', path: `${maps}/${name}` },
      { method: 'GET', path: `/apis/batch/v1/namespaces/${here.train}/jobs/nobodys` },
      { method: 'GET', path: `/api/v1/namespaces/${here.train}/pods` },
      { method: 'GET', path: `/api/v1/namespaces/${here.train}/events` },
    ];
    const statuses: number[] = [];
    for (const call of calls) statuses.push((await rawCall(worker, call)).status);
    expect(statuses).toEqual([201, 200, 200, 404, 200, 200]);
  });

  test('its own route is made by server-side apply, another one is not', async () => {
    const applied = async (name: string) => await rawCall(worker, applyRoute(here.serving, name));
    expect((await applied('flights')).status).toBe(201);
    expect((await applied('others')).status).toBe(403);
  });
});

async function may(resourceAttributes: V1ResourceAttributes): Promise<boolean> {
  const { status } = await worker
    .makeApiClient(AuthorizationV1Api)
    .createSelfSubjectAccessReview({ body: { spec: { resourceAttributes } } });
  return status?.allowed ?? false;
}

function grantsOf({ metadata, rules }: V1Role): readonly V1ResourceAttributes[] {
  const namespace = metadata?.namespace ?? '';
  return (rules ?? []).flatMap(({ apiGroups = [], resources = [], resourceNames = [''], verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((path) => {
        const [resource = '', subresource = ''] = path.split('/');
        return resourceNames.flatMap((name) =>
          verbs.map((verb) => ({ namespace, group, resource, subresource, name, verb })),
        );
      }),
    ),
  );
}

function route(verb: string, namespace: string, name: string): V1ResourceAttributes {
  return { verb, group: 'gateway.networking.k8s.io', resource: 'httproutes', namespace, name };
}

function applyRoute(namespace: string, name: string): RawCall {
  return {
    method: 'PATCH',
    path: `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/httproutes/${name}?fieldManager=understudy`,
    contentType: 'application/apply-patch+yaml',
    body: {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name },
      spec: { rules: [{ backendRefs: [{ name: 'champion', port: 8080 }] }] },
    },
  };
}
