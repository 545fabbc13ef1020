import { PortFailure } from '../../activities/ports/port-failure.ts';
import type { RunningServer, Serving } from '../../activities/ports/serving.ts';
import type { ServerKind } from '../contracts/serving.ts';

export interface MemoryServing extends Serving {
  /** What servers of this version do from their next start on. */
  behave(model: string, version: string, kind: ServerKind): void;
  /** The process of this server ends; nobody is told. */
  crash(model: string, version: string): void;
  /** How often a server of this version was started. */
  starts(model: string, version: string): number;
  /** Names of all servers that live, ascending. */
  living(): readonly string[];
}

/** Servers that exist in memory only; a start takes no time. */
export function createMemoryServing(): MemoryServing {
  const running = new Map<string, RunningServer>();
  const kinds = new Map<string, ServerKind>();
  const started = new Map<string, number>();
  const ports = new Map<string, number>();
  const nameOf = (model: string, version: string) => `${model}-v${version}`;

  return {
    behave: (model, version, kind) => kinds.set(nameOf(model, version), kind),
    crash: (model, version) => running.delete(nameOf(model, version)),
    starts: (model, version) => started.get(nameOf(model, version)) ?? 0,
    living: () => [...running.keys()].toSorted(),
    async ensure({ model, version, readyWithinMs }) {
      const name = nameOf(model, version);
      const known = running.get(name);
      if (known !== undefined) return known;
      started.set(name, (started.get(name) ?? 0) + 1);
      refuseBad(name, kinds.get(name) ?? 'good', readyWithinMs);
      const port = ports.get(name) ?? 9000 + ports.size;
      ports.set(name, port);
      const server = { name, model, version, url: `http://127.0.0.1:${port}`, log: `/nowhere/${name}/log` };
      running.set(name, server);
      return server;
    },
    async find(model, version) {
      return running.get(nameOf(model, version));
    },
    async ready(server) {
      return running.has(server.name);
    },
    async stop(model, version) {
      running.delete(nameOf(model, version));
      ports.delete(nameOf(model, version));
    },
    async list(model) {
      return [...running.values()]
        .filter((server) => server.model === model)
        .toSorted((a, b) => a.version.localeCompare(b.version, 'en', { numeric: true }));
    },
  };
}

function refuseBad(name: string, kind: ServerKind, readyWithinMs: number): void {
  if (kind === 'dies') {
    throw new PortFailure('server-died', `the server ${name} ended before it was ready: no module named lightgbm`);
  }
  if (kind !== 'good')
    throw new PortFailure('not-ready', `the server ${name} was not ready within ${readyWithinMs} ms`);
}
