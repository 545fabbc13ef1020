import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  exchangeFolder,
  type ExchangeFolder,
} from '../../../../activities/adapters/kubernetes-training/exchange-folder.ts';
import { createExchange, exchangeToken } from '../../../../activities/adapters/kubernetes-training/exchange.ts';
import type { ExchangeOptions } from '../../../../activities/adapters/kubernetes-training/exchange.ts';

export const SECRET = 'a secret that is only good for tests';
export const SPEC = '{"mode":"train"}';
export const DATA = 'rows of the first day';

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

interface Ask {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ExchangeSetup {
  readonly url: string;
  readonly root: string;
  readonly checkpoints: string;
  /** The file that the job lists. */
  readonly dataFile: string;
  readonly folder: ExchangeFolder;
  readonly token: string;
  ask(path: string, init?: Ask): Promise<Response>;
  close(): Promise<void>;
}

/** A real exchange on a real server, with one job `flights-1` that lists one file. */
export async function openExchange(more: Partial<ExchangeOptions> = {}): Promise<ExchangeSetup> {
  const home = await mkdtemp(join(tmpdir(), 'understudy-exchange-'));
  const [root, checkpoints, dataFile] = [join(home, 'exchange'), join(home, 'checkpoints'), join(home, 'day.parquet')];
  await mkdir(checkpoints);
  await writeFile(dataFile, DATA);
  const folder = exchangeFolder(root, 'flights-1');
  const files = [{ to: 'day=1/day.parquet', from: dataFile, bytes: DATA.length, sha256: sha256(DATA) }];
  const job = { mode: 'train' as const, seed: 7, checkpoints, deadlineMs: 1, queueDeadlineMs: 1, retries: 0 };
  await folder.prepare({ ...job, files }, SPEC);
  const server = createServer(createExchange({ root, secret: SECRET, ...more }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const token = exchangeToken(SECRET, 'flights-1');
  return {
    url,
    root,
    checkpoints,
    dataFile,
    folder,
    token,
    ask: async (path, init = {}) =>
      await fetch(`${url}/exchange/flights-1/${path}`, {
        ...init,
        headers: { authorization: `Bearer ${token}`, ...init.headers },
      }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(home, { recursive: true });
    },
  };
}
