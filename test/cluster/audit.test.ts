import { describe, expect, test } from '@jest/globals';
import type { V1Role } from '@kubernetes/client-node';
import { compare, refusedTo, usesIn } from './audit.ts';

const WORKER = 'system:serviceaccount:understudy-system:understudy-worker';

const ROLE: V1Role = {
  metadata: { namespace: 'train' },
  rules: [
    { apiGroups: ['batch'], resources: ['jobs'], verbs: ['create', 'get'] },
    { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
    {
      apiGroups: ['gateway.networking.k8s.io'],
      resources: ['httproutes'],
      resourceNames: ['flights'],
      verbs: ['create', 'patch'],
    },
  ],
};

const job = { apiGroup: 'batch', resource: 'jobs', namespace: 'train', name: 'a' };
const route = { apiGroup: 'gateway.networking.k8s.io', resource: 'httproutes', namespace: 'train', name: 'flights' };
const log = { resource: 'pods', subresource: 'log', namespace: 'train', name: 'a-0' };
const all = [line('create', job), line('get', job), line('get', log), line('patch', route, 201)];

test('SE5: what the Roles grant and what was asked are the same', () => {
  expect(compare(usesIn(all, WORKER), [ROLE])).toEqual({ outside: [], unused: [] });
});

test('a request that no Role grants is outside, also when it was refused', () => {
  const more = [...all, line('get', { resource: 'secrets', namespace: 'train', name: 'key' }, 403)];
  expect(compare(usesIn(more, WORKER), [ROLE]).outside).toEqual(['get secrets key in train']);
});

test.each([
  ['another namespace', { ...job, namespace: 'other' }, 'get batch/jobs a in other'],
  ['the whole cluster', { apiGroup: 'batch', resource: 'jobs' }, 'get batch/jobs everywhere'],
  ['another subresource', { ...log, subresource: 'status' }, 'get pods/status a-0 in train'],
  ['another group', { ...job, apiGroup: 'apps' }, 'get apps/jobs a in train'],
])('the same verb on %s is outside', (_where, object, told) => {
  expect(compare(usesIn([...all, line('get', object)], WORKER), [ROLE]).outside).toEqual([told]);
});

test('another name is outside where a Role goes by name', () => {
  const more = [...all, line('patch', { ...route, name: 'others' }, 200)];
  expect(compare(usesIn(more, WORKER), [ROLE]).outside).toEqual([
    'patch gateway.networking.k8s.io/httproutes others in train',
  ]);
});

test('a right that nobody used is named', () => {
  expect(compare(usesIn(all.slice(1), WORKER), [ROLE]).unused).toEqual(['create batch/jobs in train']);
});

test('server-side apply that found something used no right to create', () => {
  const more = [...all.slice(0, 3), line('patch', route, 200)];
  expect(compare(usesIn(more, WORKER), [ROLE]).unused).toEqual([
    'create gateway.networking.k8s.io/httproutes flights in train',
  ]);
});

test('what others did, what every account may, and what has no object is left out', () => {
  const others = [
    line('list', { resource: 'secrets' }, 200, 'admin'),
    line('create', { apiGroup: 'authorization.k8s.io', resource: 'selfsubjectaccessreviews' }),
    line('get', undefined),
    '',
  ];
  expect(usesIn(others, WORKER)).toEqual([]);
});

test('one thing done many times is told once, and the two stages of a watch are one', () => {
  const started = line('watch', job).replace('ResponseComplete', 'ResponseStarted');
  expect(usesIn([started, line('watch', job), line('watch', job)], WORKER)).toHaveLength(1);
});

test('a line that is still being written is passed over, a broken one is not', () => {
  expect(usesIn([...all, '{"verb":"g'], WORKER)).toHaveLength(5);
  expect(() => usesIn(['{"verb":"g', ...all], WORKER)).toThrow('line 1 of the audit log is not JSON');
});

describe('what the authoriser refused to accounts of one name', () => {
  const of = (home: string, decision: string, object: object = job): string => {
    const event: object = JSON.parse(line('list', object, 403, `system:serviceaccount:${home}:suite`));
    return JSON.stringify({ ...event, annotations: { 'authorization.k8s.io/decision': decision } });
  };

  test('is told once, whichever their namespace, and what admission refused is not', () => {
    const lines = [of('a', 'forbid'), of('b', 'forbid'), of('a', 'allow'), ...all];
    expect(refusedTo('suite', lines)).toEqual(['list batch/jobs a in train']);
    expect(refusedTo('another', lines)).toEqual([]);
  });

  test('is told of the whole cluster, and not of the namespace of another of them', () => {
    const everywhere = { apiGroup: 'batch', resource: 'jobs' };
    const made = line('create', {
      resource: 'serviceaccounts',
      subresource: 'token',
      name: 'suite',
      namespace: 'train',
    });
    const lines = [of('a', 'forbid', everywhere), made, of('a', 'forbid')];
    expect(refusedTo('suite', lines)).toEqual(['list batch/jobs everywhere']);
    expect(refusedTo('suite', [...lines, of('train', 'forbid')])).toContain('list batch/jobs a in train');
  });
});

function line(verb: string, objectRef: object | undefined, code = 200, username = WORKER): string {
  return JSON.stringify({
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    stage: 'ResponseComplete',
    verb,
    user: { username },
    objectRef,
    responseStatus: { code },
  });
}
