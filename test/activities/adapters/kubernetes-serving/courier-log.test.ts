import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { carryLog } from '../../../../activities/adapters/kubernetes-training/courier-log.ts';
import { exchangeFolder } from '../../../../activities/adapters/kubernetes-training/exchange-folder.ts';
import { createExchange, exchangeToken } from '../../../../activities/adapters/kubernetes-training/exchange.ts';
import { eventually } from '../../../eventually.ts';
import { SECRET, sha256 } from '../kubernetes-training/exchange-setup.ts';

const NAME = 'serve-0123456789';
const DAY = 'day=2026-03-01';

let home: string;
let exchange: Server;
let url: string;
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'understudy-log-'));
  await mkdir(path.join(home, 'pod/log', DAY), { recursive: true });
  const root = path.join(home, 'exchange');
  await exchangeFolder(root, NAME).prepareServer({ files: [], log: path.join(home, 'worker') }, '{}');
  exchange = createServer(createExchange({ root, secret: SECRET }));
  await new Promise<void>((resolve) => exchange.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(exchange.address() as AddressInfo).port}`;
});
afterEach(async () => {
  exchange.closeAllConnections();
  await new Promise((resolve) => exchange.close(resolve));
  await rm(home, { recursive: true });
});

const write = async (name: string, text: string, day = DAY): Promise<void> => {
  await mkdir(path.join(home, 'pod/log', day), { recursive: true });
  await writeFile(path.join(home, 'pod/log', day, name), text);
};
const filesBelow = async (folder: string): Promise<string[]> => {
  const all = await readdir(path.join(home, folder), { recursive: true, withFileTypes: true }).catch(() => []);
  return all.filter((entry) => entry.isFile()).map((entry) => entry.name);
};
const arrived = async () => await filesBelow('worker');
const waiting = async () => await filesBelow('pod/log');

/** The courier at work until the returned function is called, which tells what it said. */
function start(more: { readonly limitBytes?: number; readonly token?: string; readonly to?: string } = {}) {
  const said: string[] = [];
  const stop = new AbortController();
  const ended = carryLog(
    {
      exchange: more.to ?? url,
      job: NAME,
      token: more.token ?? exchangeToken(SECRET, NAME),
      specSha256: '',
      root: path.join(home, 'pod'),
      pod: 'churn-v7-abc',
      limitBytes: more.limitBytes ?? 1_000,
      everyMs: 10,
      backoffMs: 1,
      say: (line) => said.push(line),
    },
    stop.signal,
  );
  return async () => {
    stop.abort();
    await ended;
    return said;
  };
}

describe('the courier of a serving log', () => {
  test('carries finished files out under the name of their pod, and keeps nothing', async () => {
    await write('1.parquet', 'one');
    const end = start();
    await eventually(arrived, (names) => names.length === 1);
    await write('2.parquet', 'two', 'day=2026-03-02');
    await eventually(arrived, (names) => names.length === 2);
    expect(await end()).toEqual([]);
    expect(await waiting()).toEqual([]);
    expect(await readFile(path.join(home, 'worker/day=2026-03-02/churn-v7-abc-2.parquet'), 'utf8')).toBe('two');
  });

  test('leaves what is still being written, and what is no log', async () => {
    await write('.3.parquet.part', 'half');
    await write('notes.txt', 'text');
    await write('4.parquet', 'elsewhere', 'today');
    await start()();
    expect(await arrived()).toEqual([]);
    expect(await waiting()).toHaveLength(3);
  });

  test('takes the last along when its server has ended', async () => {
    const end = start();
    await eventually(arrived, (names) => names.length === 0);
    await write('5.parquet', 'last words');
    await end();
    expect(await arrived()).toEqual(['churn-v7-abc-5.parquet']);
  });

  test('waits for an exchange that is away, says so once, and drops the oldest before the disk is full', async () => {
    await write('6.parquet', 'a'.repeat(600));
    const end = start({ to: 'http://127.0.0.1:1' });
    await eventually(waiting, (names) => names.length === 1);
    await write('7.parquet', 'b'.repeat(600));
    await eventually(waiting, (names) => names.join(' ') === '7.parquet');
    const said = await end();
    expect(said.filter((line) => line.startsWith('the serving log waits'))).toHaveLength(1);
    expect(said).toContainEqual(expect.stringContaining('dropped the 1 oldest files'));
  });

  test('a file that nobody would take does not hold up the others', async () => {
    await write(`${'n'.repeat(150)}.parquet`, 'long');
    await write('8.parquet', 'short');
    const end = start();
    await eventually(arrived, (names) => names.length === 1);
    expect(await end()).toEqual([expect.stringContaining('dropped')]);
    expect(await waiting()).toEqual([]);
  });

  test('a token that is refused ends nothing: the server goes on', async () => {
    await write('9.parquet', 'one');
    const said = await start({ token: 'wrong' })();
    expect(said).toEqual([expect.stringContaining('no valid token')]);
    expect(await waiting()).toEqual(['9.parquet']);
  });
});

describe('what a server may do at the exchange', () => {
  const ask = async (page: string, body?: string) => {
    const headers = { authorization: `Bearer ${exchangeToken(SECRET, NAME)}`, 'x-sha256': sha256(body ?? '') };
    return await fetch(
      `${url}/exchange/${NAME}/${page}`,
      body === undefined ? { headers } : { method: 'PUT', body, headers },
    );
  };

  test('its spec, its files and no checkpoints', async () => {
    expect(await (await ask('spec')).text()).toBe('{}');
    expect(await (await ask('files')).json()).toEqual([]);
    expect(await (await ask('checkpoints')).json()).toEqual([]);
  });

  test.each(['attempts/a', 'results/a', 'results/a/files/x', 'progress', `checkpoints/${sha256('x')}`])(
    'SE5: PUT %s is for trainers',
    async (page) => {
      expect((await ask(page, 'x')).status).toBe(404);
    },
  );

  test.each([
    'log/x.parquet',
    'log/day=2026-03-01/x.txt',
    'log/day=2026-03-01/.x.parquet',
    'log/day=2026-03-01/..%2F..%2Fx.parquet',
    'log/day=2026-3-1/x.parquet',
    'log/day=2026-03-01/x.parquet/deeper',
  ])('SE5: PUT %s leads nowhere', async (page) => {
    expect((await ask(page, 'x')).status).toBe(400);
    expect(await arrived()).toEqual([]);
  });

  test('a body that is not what was announced is refused', async () => {
    const headers = { authorization: `Bearer ${exchangeToken(SECRET, NAME)}`, 'x-sha256': sha256('other') };
    const page = `${url}/exchange/${NAME}/log/${DAY}/x.parquet`;
    expect((await fetch(page, { method: 'PUT', body: 'x', headers })).status).toBe(400);
    expect(await arrived()).toEqual([]);
  });
});
