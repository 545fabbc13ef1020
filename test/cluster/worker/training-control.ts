import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { testHost } from '../cluster.ts';

export interface TrainingControl {
  /** Where trainers in pods ask. */
  readonly url: string;
  /** Names of the jobs whose trainer began, in the order of their asking. */
  readonly begun: () => readonly string[];
  /** From now on nobody waits, and whoever waits goes on. */
  readonly letGo: () => void;
  readonly close: () => Promise<void>;
}

/** Holds trainers at their work until they are let go. */
export async function holdTrainers(): Promise<TrainingControl> {
  const begun: string[] = [];
  const waiting: ServerResponse[] = [];
  let held = true;
  const server = createServer((request, response) => {
    begun.push((request.url ?? '/').slice(1));
    if (held) waiting.push(response);
    else response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, testHost(), resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${testHost()}:${port}`,
    begun: () => begun,
    letGo: () => {
      held = false;
      for (const response of waiting) response.end();
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
