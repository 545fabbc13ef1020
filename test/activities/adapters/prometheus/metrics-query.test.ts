import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createPrometheusQuery } from '../../../../activities/adapters/prometheus/metrics-query.ts';
import { PortFailure } from '../../../../activities/ports/port-failure.ts';
import { metricsQueryContract, SHOWN } from '../../../contracts/metrics-query.ts';
import { startPrometheus } from '../../../prometheus.ts';
import { serverThat } from '../../../server-that.ts';

const RULES = `
groups:
  - name: a
    rules:
      - { record: orders, expr: sum(orders_total) }
      - { alert: Never, expr: vector(0) > 1 }
  - name: b
    rules: [{ alert: NeverEither, expr: vector(0) > 1 }]
`;

metricsQueryContract('prometheus', async () => {
  const before = new Date(Date.now() - 86_400_000).toISOString();
  const server = await startPrometheus({ exposition: SHOWN, rules: RULES });
  return {
    metrics: createPrometheusQuery({ url: `${server.url}/` }),
    before,
    darken: async () => server.stop(),
    stop: async () => server.stop(),
  };
});

const QUESTION = { query: 'up', at: '2026-01-05T06:00:00Z', timeoutMs: 10_000 };

describe('what stands between us and Prometheus', () => {
  const closing: (() => void)[] = [];
  const behind = async (answer: (request: IncomingMessage, response: ServerResponse) => void, tokenFile?: string) => {
    const { close, uri } = await serverThat(answer);
    closing.push(close);
    return createPrometheusQuery({ url: uri, ...(tokenFile === undefined ? {} : { tokenFile }) });
  };
  const saying = async (status: number, body: string, headers = {}) =>
    behind((_request, response) => response.writeHead(status, headers).end(body));
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'prometheus-query-'));
  });
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });
  afterAll(async () => rm(folder, { recursive: true, force: true }));

  test.each([
    [401, '', 'unauthorised'],
    [403, '', 'forbidden'],
    [404, '<html>', 'malformed-answer'],
    [307, '', 'malformed-answer'],
    [429, '', 'rate-limited'],
    [502, '<html>', 'unavailable'],
    [503, '{"status":"error","errorType":"timeout","error":"query timed out in expression evaluation"}', 'timeout'],
    [200, '<html>', 'malformed-answer'],
    [200, '{"status":"success","data":{"resultType":"vector"}}', 'malformed-answer'],
    [400, '<html>', 'malformed-answer'],
  ])('answers %d with %j: %s', async (status, body, code) => {
    const metrics = await saying(status, body);
    await expect(metrics.ask(QUESTION)).rejects.toEqual(expect.objectContaining({ name: PortFailure.name, code }));
  });

  test('tells how long to wait where it is told', async () => {
    const metrics = await saying(429, '', { 'retry-after': '7' });
    await expect(metrics.ask(QUESTION)).rejects.toMatchObject({ details: { retryAfterSeconds: 7 } });
  });

  test('an answer that does not come is a timeout', async () => {
    const metrics = await behind(() => undefined);
    const asked = metrics.ask({ ...QUESTION, timeoutMs: 300 });
    await expect(asked).rejects.toEqual(expect.objectContaining({ code: 'timeout' }));
  });

  test('EV7: an answer that warns of what it lacks is none; a remark on the query is no warning', async () => {
    const data = { resultType: 'vector', result: [{ metric: {}, value: [1, '0'] }] };
    const warned = async (warning: string) =>
      (await saying(200, JSON.stringify({ status: 'success', data, warnings: [warning] }))).ask(QUESTION);
    expect(await warned('store at 10.0.0.7 is away')).toMatchObject({ kind: 'absent', reason: 'partial' });
    expect(await warned('PromQL info: metric might not be a counter')).toEqual({ kind: 'number', value: 0 });
  });

  test('a histogram is no number', async () => {
    const data = { resultType: 'vector', result: [{ metric: {}, histogram: [1, { count: '3' }] }] };
    const metrics = await saying(200, JSON.stringify({ status: 'success', data }));
    expect(await metrics.ask(QUESTION)).toMatchObject({ kind: 'absent', reason: 'no-number' });
  });

  test('SE1: the token is read at every request and never told', async () => {
    const tokenFile = join(folder, 'token');
    const seen: (string | undefined)[] = [];
    const metrics = await behind((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(401).end();
    }, tokenFile);
    await writeFile(tokenFile, 's3cr3t-1\n');
    const first: unknown = await metrics.ask(QUESTION).catch((error: unknown) => error);
    await writeFile(tokenFile, 's3cr3t-2\n');
    await metrics.alertRules(QUESTION).catch(() => undefined);
    expect(seen).toEqual(['Bearer s3cr3t-1', 'Bearer s3cr3t-2']);
    expect(`${String(first)}${JSON.stringify(first)}`).not.toContain('s3cr3t');
  });

  test('a token that cannot be read is said by its file, and nobody is asked', async () => {
    const metrics = createPrometheusQuery({ url: 'http://127.0.0.1:1', tokenFile: join(folder, 'nowhere') });
    const message = expect.stringContaining(join(folder, 'nowhere'));
    await expect(metrics.ask(QUESTION)).rejects.toEqual(expect.objectContaining({ code: 'unauthorised', message }));
  });
});
