import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { getJson } from '../../activities/context.ts';
import { CONTROL_QUEUE, watchId, watchOperation } from '../../activities/door.ts';
import { createAlertReceiver } from '../../clients/alert-receiver.ts';
import type { DecisionRecord } from '../../scorecards/trigger.ts';
import { emptyWatch } from '../../scorecards/watch.ts';
import { applyPolicyUpdate, watchStateQuery } from '../../workflows/messages.ts';
import { eventually } from '../eventually.ts';
import { applied } from '../lifecycle/policies.ts';
import { createCliWorld } from './cli-world.ts';
import type { CliWorld } from './cli-world.ts';

const TOKEN = 'a-token-of-this-test';
const STARTED = '2001-01-15T06:00:00.000Z';

interface Sent {
  readonly token?: string;
  readonly path?: string;
  readonly method?: string;
  readonly body?: string;
}

/** An alert as Alertmanager sends it, as far as it is read. */
const alert = (model: string, change: object = {}) => ({
  status: 'firing',
  labels: { alertname: 'ModelDrifts', model, severity: 'warning' },
  annotations: { summary: `${model} drifts` },
  startsAt: STARTED,
  endsAt: '0001-01-01T00:00:00Z',
  generatorURL: 'http://127.0.0.1/graph',
  fingerprint: '00f1',
  ...change,
});
const webhook = (...alerts: readonly object[]) => JSON.stringify({ version: '4', receiver: 'understudy', alerts });

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function send(url: string, { token = `Bearer ${TOKEN}`, path, method = 'POST', body }: Sent) {
  const response = await fetch(`${url}${path ?? '/webhooks/alertmanager'}`, {
    method,
    headers: { authorization: token, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body }),
  });
  return { status: response.status, body: await response.json() };
}

describe('the alert receiver', () => {
  let world: CliWorld;
  let server: Server;
  let url = '';
  beforeAll(async () => {
    world = await createCliWorld();
    server = createAlertReceiver({ client: world.client, token: TOKEN, bodyLimit: 10_000 });
    url = await listen(server);
  }, 120_000);
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await world.close();
  });

  const post = async (...alerts: readonly object[]) => send(url, { body: webhook(...alerts) });
  const decisions = async (model: string): Promise<DecisionRecord[]> => {
    const { evidence } = world.ports;
    const refs = await Promise.all((await evidence.keys(`decisions/${model}/`)).map((key) => evidence.recall(key)));
    return Promise.all(refs.filter((ref) => ref !== undefined).map((ref) => getJson<DecisionRecord>(evidence, ref)));
  };
  const runs = async (model: string) =>
    (await world.client.workflow.getHandle(watchId(model)).query(watchStateQuery)).runs;

  test('TR1, TR3: one firing alert starts one run, and its decision is in the evidence store', async () => {
    await world.client.workflow.executeUpdateWithStart(applyPolicyUpdate, {
      args: [applied('late', world.folder)],
      startWorkflowOperation: watchOperation('late'),
    });
    const { status, body } = await post(alert('late'));
    expect(status).toBe(200);
    const run = expect.stringMatching(/^retrain\/late\/\d{8}T\d{6}Z-alert$/);
    expect(body).toEqual({ answers: [{ fingerprint: '00f1', answer: { answer: 'started', run } }] });
    const recorded = await eventually(
      async () => decisions('late'),
      ({ length }) => length > 0,
      60_000,
    );
    expect(recorded).toMatchObject([
      {
        model: 'late',
        run,
        trigger: {
          kind: 'alert',
          key: `alert-00f1-${Date.parse(STARTED)}`,
          by: 'alertmanager:ModelDrifts',
          reason: 'late drifts',
        },
      },
    ]);
  }, 90_000);

  test('TR5: the same alert sent again names the same run and starts no other', async () => {
    const [run] = await runs('late');
    const again = await Promise.all([post(alert('late')), post(alert('late'), alert('late'))]);
    const answers = again.flatMap(({ body }) => (body as { answers: { answer: object }[] }).answers);
    expect(answers).toHaveLength(3);
    expect(answers.map(({ answer }) => answer)).toEqual(answers.map(() => expect.objectContaining({ run })));
    expect(await runs('late')).toEqual([run]);
  });

  test('TR5: another alert of a model with a run in flight joins that run and is recorded as its duplicate', async () => {
    const run = 'retrain/busy/20010101T000000Z-manual';
    const trigger = { kind: 'manual', key: 'by hand', asOf: STARTED, by: 'ana@example' } as const;
    await world.client.workflow.start('retrainModel', { workflowId: run, taskQueue: 'nobody-works-here' });
    const state = { ...emptyWatch('busy'), applied: applied('busy', world.folder), runs: [run] };
    await world.client.workflow.start('watchModel', {
      workflowId: watchId('busy'),
      taskQueue: CONTROL_QUEUE,
      args: [{ model: 'busy', state: { ...state, active: { run, trigger, receivedAt: STARTED } } }],
    });
    const { body } = await post(alert('busy', { fingerprint: '00b1' }), alert('busy', { fingerprint: '00b2' }));
    expect(body).toMatchObject({
      answers: [{ answer: { answer: 'joined', run } }, { answer: { answer: 'joined', run } }],
    });
    const recorded = await eventually(
      async () => decisions('busy'),
      ({ length }) => length >= 2,
    );
    expect(recorded).toEqual([0, 1].map(() => expect.objectContaining({ decision: 'duplicate', run })));
  }, 30_000);

  test('an alert of a model without a policy is suppressed, and that is recorded', async () => {
    const { status, body } = await post(alert('unknown'));
    const reason = expect.stringContaining('understudy apply -f');
    expect([status, body]).toMatchObject([200, { answers: [{ answer: { answer: 'suppressed', reason } }] }]);
    const recorded = await eventually(
      async () => decisions('unknown'),
      ({ length }) => length > 0,
    );
    expect(recorded).toMatchObject([{ decision: 'suppressed', trigger: { kind: 'alert' } }]);
  });

  test.each([
    ['a resolved alert', alert('quiet', { status: 'resolved' }), 'a resolved alert starts nothing'],
    ['an alert without a model', alert('quiet', { labels: { alertname: 'Disk' } }), 'no label "model"'],
    ['an alert whose model is no name', alert('../quiet'), 'no label "model"'],
  ])('%s is ignored and wakes nobody', async (_, given, why) => {
    const { status, body } = await post(given);
    const reason = expect.stringContaining(why);
    expect([status, body]).toEqual([
      200,
      { answers: [{ fingerprint: '00f1', answer: { answer: 'ignored', reason } }] },
    ]);
    await expect(world.client.workflow.getHandle(watchId('quiet')).describe()).rejects.toThrow(/not found/i);
  });

  test.each<[string, Sent, number, RegExp]>([
    ['no token', { token: '', body: webhook() }, 401, /expected Authorization: Bearer/],
    ['a wrong token', { token: 'Bearer another', body: webhook() }, 401, /expected Authorization: Bearer/],
    ['the token without its scheme', { token: TOKEN, body: webhook() }, 401, /expected Authorization: Bearer/],
    ['a wrong token on an unknown route', { token: '', path: '/x' }, 401, /expected Authorization: Bearer/],
    ['an unknown route', { path: '/webhooks/other', body: webhook() }, 404, /POST \/webhooks\/alertmanager/],
    ['GET', { method: 'GET' }, 405, /expected POST/],
    ['no JSON', { body: '{"version":' }, 400, /not an Alertmanager webhook/],
    ['another version', { body: '{"version": "3", "alerts": []}' }, 400, /"version: /],
    ['an alert without a fingerprint', { body: webhook({ ...alert('late'), fingerprint: '' }) }, 400, /fingerprint/],
    ['a body that is too large', { body: ' '.repeat(10_001) }, 413, /at most 10000 bytes/],
    ['a body much too large', { body: ' '.repeat(5_000_000) }, 413, /at most 10000 bytes/],
  ])('%s is refused with what was expected', async (_, sent, status, error) => {
    const refused = await send(url, sent);
    expect([refused.status, JSON.stringify(refused.body).replaceAll('\\"', '"')]).toEqual([
      status,
      expect.stringMatching(error),
    ]);
  });
});

test('an alert while Temporal cannot be reached is answered 503, which Alertmanager repeats', async () => {
  // With the SDK's usual retries the same answer comes after some 18 s.
  const connection = Connection.lazy({ address: '127.0.0.1:1', connectTimeout: '500ms', interceptors: [] });
  const server = createAlertReceiver({ client: new Client({ connection }), token: TOKEN });
  try {
    const url = await listen(server);
    expect(await send(url, { body: webhook(alert('late')) })).toEqual({
      status: 503,
      body: { error: expect.any(String) },
    });
  } finally {
    server.closeAllConnections();
    server.close();
    await connection.close();
  }
}, 30_000);
