import { expect, test } from '@jest/globals';
import { createdBy, requestsOf } from '../../../bench/jobs/audit.ts';

const event = (verb: string, resource: string, more: object = {}): string =>
  JSON.stringify({
    stage: 'ResponseComplete',
    verb,
    user: { username: 'worker' },
    objectRef: { resource, name: 'a' },
    responseStatus: { code: 201 },
    requestReceivedTimestamp: '2026-03-01T10:00:30.000000Z',
    ...more,
  });
const others = { user: { username: 'controller' } };
const later = { requestReceivedTimestamp: '2026-03-01T10:01:00.000000Z' };

test('the requests of one user are counted by kind, refused ones too, and by the busiest minute', () => {
  const log = [
    event('get', 'jobs'),
    event('get', 'jobs', { responseStatus: { code: 404 }, ...later }),
    event('get', 'pods', { objectRef: { resource: 'pods', subresource: 'log' }, ...later }),
    event('get', 'jobs', others),
    '',
  ].join('\n');
  expect(requestsOf(log, 'worker')).toEqual({
    total: 3,
    byKind: { 'get jobs': 2, 'get pods/log': 1 },
    busiestMinute: 2,
  });
});

test('a watch counts once, though it is written down when it begins and when it ends', () => {
  const log = [event('watch', 'jobs', { stage: 'ResponseStarted' }), event('watch', 'jobs')].join('\n');
  expect(requestsOf(log, 'worker').total).toBe(1);
});

test('a Job that was created twice is seen, one that was refused is not counted', () => {
  const log = [
    event('create', 'jobs'),
    event('create', 'jobs'),
    event('create', 'jobs', { objectRef: { resource: 'jobs', name: 'b' }, responseStatus: { code: 409 } }),
    event('create', 'pods'),
    event('create', 'jobs', others),
  ].join('\n');
  expect(createdBy(log, 'jobs', 'worker')).toEqual({ a: 2 });
});
