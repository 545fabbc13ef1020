import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createProcessServing } from '../../../activities/adapters/process-serving.ts';
import { membersOf } from '../../../activities/adapters/process-training/processes.ts';
import type { ServerRequest } from '../../../activities/ports/serving.ts';
import { servingContract } from '../../contracts/serving.ts';
import type { ServerKind } from '../../contracts/serving.ts';
import { FLAGS, MODEL_SERVER, OPEN_INFERENCE_HTTP, PLAIN_HTTP } from '../../servers/model-server.ts';
import { until } from '../../traffic.ts';

const READY_WITHIN_MS: Readonly<Record<ServerKind, number>> = {
  good: 20_000,
  dies: 20_000,
  'never-ready': 700,
  'other-version': 700,
};

async function fixture() {
  const root = await mkdtemp(path.join(tmpdir(), 'understudy-serving-'));
  const serving = createProcessServing({ root, hostEnvironment: process.env });
  const models = new Set<string>();
  const request = (model: string, version: string, more: Partial<ServerRequest> = {}): ServerRequest => {
    models.add(model);
    return {
      model,
      version,
      artifact: root,
      command: [process.execPath, MODEL_SERVER],
      folder: root,
      readyWithinMs: 20_000,
      http: OPEN_INFERENCE_HTTP,
      ...more,
    };
  };
  const pidOf = async (name: string): Promise<number> =>
    JSON.parse(await readFile(path.join(root, name, 'server.json'), 'utf8')).pid;
  const members = async (name: string) => membersOf(`UNDERSTUDY_SPEC=${path.join(root, name, 'spec.json')}`);
  const stop = async () => {
    for (const model of models) {
      for (const server of await serving.list(model)) await serving.stop(model, server.version);
    }
    await rm(root, { recursive: true, force: true });
  };
  return { root, serving, request, pidOf, members, stop };
}

servingContract('process-serving', async () => {
  const { serving, request, pidOf, members, stop } = await fixture();
  return {
    serving,
    request: (kind, { model, version }) =>
      request(model, version, {
        command: [process.execPath, MODEL_SERVER, ...FLAGS[kind]],
        readyWithinMs: READY_WITHIN_MS[kind],
      }),
    async crash({ name }) {
      process.kill(await pidOf(name), 'SIGKILL');
      await until('the process is gone', async () => (await members(name)).length === 0);
    },
    instance: async ({ name }) => String(await pidOf(name)),
    stop,
  };
});

describe('servers as processes', () => {
  let under: Awaited<ReturnType<typeof fixture>>;
  beforeAll(async () => {
    under = await fixture();
  });
  afterAll(async () => under.stop(), 30_000);

  test('stop ends the children of a server too', async () => {
    const { serving, request, members } = under;
    const { name } = await serving.ensure(
      request('family', '1', { command: [process.execPath, MODEL_SERVER, '--helper'] }),
    );
    expect(await members(name)).toHaveLength(2);
    await serving.stop('family', '1');
    expect(await members(name)).toEqual([]);
  });

  test('a server outlives the worker that started it, and the next worker adopts it', async () => {
    const { root, serving, request, pidOf } = under;
    const wanted = request('orphan', '1');
    const adapter = fileURLToPath(new URL('../../../activities/adapters/process-serving.ts', import.meta.url));
    const worker = `
      import { createProcessServing } from ${JSON.stringify(adapter)};
      const serving = createProcessServing({ root: ${JSON.stringify(root)}, hostEnvironment: process.env });
      await serving.ensure(${JSON.stringify(wanted)});`;
    await promisify(execFile)(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', worker]);
    const pid = await pidOf('orphan-v1');
    const server = await serving.ensure(wanted);
    expect(await pidOf('orphan-v1')).toBe(pid);
    expect(await serving.ready(server, OPEN_INFERENCE_HTTP)).toBe(true);
  });

  test('a process id that now belongs to another program is neither adopted nor ended', async () => {
    const { root, serving, request } = under;
    await serving.ensure(request('reused', '1'));
    const file = path.join(root, 'reused-v1', 'server.json');
    const state = JSON.parse(await readFile(file, 'utf8'));
    await serving.stop('reused', '1');
    await writeFile(file, JSON.stringify({ ...state, pid: process.pid }));
    expect(await serving.find('reused', '1')).toBeUndefined();
    await serving.stop('reused', '1');
    expect(process.kill(process.pid, 0)).toBe(true);
  });

  test('a server that loses its port to another program is started again on another port', async () => {
    const { root, serving, request } = under;
    const thief = path.join(root, 'thief.mjs');
    const stolen = path.join(root, 'stolen.json');
    await writeFile(thief, THIEF);
    const server = await serving.ensure(
      request('robbed', '1', { command: [process.execPath, thief, MODEL_SERVER, stolen] }),
    );
    const { pid, port } = JSON.parse(await readFile(stolen, 'utf8'));
    process.kill(pid);
    expect(server.url).not.toBe(`http://127.0.0.1:${port}`);
    expect(await serving.ready(server, OPEN_INFERENCE_HTTP)).toBe(true);
  }, 30_000);

  test('PR3: a plain server is known by the version header of its answers', async () => {
    const { serving, request } = under;
    const plain = { http: PLAIN_HTTP, command: [process.execPath, MODEL_SERVER, '--plain'] };
    const server = await serving.ensure(request('plain', '3', plain));
    expect(await serving.ready(server, PLAIN_HTTP)).toBe(true);
    expect(await serving.ready(server, { ...PLAIN_HTTP, versionHeader: 'x-not-sent' })).toBe(false);
    expect(await serving.ready({ ...server, version: '2' }, PLAIN_HTTP)).toBe(false);
  });

  test('a server may take its time, as long as it is ready within the time given', async () => {
    const command = [process.execPath, MODEL_SERVER, '--ready-after', '400'];
    const server = await under.serving.ensure(under.request('patient', '1', { command }));
    expect(await under.serving.ready(server, OPEN_INFERENCE_HTTP)).toBe(true);
  });

  test.each([
    ['a program that is not there', { command: ['no-such-program-anywhere'] }, 'command-not-found'],
    ['a folder that is not there', { folder: '/no/such/folder' }, 'bad-request'],
    ['a version that is a path', { version: '../../etc' }, 'bad-request'],
  ])('%s is named', async (_what, wrong, code) => {
    await expect(under.serving.ensure({ ...under.request('wrong', '1'), ...wrong })).rejects.toEqual(
      expect.objectContaining({ code }),
    );
  });

  test('a server sees its contract and nothing of the worker', async () => {
    const { root, request } = under;
    const environment = { ...process.env, SECRET_OF_THE_WORKER: 'x' };
    const serving = createProcessServing({ root, hostEnvironment: environment });
    await serving.ensure(request('modest', '1'));
    const pid = await under.pidOf('modest-v1');
    const seen = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0').map((pair) => pair.split('=')[0]);
    expect(seen).toContain('UNDERSTUDY_SPEC');
    expect(seen).not.toContain('SECRET_OF_THE_WORKER');
  });
});

/** Takes its own port away and dies the first time; a good server from the second time on. */
const THIEF = `
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
const [server, stolen] = process.argv.slice(2);
if (existsSync(stolen)) {
  process.argv = process.argv.slice(0, 2);
  await import(server);
} else {
  const { port } = JSON.parse(readFileSync(process.env.UNDERSTUDY_SPEC, 'utf8'));
  const listen = \`require('node:net').createServer().listen(\${port}, '127.0.0.1', () => process.stdout.write('x'))\`;
  const env = { PATH: process.env.PATH };
  const child = spawn(process.execPath, ['-e', listen], { detached: true, stdio: ['ignore', 'pipe', 'ignore'], env });
  child.stdout.once('data', () => {
    writeFileSync(stolen, JSON.stringify({ pid: child.pid, port }));
    process.exit(1);
  });
}
`;
