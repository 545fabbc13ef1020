import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openBook } from '../../infra/stack/book.ts';
import { keepRunning } from '../../infra/stack/keep-running.ts';
import type { Part } from '../../infra/stack/parts.ts';
import { readStack, removeStack } from '../../infra/stack/state.ts';
import { anyPorts, until, stackFolder } from './stack-folder.ts';

let folder: Awaited<ReturnType<typeof stackFolder>>;

beforeEach(async () => {
  folder = await stackFolder();
});

afterEach(async () => folder.dispose(), 30_000);

describe('a port', () => {
  test('that is taken names who has it, and nothing is left running', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
    const { port } = server.address() as { port: number };
    const settings = { ...anyPorts, stack: { ...anyPorts.stack, gateway: port } };
    const starting = folder.up(['traefik'], { settings });
    await expect(starting).rejects.toMatchObject({
      exitCode: 69,
      message: expect.stringContaining(`port ${port} (stack.gateway) is taken by process ${process.pid} (`),
    });
    server.close();
    expect(readStack(folder.stateDir)).toBeUndefined();
  });

  test('that is wanted twice is a wrong configuration', async () => {
    const settings = { ...anyPorts, stack: { ...anyPorts.stack, gateway: 18_080, gatewayMetrics: 18_080 } };
    const starting = folder.up(['traefik'], { settings });
    await expect(starting).rejects.toMatchObject({ exitCode: 78, message: expect.stringContaining('wanted twice') });
  });
});

test('an address that is none of this machine is a wrong configuration, and no taken port', async () => {
  const settings = { ...anyPorts, stack: { ...anyPorts.stack, bind: '192.0.2.1' } };
  await expect(folder.up(['traefik'], { settings })).rejects.toMatchObject({
    exitCode: 78,
    message: expect.stringContaining('nothing can listen on 192.0.2.1 (stack.bind)'),
  });
});

test('servers answer on the address that was chosen, and on no other', async () => {
  const settings = { ...anyPorts, stack: { ...anyPorts.stack, bind: '127.0.0.2' } };
  const { addresses } = await folder.up(['traefik'], { settings });
  const elsewhere = addresses.gatewayMetrics.replace('127.0.0.2', '127.0.0.1');
  expect(new URL(addresses.gatewayMetrics).hostname).toBe('127.0.0.2');
  expect((await fetch(addresses.gatewayMetrics)).status).toBe(200);
  await expect(fetch(elsewhere)).rejects.toThrow('fetch failed');
});

test('a state folder that cannot be written is one sentence', async () => {
  await writeFile(folder.stateDir, 'a file');
  await expect(folder.up(['traefik'])).rejects.toMatchObject({
    exitCode: 78,
    message: expect.stringMatching(/^cannot write .*: a file is in the way; choose another folder with --state$/),
  });
});

describe('with another Python environment', () => {
  let environment: string;
  let saved: string | undefined;

  beforeEach(async () => {
    environment = await mkdtemp(path.join(os.tmpdir(), 'understudy-environment-'));
    await mkdir(path.join(environment, 'bin'));
    saved = process.env['UNDERSTUDY_PYTHON'];
    process.env['UNDERSTUDY_PYTHON'] = environment;
  });

  afterEach(async () => {
    delete process.env['UNDERSTUDY_PYTHON'];
    Object.assign(process.env, saved === undefined ? {} : { UNDERSTUDY_PYTHON: saved });
    await rm(environment, { recursive: true });
  });

  test('a program that is missing names the command that installs it', async () => {
    const starting = folder.up(['traefik']);
    await expect(starting).rejects.toMatchObject({
      exitCode: 69,
      message: expect.stringMatching(/^traefik is not installed .*; run: node infra\/setup\.mjs$/),
    });
  });

  test('a part that cannot start shows its last lines, and the others are stopped', async () => {
    const server = '#!/bin/sh\nexec sleep 1000\n';
    await writeFile(path.join(environment, 'bin', 'mlflow'), server, { mode: 0o755 });
    await writeFile(path.join(environment, 'bin', 'traefik'), '#!/bin/sh\necho no luck; exit 3\n', { mode: 0o755 });
    await expect(folder.up(['mlflow', 'traefik'])).rejects.toMatchObject({
      exitCode: 69,
      message: expect.stringMatching(/traefik did not start: it ended with exit code 3\nno luck/),
    });
    expect(readStack(folder.stateDir)).toBeUndefined();
    expect(await processesWith(environment)).toEqual([]);
  });
});

test('a part that dies again and again is given up with the reason', async () => {
  const part = diesAtOnce();
  const { stateDir } = folder;
  const bind = { servers: '127.0.0.1', worker: '127.0.0.1' };
  const plan = { stateDir, parts: [part.name], ports: noPorts, bind, cwd: '/', workerEnv: {} };
  const book = openBook(plan, [part]);
  const patience = { mostRestarts: 2, windowMs: 60_000, firstPauseMs: 1 };
  const stop = new AbortController();
  const said: string[] = [];
  const say = (sentence: string) => said.push(sentence);
  const prerequisites = Promise.resolve();
  const kept = keepRunning({ part, book, prerequisites, cwd: '/', stop: stop.signal, say, patience });
  await kept.ready;
  await until(() => readStack(folder.stateDir)?.parts.worker?.phase === 'failed');
  expect(readStack(folder.stateDir)?.parts.worker).toMatchObject({
    restarts: 2,
    reason: 'it died 3 times: exit code 7',
  });
  expect(said).toHaveLength(2);
  stop.abort();
  await kept.end();
  // The book names this very process as the supervisor, and nobody should stop it.
  removeStack(folder.stateDir);
});

const noPorts = {
  temporal: 0,
  temporalUi: 0,
  mlflow: 0,
  gateway: 0,
  gatewayMetrics: 0,
  workerMetrics: 0,
  workerWebhook: 0,
};

function diesAtOnce(): Part {
  return {
    name: 'worker',
    program: { file: process.execPath, args: ['-e', 'setTimeout(() => process.exit(7), 50)'], env: {} },
    ports: [],
    url: '',
    log: path.join(path.dirname(folder.stateDir), 'log'),
    health: 'tcp://127.0.0.1:1',
    after: [],
    startMs: 1000,
    graceMs: 1000,
    ready: async () => undefined,
  };
}

/** Processes that were started with this text in their environment; here that is everything a stack started. */
async function processesWith(text: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => ({ pid, environment: await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '') })),
  );
  return found.filter((one) => one.environment.includes(text)).map((one) => one.pid);
}
