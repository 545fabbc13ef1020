import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { openLine } from '../../../../activities/adapters/kubernetes-training/courier-line.ts';
import { openExchange } from './exchange-setup.ts';

const common = { job: 'flights-1', specSha256: '', root: '/', backoffMs: 1, tries: 3 };

/** What stands between a pod and the worker, and answers these one after the other; 0 is no answer. */
async function gatewayThat(answers: number[]) {
  const server = createServer((_, response) => {
    const status = answers.shift() ?? 500;
    if (status > 0) response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
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

test('the exchange itself is believed: an attempt that is not the newest gives up at once', async () => {
  const setup = await openExchange();
  const line = openLine({ ...common, exchange: setup.url, token: setup.token, backoffMs: 60_000 });
  await expect(line.put('results/old')).rejects.toMatchObject({ exitCode: 78 });
  await setup.close();
});
