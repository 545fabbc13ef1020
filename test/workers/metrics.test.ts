import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { metricsCheck } from '../../clients/doctor-metrics.ts';
import { loadSettings } from '../../workers/settings-file.ts';
import { wireMetrics } from '../../workers/wiring.ts';
import { startPrometheus } from '../prometheus.ts';
import type { PrometheusServer } from '../prometheus.ts';
import { serverThat } from '../server-that.ts';

describe('EV7: settings that name a Prometheus', () => {
  let folder: string;
  let server: PrometheusServer;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'understudy-metrics-'));
    server = await startPrometheus({
      rules: 'groups: [{ name: a, rules: [{ alert: Never, expr: vector(0) > 1 }] }]\n',
    });
  }, 60_000);
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const settings = async (line: string) => {
    const file = path.join(folder, 'understudy.config.yaml');
    await writeFile(file, `${line}\n`);
    return loadSettings(file);
  };

  test('are asked at that address, with the token that lies beside the settings', async () => {
    const seen: (string | undefined)[] = [];
    const { close, uri } = await serverThat((request, response) => {
      seen.push(request.headers.authorization);
      response.end('{"status":"success","data":{"resultType":"scalar","result":[1,"5"]}}');
    });
    await writeFile(path.join(folder, 'token'), 'opensesame\n');
    const { metrics } = wireMetrics(await settings(`prometheus: { url: "${uri}", tokenFile: token }`));
    const answer = await metrics?.ask({ query: '5', at: '2026-01-05T06:00:00Z', timeoutMs: 5000 });
    close();
    expect(answer).toEqual({ kind: 'number', value: 5 });
    expect(seen).toEqual(['Bearer opensesame']);
  });

  test('are no port when there is none', async () => {
    expect(wireMetrics(await settings('load: {}'))).toEqual({});
  });

  test.each(['prometheus: {}', 'prometheus: { url: prometheus:9090 }', 'prometheus: { url: "http://p", uri: x }'])(
    'are refused when they are wrong: %s',
    async (line) => {
      await expect(settings(line)).rejects.toThrow('prometheus');
    },
  );

  test('doctor asks a real one, and tells how many of its rules could alert', async () => {
    expect(await metricsCheck(await settings(`prometheus: { url: "${server.url}" }`))).toEqual([
      { name: 'prometheus', state: 'ok', text: `${server.url} answers, alerting rules: 1` },
    ]);
  });

  test('doctor says what to correct when nobody answers, or somebody else', async () => {
    const { close, uri } = await serverThat((_request, response) => response.end('<html>'));
    const checks = [
      ...(await metricsCheck(await settings(`prometheus: { url: "${uri}" }`))),
      ...(await metricsCheck(await settings('prometheus: { url: "http://127.0.0.1:1" }'))),
    ];
    close();
    expect(checks).toMatchObject([
      { state: 'problem', text: expect.stringContaining('body that is wrong'), next: expect.stringContaining('url') },
      { state: 'problem', text: expect.stringContaining('could not be reached') },
    ]);
  });
});
