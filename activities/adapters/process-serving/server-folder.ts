import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { PortFailure } from '../../ports/port-failure.ts';
import type { RunningServer } from '../../ports/serving.ts';

const stateSchema = z.object({
  model: z.string(),
  version: z.string(),
  pid: z.int().positive(),
  startTicks: z.number(),
  port: z.int(),
  startedAtMs: z.number(),
  /** Whether it was ever ready. Nobody ends a server that was. */
  wasReady: z.boolean(),
});
/** What is written down about a server while it runs, and after it died without being asked to. */
export type ServerState = z.output<typeof stateSchema>;

/** Everything about one server lives in `<root>/<model>-v<version>/`. */
export interface ServerFolder {
  readonly name: string;
  readonly model: string;
  readonly version: string;
  readonly spec: string;
  readonly state: string;
  readonly output: string;
  readonly log: string;
  readonly lock: string;
}

export function serverFolder(root: string, model: string, version: string): ServerFolder {
  const name = `${checked(model, 'model')}-v${checked(version, 'version')}`;
  const folder = path.resolve(root, name);
  return {
    name,
    model,
    version,
    spec: path.join(folder, 'spec.json'),
    state: path.join(folder, 'server.json'),
    output: path.join(folder, 'server.log'),
    log: path.join(folder, 'log'),
    lock: path.resolve(root, `${name}.lock`),
  };
}

export function runningServer(folder: ServerFolder, port: number): RunningServer {
  const { name, model, version, log } = folder;
  return { name, model, version, url: `http://127.0.0.1:${port}`, log };
}

/** `undefined` when nothing was started, or it was stopped; a file that cannot be read counts as nothing. */
export async function readState(file: string): Promise<ServerState | undefined> {
  try {
    return stateSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined;
  }
}

export async function writeState(folder: ServerFolder, state: ServerState): Promise<void> {
  await writeWhole(folder.state, state);
}

export async function writeWhole(file: string, value: unknown): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const draft = `${file}.${randomUUID()}.tmp`;
  await writeFile(draft, JSON.stringify(value, null, 2));
  await rename(draft, file);
}

export async function forget(folder: ServerFolder): Promise<void> {
  await rm(folder.state, { force: true });
}

/** The states of all servers that were ever started below the root and not stopped. */
export async function allStates(root: string): Promise<readonly ServerState[]> {
  const names = await readdir(root).catch(() => []);
  const states = await Promise.all(names.map(async (name) => readState(path.join(root, name, 'server.json'))));
  return states.filter((state) => state !== undefined);
}

/** A fresh file for what the server prints; that of the start before stays beside it, for whoever asks why it died. */
export async function openOutput(folder: ServerFolder): Promise<Awaited<ReturnType<typeof open>>> {
  await mkdir(folder.log, { recursive: true });
  await rename(folder.output, `${folder.output}.before`).catch(() => undefined);
  return open(folder.output, 'a');
}

/** The last lines that the server printed, for an error message. */
export async function logTail(folder: ServerFolder, lines = 20): Promise<string> {
  const text = await readFile(folder.output, 'utf8').catch(() => '');
  const tail = text.trimEnd().split('\n').slice(-lines).join('\n').slice(-4000);
  return tail === '' ? '(it printed nothing)' : tail;
}

/** Both become part of a path. */
function checked(value: string, what: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(value)) return value;
  throw new PortFailure('bad-request', `"${value}" is no ${what}: expected letters, digits, dots, dashes, underscores`);
}
