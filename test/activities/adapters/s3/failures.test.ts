import { expect, test } from '@jest/globals';
import { s3Failure } from '../../../../activities/adapters/s3/failures.ts';
import { PortFailure } from '../../../../activities/ports/port-failure.ts';

const said = (name: string, more: object = {}) => Object.assign(new Error('said'), { name, ...more });
const status = (httpStatusCode: number) => ({ $metadata: { httpStatusCode } });

/** What real servers were seen to say in the other suites is not repeated here. */
test.each([
  ['an overloaded server', said('SlowDown', status(503)), 'rate-limited'],
  ['a broken one', said('InternalError', status(500)), 'unavailable'],
  ['one that was too slow', said('TimeoutError'), 'timeout'],
  ['one without conditional writes', said('NotImplemented', status(501)), 'unsupported'],
  ['one in the middle of another write', said('ConditionalRequestConflict', status(409)), 'conflict'],
  ['a key that ran out', said('ExpiredToken', status(400)), 'unauthorised'],
  ['nobody who asks', said('CredentialsProviderError'), 'unauthorised'],
  ['a right that is missing', said('AccessDenied', status(403)), 'forbidden'],
  ['a request that is wrong', said('InvalidArgument', status(400)), 'bad-request'],
  ['a full disk of this machine', said('Error', { code: 'ENOSPC' }), 'storage'],
  ['a broken line', said('Error', { code: 'ECONNRESET' }), 'unavailable'],
  ['nothing that can be read', undefined, 'unavailable'],
])('%s has its own code', (_, error, code) => {
  const failure = s3Failure(error, 'list', 's3://lake/data');
  expect(failure).toMatchObject({ code, details: { uri: 's3://lake/data' } });
  expect(failure.message).toMatch(/^cannot list s3:\/\/lake\/data: /);
});

test('a failure of our own passes unchanged', () => {
  const own = new PortFailure('data-changed', 'replaced');
  expect(s3Failure(own, 'list', 's3://lake')).toBe(own);
});
