import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from '@jest/globals';
import { createNotifier } from '../../../activities/adapters/webhook-notifier.ts';
import type { Notification } from '../../../activities/ports/notifier.ts';
import { notifierContract } from '../../contracts/notifier.ts';

const message: Notification = { key: 'k', severity: 'info', model: 'churn', title: 'a title', text: 'two\nlines' };
const servers: Server[] = [];

/** A chat's or a pager's endpoint; its address holds a secret, as such addresses do. */
async function webhook(listener: RequestListener): Promise<{ url: string; close: () => Promise<unknown> }> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const close = async () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${port}/hooks/s3cr3t`, close };
}

const noLog = () => undefined;

notifierContract('webhook-notifier', async () => {
  const received: Notification[] = [];
  const { url, close } = await webhook((request, response) => {
    void text(request).then((body) => {
      received.push(JSON.parse(body));
      response.end();
    });
  });
  return {
    notifier: createNotifier({ webhook: url, log: noLog }),
    received: async () => received,
    silence: async () => void (await close()),
    stop: async () => undefined,
  };
});

afterEach(() => {
  for (const server of servers) server.closeAllConnections();
});

test('without a webhook a message is one line in the log', async () => {
  const lines: string[] = [];
  await createNotifier({ log: (line) => lines.push(line) }).notify(message);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('"title":"a title"');
  expect(lines[0]).not.toContain('\n');
});

test('a webhook that refuses is named by its host, never by its secret path', async () => {
  const { url, close } = await webhook((_request, response) => response.writeHead(403).end());
  const failure: unknown = await createNotifier({ webhook: url, log: noLog })
    .notify(message)
    .catch((error: unknown) => error);
  await close();
  expect(failure).toMatchObject({ code: 'unavailable', message: expect.stringContaining('answered 403') });
  expect(JSON.stringify(failure) + String(failure)).not.toContain('s3cr3t');
});
