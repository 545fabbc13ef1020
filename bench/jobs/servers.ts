import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bootstrapTemporal, connectWhenReady } from '../../infra/stack/bootstrap.ts';
import { freePorts } from '../../infra/stack/free-port.ts';
import { lastLines, launch } from '../../infra/stack/launch.ts';
import { endGroup, isAlive, type ProcessIdentity } from '../../infra/stack/processes.ts';
import { temporalProgram, type Program } from '../../infra/stack/programs.ts';

/** The programs of one bench: they are ended with it, the last first. */
export interface Servers {
  /** A folder of its own, for everything. */
  readonly folder: string;
  start(name: string, program: Program, cwd?: string): Promise<ProcessIdentity>;
  /** Looks until it holds; throws with the end of the program's log when it is gone or a minute is over. */
  until(what: string, name: string, holds: () => Promise<boolean>): Promise<void>;
  close(): Promise<void>;
}

export function openServers(folder: string): Servers {
  const started = new Map<string, ProcessIdentity>();
  const logOf = (name: string): string => path.join(folder, 'logs', `${name}.log`);
  mkdirSync(path.join(folder, 'logs'), { recursive: true });
  return {
    folder,
    start: async (name, program, cwd) => {
      const { identity } = await launch(program, logOf(name), cwd);
      started.set(name, identity);
      return identity;
    },
    until: async (what, name, holds) => {
      const end = Date.now() + 60_000;
      while (!(await holds().catch(() => false))) {
        const identity = started.get(name);
        const gone = identity === undefined || !isAlive(identity);
        if (gone || Date.now() > end)
          throw new Error(`${what}: ${gone ? `${name} ended` : 'not in time'}\n${await lastLines(logOf(name), 15)}`);
        await sleep(100);
      }
    },
    close: async () => {
      for (const identity of [...started.values()].toReversed()) await endGroup(identity, 5_000);
    },
  };
}

/** Temporal's dev server; its address. */
export async function startTemporal(servers: Servers): Promise<string> {
  const [port = 0] = await freePorts(1);
  await servers.start('temporal', temporalProgram({ port }));
  const address = `127.0.0.1:${port}`;
  const connection = await connectWhenReady(address, { withinMs: 30_000 });
  await bootstrapTemporal(connection);
  await connection.close();
  return address;
}
