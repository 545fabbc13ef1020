import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openLine } from '../../../../activities/adapters/kubernetes-training/courier-line.ts';
import { openExchange } from './exchange-setup.ts';

const common = { job: 'flights-1', specSha256: '', root: '/', backoffMs: 1, tries: 3 };

async function opened(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What stands between a pod and the worker, and answers these one after the other; 0 is no answer. */
async function gatewayThat(answers: number[]) {
  const server = createServer((_, response) => {
    const status = answers.shift() ?? 500;
    if (status > 0) response.writeHead(status).end();
  });
  return {
    url: await opened(server),
    close: () => server.close(() => server.closeAllConnections()),
  };
}

test('a gateway that says 404 while no worker is behind it ends no courier', async () => {
  const answers = [404, 409, 204];
  const gateway = await gatewayThat(answers);
  const put = openLine({ ...common, exchange: gateway.url, token: 't' }).put('results/one');
  await expect(put.finally(() => gateway.close())).resolves.toBeUndefined();
  expect(answers).toEqual([]);
});

test('a worker that went away without a word is not waited for beyond its time', async () => {
  const gateway = await gatewayThat([0, 204]);
  const line = openLine({ ...common, exchange: gateway.url, token: 't', answerMs: 200 });
  await expect(line.put('results/one').finally(() => gateway.close())).resolves.toBeUndefined();
});

describe('a file', () => {
  let home: string;
  let file: string;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'understudy-courier-'));
    file = join(home, 'checkpoint');
    await writeFile(file, new Uint8Array(40 * 1024 ** 2));
  });
  afterAll(async () => rm(home, { recursive: true }));

  test('that stands still on its way is sent again, and the last time it is said why', async () => {
    const answers = [0, 0, 204];
    const gateway = await gatewayThat(answers);
    const line = openLine({ ...common, exchange: gateway.url, token: 't', stallMs: 2000 });
    await expect(line.put('checkpoints/one', { file })).resolves.toBeUndefined();
    expect(answers).toEqual([]);
    answers.push(0, 0, 0);
    const last = line.put('checkpoints/one', { file });
    await expect(last.finally(() => gateway.close())).rejects.toMatchObject({
      exitCode: 69,
      message: 'PUT checkpoints/one failed 3 times, at last: not a byte moved for 2 s',
    });
  });

  test('that moves is not cut off, however long it takes', async () => {
    let taken = 0;
    const slow = createServer((request, response) => {
      request.on('data', (piece: Buffer) => {
        taken += piece.length;
        request.pause();
        setTimeout(() => request.resume(), 2);
      });
      request.on('end', () => response.writeHead(204).end());
    });
    const url = await opened(slow);
    const line = openLine({ ...common, exchange: url, token: 't', stallMs: 10_000, tries: 1 });
    await expect(line.put('checkpoints/one', { file }).finally(() => slow.close())).resolves.toBeUndefined();
    expect(taken).toBe(40 * 1024 ** 2);
  }, 30_000);
});

test('the exchange itself is believed: an attempt that is not the newest gives up at once', async () => {
  const setup = await openExchange();
  const line = openLine({ ...common, exchange: setup.url, token: setup.token, backoffMs: 60_000 });
  await expect(line.put('results/old')).rejects.toMatchObject({ exitCode: 78 });
  await setup.close();
});
