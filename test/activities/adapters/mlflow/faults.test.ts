import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createMlflowRegistry } from '../../../../activities/adapters/mlflow/registry.ts';
import type { MlflowRegistry } from '../../../../activities/adapters/mlflow/registry.ts';
import { runFor } from '../../../contracts/model-registry.ts';
import { asHost, delay, fail, html, truncate } from '../../../faults/http-proxy.ts';
import type { HttpProxy } from '../../../faults/http-proxy.ts';
import { newKey, openFaultyMlflow } from './faulty-mlflow.ts';
import type { FaultyMlflow } from './faulty-mlflow.ts';

let mlflow: FaultyMlflow;
let proxy: HttpProxy;
let registry: MlflowRegistry;
beforeAll(async () => {
  mlflow = await openFaultyMlflow();
}, 120_000);
afterAll(async () => {
  await mlflow.close();
});
beforeEach(async () => {
  ({ proxy, registry } = await mlflow.throughProxy());
});
afterEach(async () => {
  await proxy.close();
});

describe('an answer that is none', () => {
  test.each([
    ['a login page', html(200)],
    ['half a document', truncate(10)],
    ['a proxy that is down', html(502)],
    ['somebody else’s JSON', fail(200, '{"error":"please sign in"}')],
    ['a server that is starting', fail(503, '')],
    ['a page that is not there', html(404)],
    ['a redirect', fail(302, '', { location: 'https://sso.example/' })],
  ] as const)('%s is never taken for "no champion"', async (_what, fault) => {
    const { model } = await mlflow.straight.register(await mlflow.candidate());
    await mlflow.straight.setAlias(model, 'champion', '1');
    proxy.inject({ method: 'GET', path: '/registered-models/get', fault });
    await expect(registry.aliases(model)).rejects.toMatchObject({
      code: expect.stringMatching(/^(malformed-answer|unavailable|unsupported)$/),
    });
    expect(await registry.aliases(model)).toEqual({ champion: '1' });
  });

  test.each([
    ['html', html(200), 'malformed-answer'],
    ['other JSON', fail(200, '{"error":"please sign in"}'), 'malformed-answer'],
    ['503', fail(503), 'unavailable'],
  ] as const)('a search that is answered with %s creates nothing', async (_what, fault, code) => {
    const request = runFor('m', newKey());
    proxy.inject({ method: 'POST', path: '/runs/search', fault });
    await expect(registry.openRun(request)).rejects.toMatchObject({ code });
    expect(await mlflow.runsWith(request.key)).toEqual([]);
    expect(proxy.seen).not.toContain('POST /api/2.0/mlflow/runs/create');
  });
});

describe('a server in need', () => {
  test.each([
    [503, '{"error_code":"TEMPORARILY_UNAVAILABLE","message":"m"}', 'unavailable'],
    [500, '{"error_code":"INTERNAL_ERROR","message":"m"}', 'unavailable'],
    [500, '{"error_code":"FEATURE_DISABLED","message":"m"}', 'unsupported'],
    [501, '{"error_code":"NOT_IMPLEMENTED","message":"m"}', 'unsupported'],
    [409, '{"error_code":"RESOURCE_CONFLICT","message":"m"}', 'conflict'],
    [401, '{"error_code":"UNAUTHENTICATED","message":"m"}', 'unauthorised'],
    [403, '{"error_code":"PERMISSION_DENIED","message":"m"}', 'forbidden'],
    [400, '{"error_code":"INVALID_PARAMETER_VALUE","message":"m"}', 'bad-request'],
    [500, '{"error_code":"DATA_LOSS","message":"m"}', 'evidence-corrupt'],
    [504, '<html>', 'timeout'],
    [405, '<html>', 'unsupported'],
  ] as const)('status %d with %s is %s', async (status, body, code) => {
    proxy.inject({ method: 'POST', path: '/registered-models/alias', fault: fail(status, body) });
    await expect(registry.setAlias('m', 'champion', '1')).rejects.toMatchObject({ code, details: { status } });
  });

  test('says when to come back', async () => {
    const fault = fail(429, '{"error_code":"REQUEST_LIMIT_EXCEEDED","message":"slow"}', { 'retry-after': '7' });
    proxy.inject({ method: 'GET', path: '/registered-models/get', fault });
    await expect(registry.aliases('m')).rejects.toMatchObject({
      code: 'rate-limited',
      details: { retryAfterSeconds: 7 },
    });
  });

  test('an alias that is missing with status 400 is nothing, as one with 404 is', async () => {
    const body = '{"error_code":"INVALID_PARAMETER_VALUE","message":"Registered model alias x not found."}';
    proxy.inject({ method: 'DELETE', path: '/registered-models/alias', fault: fail(400, body) });
    await expect(registry.removeAlias('m', 'x')).resolves.toBeUndefined();
  });

  test('one that does not answer in time is a time-out', async () => {
    const hasty = createMlflowRegistry({ uri: proxy.uri, experiment: mlflow.experiment, timeoutMs: 50 });
    proxy.inject({ method: 'GET', path: '/registered-models/get', fault: delay(1_000) });
    await expect(hasty.aliases('m')).rejects.toMatchObject({ code: 'timeout' });
  });

  test('a request that is cancelled ends at once with the reason it was given', async () => {
    const cancelled = createMlflowRegistry({
      uri: mlflow.uri,
      experiment: mlflow.experiment,
      signal: () => AbortSignal.abort(new Error('run ended')),
    });
    await expect(cancelled.aliases('m')).rejects.toThrow('run ended');
  });

  test('an answer larger than allowed is not read to its end', async () => {
    const small = createMlflowRegistry({ uri: mlflow.uri, experiment: mlflow.experiment, limitBytes: 20 });
    await expect(small.aliases('no-such-model')).rejects.toMatchObject({ code: 'malformed-answer' });
  });
});

describe('access', () => {
  test('a renewed token is read once more after a 401', async () => {
    const asked: string[] = [];
    const token = () => {
      asked.push(`token ${asked.length + 1}`);
      return Promise.resolve(asked.join(','));
    };
    const renewing = createMlflowRegistry({ uri: proxy.uri, experiment: mlflow.experiment, token });
    proxy.inject({ method: 'GET', path: '/registered-models/get', fault: fail(401, 'expired') });
    expect(await renewing.aliases('no-such-model')).toEqual({});
    expect(asked).toHaveLength(2);
    proxy.inject({ method: 'GET', path: '/registered-models/get', times: 2, fault: fail(401, 'expired') });
    await expect(renewing.aliases('no-such-model')).rejects.toMatchObject({ code: 'unauthorised' });
  });

  test('a redirect is not followed, not even to an address that would answer well', async () => {
    const { model } = await mlflow.straight.register(await mlflow.candidate());
    const location = `${mlflow.uri}/api/2.0/mlflow/registered-models/get?name=${model}`;
    proxy.inject({ method: 'GET', path: '/registered-models/get', fault: fail(302, '', { location }) });
    await expect(registry.aliases(model)).rejects.toMatchObject({
      code: 'malformed-answer',
      message: expect.stringContaining('final address'),
    });
  });

  test('a server that does not know its own name is told how to, with the very value', async () => {
    const { host } = new URL(proxy.uri);
    proxy.inject({ method: 'GET', path: '/get-by-name', fault: asHost('mlflow.models.svc:5000') });
    await expect(registry.probe()).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining(`--allowed-hosts "${host},`),
    });
  });

  test('a password in the address is no part of the address that is asked, and appears in no message', async () => {
    const known = createMlflowRegistry({ uri: proxy.uri.replace('//', '//me:hush@'), experiment: mlflow.experiment });
    expect(await known.aliases('no-such-model')).toEqual({});
    proxy.inject({ method: 'GET', path: '/registered-models/get', fault: fail(503) });
    await expect(known.aliases('m')).rejects.toMatchObject({ message: expect.not.stringContaining('hush') });
  });
});

describe('a server before MLflow 3', () => {
  test('holds the artifact at the run', async () => {
    const request = await mlflow.candidate();
    proxy.inject({ method: 'POST', path: '/logged-models/search', fault: html(404) });
    const { source } = await registry.register(request);
    expect(source).toBe(`runs:/${request.runId}/artifact-${request.record.artifactDigest}`);
  });
});
