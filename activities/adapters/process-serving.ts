import { setTimeout as sleep } from 'node:timers/promises';
import { PortFailure } from '../ports/port-failure.ts';
import type { RunningServer, ServerRequest, Serving } from '../ports/serving.ts';
import { withFileLock } from './file-lock.ts';
import { whyNotReady } from './process-serving/probe.ts';
import { allStates, forget, logTail, readState, runningServer, serverFolder } from './process-serving/server-folder.ts';
import { writeState } from './process-serving/server-folder.ts';
import type { ServerFolder, ServerState } from './process-serving/server-folder.ts';
import { died, isFree, startServer } from './process-serving/start.ts';
import type { HostEnvironment } from './process-serving/start.ts';
import { isAlive, membersOf, stopAll } from './process-training/processes.ts';

export interface ProcessServingOptions {
  /** Directory that holds a folder for each server; made when absent. */
  readonly root: string;
  /** The worker's own environment. A server is given PATH, HOME and LANG of it and `UNDERSTUDY_SPEC`, nothing else. */
  readonly hostEnvironment: HostEnvironment;
}

const GRACE_MS = 5000;
const POLL_MS = 100;
/** A port that was free may be taken before the server has it. */
const PORT_TRIES = 3;
const LOCK = { abandonedAfterMs: 20_000, waitMs: 20_000 };

/**
 * Runs model servers as processes of this machine (Linux: identity comes from `/proc`). A server is found again by its
 * folder, whoever asks, and is ours only if pid and start time are the ones written down.
 */
export function createProcessServing(options: ProcessServingOptions): Serving {
  const folderOf = (model: string, version: string) => serverFolder(options.root, model, version);

  return {
    async ensure(request, signal) {
      const folder = folderOf(request.model, request.version);
      for (let tries = 1; ; tries += 1) {
        signal?.throwIfAborted();
        const state = await withFileLock(folder.lock, LOCK, async () => adoptOrStart(folder, request, options));
        const ended = await waitUntilReady(folder, state, { request, signal });
        if (ended === 'ready') return runningServer(folder, state.port);
        const portWasTaken = !(await isFree(state.port));
        if (tries === PORT_TRIES || !portWasTaken) throw await died(folder);
      }
    },

    async find(model, version) {
      const folder = folderOf(model, version);
      const state = await readState(folder.state);
      return state !== undefined && (await isAlive(state)) ? runningServer(folder, state.port) : undefined;
    },

    async ready(server, http) {
      return (await whyNotReady(server, http)) === undefined;
    },

    async stop(model, version) {
      const folder = folderOf(model, version);
      await withFileLock(folder.lock, LOCK, async () => stopServer(folder));
    },

    async list(model) {
      const found: RunningServer[] = [];
      for (const state of await allStates(options.root)) {
        if (state.model !== model || !(await isAlive(state))) continue;
        found.push(runningServer(folderOf(state.model, state.version), state.port));
      }
      return found.toSorted((a, b) => a.version.localeCompare(b.version, 'en', { numeric: true }));
    },
  };
}

async function adoptOrStart(
  folder: ServerFolder,
  request: ServerRequest,
  options: ProcessServingOptions,
): Promise<ServerState> {
  const before = await readState(folder.state);
  if (before !== undefined && (await isAlive(before))) return before;
  // Children may outlive a server that died; they would hold its port.
  await stopAll(async () => ours(folder, before), GRACE_MS);
  return startServer(folder, request, options.hostEnvironment, before?.port);
}

/** Throws `not-ready` when the time is over. A server that was never ready is ended then; one that was, is not. */
async function waitUntilReady(
  folder: ServerFolder,
  state: ServerState,
  { request, signal }: { readonly request: ServerRequest; readonly signal: AbortSignal | undefined },
): Promise<'ready' | 'ended'> {
  const server = runningServer(folder, state.port);
  const until = Date.now() + request.readyWithinMs;
  for (;;) {
    if (!(await isAlive(state))) {
      await stopAll(async () => ours(folder, state), GRACE_MS);
      return 'ended';
    }
    const why = await whyNotReady(server, request.http, signal);
    if (why === undefined) {
      if (!state.wasReady) await writeState(folder, { ...state, wasReady: true });
      return 'ready';
    }
    if (Date.now() > until) {
      const failure = await notReady(folder, request.readyWithinMs, why);
      const known = await readState(folder.state);
      if (known?.wasReady !== true) await withFileLock(folder.lock, LOCK, async () => stopServer(folder));
      throw failure;
    }
    await sleep(POLL_MS, undefined, { signal });
  }
}

async function notReady(folder: ServerFolder, withinMs: number, why: string): Promise<PortFailure> {
  return new PortFailure(
    'not-ready',
    `the server ${folder.name} was not ready within ${withinMs} ms: ${why}; the last it printed:\n${await logTail(folder)}`,
    { details: { server: folder.name, log: folder.output, readyWithinMs: withinMs } },
  );
}

async function stopServer(folder: ServerFolder): Promise<void> {
  const state = await readState(folder.state);
  await stopAll(async () => ours(folder, state), GRACE_MS);
  await forget(folder);
}

/** The group, and whoever left it but still carries the name of our spec file in its environment. */
async function ours(folder: ServerFolder, state: ServerState | undefined): Promise<number[]> {
  return membersOf(`UNDERSTUDY_SPEC=${folder.spec}`, state);
}
