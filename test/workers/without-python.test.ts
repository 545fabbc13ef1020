import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { msToTs } from '@temporalio/common/lib/time.js';
import { packageRoot } from '../../infra/package-root.ts';
import { connectWhenReady } from '../../infra/stack/bootstrap.ts';
import { freePorts } from '../../infra/stack/free-port.ts';
import { eventually } from '../eventually.ts';
import { temporalServer } from '../servers.ts';

let address: string;
let state: string;
const namespace = `bare-${randomUUID().slice(0, 8)}`;
beforeAll(async () => {
  ({ address } = await temporalServer());
  state = await mkdtemp(join(tmpdir(), 'understudy-no-python-'));
  // Nobody else's work is taken.
  const connection = await connectWhenReady(address, { withinMs: 30_000 });
  await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: msToTs('1 day') });
  await connection.close();
}, 120_000);
afterAll(() => rm(state, { recursive: true, force: true }));

/** 0 while nobody answers. */
async function statusOf(url: string): Promise<number> {
  return fetch(url).then(
    (answer) => answer.status,
    () => 0,
  );
}

/** A machine with Node and nothing else. */
const bare = { PATH: '/nowhere', HOME: tmpdir(), UNDERSTUDY_PYTHON: '/nowhere' };

test('a worker needs Node only: without any Python it polls its queues and shows its metrics', async () => {
  const [metrics = 0, webhook = 0] = await freePorts(2);
  const worker = spawn(process.execPath, [join(packageRoot(), 'dist', 'workers', 'worker.js')], {
    env: {
      ...bare,
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: namespace,
      UNDERSTUDY_STATE: state,
      UNDERSTUDY_METRICS_PORT: String(metrics),
      UNDERSTUDY_WEBHOOK_PORT: String(webhook),
      UNDERSTUDY_LOG_LEVEL: 'ERROR',
    },
    stdio: 'ignore',
  });
  try {
    const ready = async () => statusOf(`http://127.0.0.1:${metrics}/readyz`);
    expect(await eventually(ready, (status) => status === 200, 30_000)).toBe(200);
    const text = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
    expect(text).toContain('understudy_worker_polling{queue="rollback"} 1');
    expect((await fetch(`http://127.0.0.1:${webhook}/webhooks/alertmanager`, { method: 'POST' })).status).toBe(401);
  } finally {
    worker.kill('SIGTERM');
    await once(worker, 'exit');
  }
}, 60_000);

test('an offline command needs Node only', async () => {
  const args = [join(packageRoot(), 'bin', 'understudy.mjs'), 'lint', '-f', 'examples/flights/policy.yaml'];
  const lint = spawn(process.execPath, args, { cwd: packageRoot(), env: bare, stdio: 'ignore' });
  expect(await once(lint, 'exit')).toEqual([0, null]);
}, 30_000);
