import { readFile, readdir } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readPointers } from '../../../../activities/adapters/kubernetes-training/exchange-folder.ts';
import { createExchange, exchangeToken } from '../../../../activities/adapters/kubernetes-training/exchange.ts';
import { eventually } from '../../../eventually.ts';
import { DATA, SECRET, SPEC, openExchange, sha256 } from './exchange-setup.ts';
import type { ExchangeSetup } from './exchange-setup.ts';

let setup: ExchangeSetup;
beforeEach(async () => {
  setup = await openExchange({ resultBytes: 100, checkpointBytes: 100 });
});
afterEach(async () => {
  await setup.close();
});

const put = async (path: string, body: string, headers: Record<string, string> = {}): Promise<number> =>
  (await setup.ask(path, { method: 'PUT', body, headers })).status;
const putFile = async (path: string, body: string, digest = sha256(body)): Promise<number> =>
  await put(path, body, { 'x-sha256': digest });
const putCheckpoint = async (step: number, body: string, digest = sha256(body)): Promise<number> =>
  await put(`checkpoints/${digest}`, body, {
    'x-checkpoint': JSON.stringify({ step, path: 'weights.bin', sha256: digest }),
  });

/** As it stands, without the cleaning that `fetch` gives to a path. */
async function rawStatus(path: string): Promise<number> {
  return await new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${setup.token}` };
    const { hostname, port } = new URL(setup.url);
    request({ hostname, port, path, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

async function leftovers(): Promise<string[]> {
  const names = await readdir(setup.root, { recursive: true });
  return names.filter((name) => /\.(part|tmp)$/.test(name));
}

describe('what a pod may read', () => {
  test('its spec, the list of its files, and each of them by digest', async () => {
    expect(await (await setup.ask('spec')).text()).toBe(SPEC);
    expect(await (await setup.ask('files')).json()).toEqual([
      { to: 'day=1/day.parquet', bytes: DATA.length, sha256: sha256(DATA) },
    ]);
    expect(await (await setup.ask(`files/${sha256(DATA)}`)).text()).toBe(DATA);
  });

  test.each([
    'files/0000',
    'files/..%2Fjob.json',
    'files/..%2F..%2F..%2Fetc%2Fpasswd',
    'job.json',
    '',
    'checkpoints/0000',
    'constructor',
  ])('nothing else: %s is not found', async (path) => {
    expect((await setup.ask(path)).status).toBe(404);
  });

  test.each(['/exchange/flights-1/../flights-1/job.json', '/exchange/../../etc/passwd', '/exchange/..%2f..', '/'])(
    'a path that leads out, %s, is not found',
    async (path) => {
      expect(await rawStatus(path)).toBe(404);
    },
  );

  test('a path that cannot be decoded is refused', async () => {
    expect(await rawStatus('/exchange/flights-1/%E0%A4%A')).toBe(400);
  });
});

describe('the token', () => {
  test.each([
    ['none', {}],
    ['a wrong one', { authorization: 'Bearer 00' }],
    ['that of another job', { authorization: `Bearer ${exchangeToken(SECRET, 'flights-2')}` }],
    ['without its word', { authorization: exchangeToken(SECRET, 'flights-1') }],
  ])('%s opens nothing', async (_, headers) => {
    expect((await fetch(`${setup.url}/exchange/flights-1/spec`, { headers })).status).toBe(401);
  });

  test('whether a job exists is told only to who may know it', async () => {
    const ask = async (token: string) =>
      (await fetch(`${setup.url}/exchange/other/spec`, { headers: { authorization: `Bearer ${token}` } })).status;
    expect([await ask('x'), await ask(exchangeToken(SECRET, 'other'))]).toEqual([401, 404]);
  });

  test('a short secret is refused at once', () => {
    expect(() => createExchange({ root: setup.root, secret: 'short' })).toThrow(/32 characters/);
  });
});

describe('what a pod may hand in', () => {
  const committed = async (): Promise<boolean> => await setup.folder.isCommitted();

  test('its files, which become the output together', async () => {
    await put('attempts/a', '');
    expect(await putFile('results/a/files/model/weights.bin', 'weights')).toBe(204);
    expect(await putFile('results/a/files/result.json', '{}')).toBe(204);
    expect(await committed()).toBe(false);
    expect(await put('results/a', '')).toBe(204);
    expect(await committed()).toBe(true);
    expect(await readFile(join(setup.folder.output, 'model/weights.bin'), 'utf8')).toBe('weights');
  });

  test('a commit that is repeated, because its answer was lost, changes nothing', async () => {
    await put('attempts/a', '');
    await putFile('results/a/files/result.json', '{}');
    expect([await put('results/a', ''), await put('results/a', '')]).toEqual([204, 204]);
    expect(await readdir(setup.folder.output)).toEqual(['result.json']);
  });

  test('what an earlier attempt handed in is no result of the next', async () => {
    await put('attempts/a', '');
    await putFile('results/a/files/result.json', '{}');
    await put('results/a', '');
    await put('attempts/b', '');
    expect(await committed()).toBe(false);
    expect(await putFile('results/a/files/late.json', '{}')).toBe(409);
    await put('results/b', '');
    expect(await readdir(setup.folder.output)).toEqual([]);
  });

  test.each(['..%2Fescaped', '%2e%2e/%2e%2e/escaped', 'a%5Cb', 'a%00b', 'a//b'])(
    'a file named %s is refused',
    async (path) => {
      await put('attempts/a', '');
      expect(await putFile(`results/a/files/${path}`, 'x')).toBeGreaterThanOrEqual(400);
      expect((await readdir(setup.root, { recursive: true })).filter((name) => name.includes('escaped'))).toEqual([]);
    },
  );

  test('a file with another digest than announced leaves nothing', async () => {
    await put('attempts/a', '');
    expect(await putFile('results/a/files/f', 'x', sha256('y'))).toBe(400);
    await put('results/a', '');
    expect(await readdir(setup.folder.output)).toEqual([]);
  });

  test('more than one result may hold is refused', async () => {
    await put('attempts/a', '');
    expect(await putFile('results/a/files/f', 'x'.repeat(60))).toBe(204);
    expect(await putFile('results/a/files/g', 'x'.repeat(60))).toBe(400);
    expect(await leftovers()).toEqual([]);
  });

  test('half a file, from a pod that died, leaves nothing', async () => {
    await put('attempts/a', '');
    const { hostname, port } = new URL(setup.url);
    const headers = { authorization: `Bearer ${setup.token}`, 'x-sha256': sha256('x'), 'content-length': 50 };
    const path = '/exchange/flights-1/results/a/files/f';
    const upload = request({ hostname, port, path, method: 'PUT', headers }).on('error', () => undefined);
    upload.write('half of it');
    const incoming = async () => await readdir(setup.folder.incoming('a')).catch(() => []);
    await eventually(incoming, (names) => names.length === 1);
    upload.destroy();
    expect(await eventually(incoming, (names) => names.length === 0)).toEqual([]);
  });

  test('progress, and nothing that is none', async () => {
    expect(await put('progress', '{"step":3,"of":10}')).toBe(204);
    expect([await put('progress', '{"step":"x"}'), await put('progress', 'x'.repeat(20_000))]).toEqual([400, 400]);
    expect(await setup.folder.progress()).toEqual({ step: 3, of: 10 });
  });

  test('checkpoints, of which the last three are kept', async () => {
    for (const step of [1, 2, 3, 4]) await putCheckpoint(step, `weights at ${step}`);
    expect((await readPointers(setup.checkpoints)).map(({ step }) => step)).toEqual([4, 3, 2]);
    expect((await setup.ask(`checkpoints/${sha256('weights at 1')}`)).status).toBe(404);
    expect(await (await setup.ask(`checkpoints/${sha256('weights at 2')}`)).text()).toBe('weights at 2');
    expect((await readdir(join(setup.checkpoints, '.exchange'))).length).toBe(4);
  });

  test('no checkpoint that is corrupt or too large', async () => {
    expect([await putCheckpoint(1, 'x', sha256('y')), await putCheckpoint(1, 'x'.repeat(101))]).toEqual([400, 400]);
    expect(await readPointers(setup.checkpoints)).toEqual([]);
  });
});
