import { spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { ServerSpec } from '../../../scorecards/contracts/server.ts';
import { errorCode } from '../../error-code.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import type { ServerRequest } from '../../ports/serving.ts';
import { nameOf } from '../process-training/processes.ts';
import { INHERITED } from '../process-training/training-backend.ts';
import { logTail, openOutput, writeState, writeWhole } from './server-folder.ts';
import type { ServerFolder, ServerState } from './server-folder.ts';

const HOST = '127.0.0.1';
export type HostEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * Starts the server as the leader of a process group of its own that nothing of ours keeps alive or takes along. `wanted`
 * is the port it had before: a route that still points there works again.
 */
export async function startServer(
  folder: ServerFolder,
  request: ServerRequest,
  host: HostEnvironment,
  wanted: number | undefined,
): Promise<ServerState> {
  const port = wanted !== undefined && (await isFree(wanted)) ? wanted : await freePort();
  const spec: ServerSpec = {
    schemaVersion: 1,
    mode: 'serve',
    model: request.model,
    version: request.version,
    artifact: request.artifact,
    host: HOST,
    port,
    log: folder.log,
  };
  await writeWhole(folder.spec, spec);
  const pid = await spawnDetached(folder, request, host);
  const name = await nameOf(pid);
  if (name === undefined) throw await died(folder);
  const state: ServerState = {
    model: request.model,
    version: request.version,
    ...name,
    port,
    startedAtMs: Date.now(),
    wasReady: false,
  };
  await writeState(folder, state);
  return state;
}

/** The failure for a server that ended on its own before it was ready. */
export async function died(folder: ServerFolder): Promise<PortFailure> {
  return new PortFailure(
    'server-died',
    `the server ${folder.name} ended before it was ready; the last it printed:\n${await logTail(folder)}`,
    { details: { server: folder.name, log: folder.output } },
  );
}

/** Whether a server could listen on this port now. */
export async function isFree(port: number): Promise<boolean> {
  return listenOnce(port).then(
    () => true,
    () => false,
  );
}

async function freePort(): Promise<number> {
  return listenOnce(0);
}

async function listenOnce(wanted: number): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: HOST, port: wanted, exclusive: true }, resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : wanted;
}

async function spawnDetached(folder: ServerFolder, request: ServerRequest, host: HostEnvironment): Promise<number> {
  const [program = '', ...args] = request.command;
  await mustBeFolder(request.folder);
  const output = await openOutput(folder);
  try {
    const child = spawn(program, args, {
      cwd: request.folder,
      detached: true,
      stdio: ['ignore', output.fd, output.fd],
      env: { ...inherited(host), UNDERSTUDY_SPEC: folder.spec },
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.unref();
    return child.pid ?? 0;
  } catch (error) {
    throw notStarted(program, request.folder, error);
  } finally {
    await output.close();
  }
}

function notStarted(program: string, folder: string, error: unknown): PortFailure {
  const why = errorCode(error) === 'EACCES' ? 'may not be executed' : 'was not found';
  return new PortFailure(
    'command-not-found',
    `serving.command: the program ${program} ${why} (in ${folder}, or on the PATH of the worker)`,
    { cause: error, details: { program, folder } },
  );
}

/** Node reports a working directory that is missing as a program that is missing. */
async function mustBeFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() === true) return;
  throw new PortFailure('bad-request', `the folder of the policy ${folder} is not there; the server starts in it`, {
    details: { folder },
  });
}

function inherited(host: HostEnvironment): Record<string, string> {
  return Object.fromEntries(
    INHERITED.flatMap((name) => {
      const value = host[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
