import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connectWhenReady } from '../../infra/stack/bootstrap.ts';
import { stackDown } from '../../infra/stack/down.ts';
import { freePorts } from '../../infra/stack/free-port.ts';
import { launch } from '../../infra/stack/launch.ts';
import { endGroup, isAlive } from '../../infra/stack/processes.ts';
import { temporalProgram } from '../../infra/stack/programs.ts';
import { readStack, writeStack } from '../../infra/stack/state.ts';
import { stackStatus } from '../../infra/stack/status.ts';
import { until, processOf, stackFolder } from './stack-folder.ts';

let folder: Awaited<ReturnType<typeof stackFolder>>;

beforeEach(async () => {
  folder = await stackFolder();
});

afterEach(async () => folder.dispose(), 30_000);

test('Temporal, MLflow and the gateway come up, outlive their deaths, keep their data and go down', async () => {
  const { addresses, routes } = await folder.up(['temporal', 'mlflow', 'traefik']);
  expect(await stackStatus(folder.stateDir)).toMatchObject({ phase: 'ready', healthy: true });

  const connection = await connectWhenReady(addresses.temporal, { withinMs: 5000 });
  const { config } = await connection.workflowService.describeNamespace({ namespace: 'default' });
  await connection.close();
  expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(720 * 3600);
  expect((await fetch(addresses.temporalUi)).status).toBe(200);

  const created = await fetch(`${addresses.mlflow}/api/2.0/mlflow/experiments/create`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"name":"kept"}',
  });
  expect(created.status).toBe(200);

  await writeFile(path.join(routes.staging, 'm.yaml'), routeTo(addresses.mlflow));
  await rename(path.join(routes.staging, 'm.yaml'), path.join(routes.watched, 'm.yaml'));
  await until(async () => (await fetch(`${addresses.gateway}/health`)).status === 200);
  const metrics = await (await fetch(addresses.gatewayMetrics)).text();
  expect(metrics).toMatch(/traefik_service_requests_total\{.*service="m@file"/);
  expect(metrics).toContain('le="0.005"');

  const before = processOf(folder.stateDir, 'mlflow');
  process.kill(before.pid, 'SIGKILL');
  await until(() => readStack(folder.stateDir)?.parts.mlflow?.restarts === 1);
  await until(async () => (await stackStatus(folder.stateDir)).healthy);
  const kept = await fetch(`${addresses.mlflow}/api/2.0/mlflow/experiments/get-by-name?experiment_name=kept`);
  expect(kept.status).toBe(200);

  const running = (['temporal', 'mlflow', 'traefik'] as const).map((name) => processOf(folder.stateDir, name));
  await stackDown(folder.stateDir);
  expect(running.filter(isAlive)).toEqual([]);
  expect(readStack(folder.stateDir)).toBeUndefined();
  await expect(fetch(`${addresses.mlflow}/health`)).rejects.toThrow('fetch failed');
}, 120_000);

test('a database that knows none of our search attributes learns them', async () => {
  const [port = 0] = await freePorts(1);
  const database = path.join(folder.stateDir, 'temporal', 'temporal.db');
  await mkdir(path.dirname(database), { recursive: true });
  const whole = temporalProgram({ port, database });
  const program = { ...whole, args: whole.args.filter((arg) => !arg.startsWith('--search-attribute')) };
  const { identity } = await launch(program, path.join(folder.stateDir, 'log'));
  await (await connectWhenReady(`127.0.0.1:${port}`, { withinMs: 20_000 })).close();
  await endGroup(identity, 10_000);

  const { addresses } = await folder.up(['temporal']);
  const connection = await connectWhenReady(addresses.temporal, { withinMs: 5000 });
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
  await connection.close();
  expect(customAttributes).toMatchObject({ RetrainModel: 2, RetrainDriftScore: 4, RetrainReasons: 7 });
}, 60_000);

describe('a start', () => {
  test('of a stack that is already up joins it', async () => {
    const first = await folder.up(['traefik']);
    const second = await folder.up(['traefik']);
    expect(second.supervisor).toEqual(first.supervisor);
    expect(second.addresses).toEqual(first.addresses);
  });

  test('at the same moment as another one makes one stack', async () => {
    const [first, second] = await Promise.all([folder.up(['traefik']), folder.up(['traefik'])]);
    expect(second.supervisor).toEqual(first.supervisor);
  });

  test('after the supervisor was killed ends what it left behind', async () => {
    const first = await folder.up(['traefik']);
    const orphan = processOf(folder.stateDir, 'traefik');
    process.kill(first.supervisor.pid, 'SIGKILL');
    await until(() => !isAlive(first.supervisor));
    expect(isAlive(orphan)).toBe(true);
    expect(await stackStatus(folder.stateDir)).toMatchObject({ phase: 'down', healthy: false });

    const second = await folder.up(['traefik']);
    expect(isAlive(orphan)).toBe(false);
    expect(isAlive(second.supervisor)).toBe(true);
  });

  test('that is interrupted leaves nothing running', async () => {
    const interrupt = new AbortController();
    const starting = folder.up(['temporal', 'mlflow'], { signal: interrupt.signal });
    const interrupted = until(() => processOf(folder.stateDir, 'mlflow').pid !== 0).then(() => {
      interrupt.abort();
      return processOf(folder.stateDir, 'mlflow');
    });
    await expect(starting).rejects.toMatchObject({ exitCode: 130 });
    const started = await interrupted;
    expect(isAlive(started)).toBe(false);
    expect(readStack(folder.stateDir)).toBeUndefined();
  }, 60_000);
});

test('a part that is killed is started again', async () => {
  await folder.up(['traefik']);
  const before = processOf(folder.stateDir, 'traefik');
  process.kill(before.pid, 'SIGKILL');
  await until(() => readStack(folder.stateDir)?.parts.traefik?.restarts === 1);
  await until(async () => (await stackStatus(folder.stateDir)).healthy);
  expect(processOf(folder.stateDir, 'traefik').pid).not.toBe(before.pid);
});

test('a process that got the number of a dead part is left alone', async () => {
  const state = await folder.up(['traefik']);
  await stackDown(folder.stateDir);
  const sleeper = { file: process.execPath, args: ['-e', 'setInterval(() => undefined, 1000)'], env: {} };
  const { identity } = await launch(sleeper, path.join(folder.stateDir, 'log'));
  const stranger = { pid: identity.pid, startTime: 'another time' };
  writeStack(folder.stateDir, {
    ...state,
    supervisor: { ...state.supervisor, ...stranger },
    parts: {
      traefik: { phase: 'ready', ports: [], url: '', health: 'tcp://127.0.0.1:1', log: '', restarts: 0, ...stranger },
    },
  });
  await stackDown(folder.stateDir);
  expect(isAlive(identity)).toBe(true);
  await endGroup(identity, 1000);
  expect(isAlive(identity)).toBe(false);
});

test('stopping when nothing runs is no failure', async () => {
  expect(await stackDown(folder.stateDir)).toBeUndefined();
});

function routeTo(url: string): string {
  return `
http:
  routers: { m: { rule: "PathPrefix(\`/health\`)", service: m, entryPoints: [web] } }
  services: { m: { loadBalancer: { passHostHeader: false, servers: [{ url: "${url}" }] } } }
`;
}
