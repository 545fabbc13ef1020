import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { BatchV1Api, KubeConfig } from '@kubernetes/client-node';
import { eventually } from '../eventually.ts';
import { present } from '../present.ts';
import { kubernetesProxy } from './kubernetes-proxy.ts';
import type { KubernetesProxy } from './kubernetes-proxy.ts';

const PATH = '/apis/batch/v1/namespaces/train/jobs';

let server: Server;
let generation: number;
let executed: string[];
let proxy: KubernetesProxy;

/** As much of an API server as a proxy can tell: a GET says the generation, a write raises it, a watch never ends. */
beforeEach(async () => {
  generation = 1;
  executed = [];
  server = createServer((request, response) => {
    const { method = '', url = '' } = request;
    executed.push(`${method} ${url}`);
    generation += Number(method !== 'GET');
    const object = { kind: 'Job', metadata: { name: 'a', generation }, status: { active: 1 } };
    response.setHeader('content-type', 'application/json');
    const events = `${JSON.stringify({ type: 'MODIFIED', object })}\n`.repeat(3);
    const answers = new Map([[true, () => void response.write(events)]]);
    (answers.get(url.includes('watch=')) ?? (() => void response.end(JSON.stringify(object))))();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  proxy = await kubernetesProxy(standIn((server.address() as AddressInfo).port));
});

afterEach(async () => {
  await proxy.close();
  server.closeAllConnections();
  await new Promise((resolve) => {
    server.close(resolve);
  });
});

test('without a fault the client speaks to the server as if nothing stood between', async () => {
  const job = await jobs().readNamespacedJob({ name: 'a', namespace: 'train' });
  expect([job.metadata?.generation, job.status?.active]).toEqual([1, 1]);
  expect([executed, [...proxy.fired]]).toEqual([[`GET ${PATH}/a`], []]);
});

test('conflict answers the next writes with 409 and lets reads and later writes through', async () => {
  proxy.conflict(2);
  expect([await patch(), await get(), await patch(), await patch()]).toEqual([409, 200, 409, 200]);
  expect(proxy.fired.get('conflict')).toBe(2);
});

test('a storm of conflicts ends by itself', async () => {
  proxy.conflictStorm(100);
  expect(await patch()).toBe(409);
  expect(await eventually(patch, (status) => status !== 409)).toBe(200);
});

test('throttle answers 429 with Retry-After, which the client is told', async () => {
  proxy.throttle(7);
  await expect(jobs().readNamespacedJob({ name: 'a', namespace: 'train' })).rejects.toMatchObject({
    code: 429,
    headers: { 'retry-after': '7' },
    body: expect.stringContaining('TooManyRequests'),
  });
});

test.each([500, 503] as const)('fail answers %i once, where it was told to', async (status) => {
  proxy.fail(status, { verb: 'delete', resource: 'jobs', name: 'a' });
  expect([await get(), await call('DELETE'), await call('DELETE')]).toEqual([200, status, 200]);
});

test('reset before: the server saw nothing', async () => {
  proxy.reset('before');
  await expect(patch()).rejects.toThrow('fetch failed');
  expect(executed).toEqual([]);
});

test('reset after: the write was executed and its answer lost', async () => {
  proxy.reset('after');
  await expect(patch()).rejects.toThrow('fetch failed');
  expect([executed, generation]).toEqual([[`PATCH ${PATH}/a`], 2]);
});

test('delay lets the request through later', async () => {
  proxy.delay(50);
  expect([await get(), proxy.fired.get('delay')]).toEqual([200, 1]);
});

test('stale answers a read with the object as it was before the last write', async () => {
  await get();
  await patch();
  proxy.stale(1);
  expect([await generationRead(), await generationRead()]).toEqual([1, 2]);
});

test('stale says so when it never saw that generation', async () => {
  proxy.stale(9);
  expect(await get()).toBe(500);
});

test('gone answers a list with 410, and a watch with its error event', async () => {
  proxy.gone({ verb: 'list' });
  proxy.gone({ verb: 'watch' });
  const list = await fetch(new URL(PATH, uri()));
  const watch = await fetch(new URL(`${PATH}?watch=true`, uri()));
  expect([list.status, watch.status]).toEqual([410, 200]);
  expect(await watch.json()).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });
});

test('a watch comes line by line, and cutWatch breaks it after so many events', async () => {
  proxy.cutWatch(2);
  const lines: string[] = [];
  const read = async () => {
    const { body } = await fetch(new URL(`${PATH}?watch=true`, uri()));
    for await (const text of present(body).pipeThrough(new TextDecoderStream())) lines.push(text);
  };
  await expect(read()).rejects.toThrow('terminated');
  expect(lines.join('').trim().split('\n')).toHaveLength(2);
});

test('a fault without a verb passes a watch over', async () => {
  proxy.fail(503);
  proxy.cutWatch(1);
  expect((await fetch(new URL(`${PATH}?watch=true`, uri()))).status).toBe(200);
  expect([...proxy.fired.keys()]).toEqual(['cut-watch']);
});

test('status changes what we are told and not what the server has', async () => {
  proxy.status((job) => void (job.status = { failed: 3 }), { times: 2 });
  const told = await jobs().readNamespacedJobStatus({ name: 'a', namespace: 'train' });
  proxy.calm();
  const after = await jobs().readNamespacedJob({ name: 'a', namespace: 'train' });
  expect([told.status, after.status]).toEqual([
    expect.objectContaining({ failed: 3 }),
    expect.objectContaining({ active: 1 }),
  ]);
});

test('calm takes back what is left', async () => {
  proxy.conflict(5);
  proxy.calm();
  expect(await patch()).toBe(200);
});

const jobs = () => proxy.config.makeApiClient(BatchV1Api);
const uri = () => proxy.config.getCurrentCluster()?.server;
const call = async (method: string) => (await fetch(new URL(`${PATH}/a`, uri()), { method })).status;
const get = () => call('GET');
const patch = () => call('PATCH');

async function generationRead(): Promise<number | undefined> {
  const job = await jobs().readNamespacedJob({ name: 'a', namespace: 'train' });
  return job.metadata?.generation;
}

function standIn(port: number): KubeConfig {
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'stand-in', server: `http://127.0.0.1:${port}`, skipTLSVerify: true },
    { name: 'anyone', token: 'token' },
  );
  return config;
}
