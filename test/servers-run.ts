import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { endGroup, identify, isAlive, type ProcessIdentity } from '../infra/stack/processes.ts';

/**
 * The folder of one run of jest: logs, process ids and answers of its servers. It belongs to the jest process. A small
 * process of its own watches the owner and clears up when it is gone, also after a kill -9.
 */
const variable = 'UNDERSTUDY_TEST_RUN';
const parent = path.join(os.tmpdir(), `understudy-test-runs-${os.userInfo().uid}`);

/** Makes the folder of this process's run, or finds it; jest's workers find it through the environment. */
export function createRun(): string {
  const owner = identify(process.pid);
  if (owner === undefined) throw new Error(`process ${process.pid} cannot be found among the running ones`);
  const run = path.join(parent, `run-${owner.pid}-${owner.startTime.replace(/\W+/g, '-')}`);
  process.env[variable] = run;
  if (existsSync(run)) return run;
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  const draft = mkdtempSync(path.join(parent, 'draft-'));
  writeFileSync(path.join(draft, 'owner.json'), JSON.stringify(owner));
  renameSync(draft, run);
  const janitor = fileURLToPath(new URL('servers-janitor.ts', import.meta.url));
  spawn(process.execPath, ['--import', 'tsx', janitor, run], { detached: true, stdio: 'ignore' }).unref();
  return run;
}

/** The folder of this run; made here when jest was started without our global set-up. */
export function openRun(): string {
  const given = process.env[variable];
  return given === undefined || given === '' ? createRun() : given;
}

/** Ends the servers of a run by process id and removes its folder, and what they left elsewhere (`*.litter.json`). */
export async function endRun(run: string): Promise<void> {
  const files = namesIn(run).filter((name) => name.endsWith('.pid.json'));
  const servers = files.map((name) => readIdentity(path.join(run, name)));
  await Promise.all(servers.map(async (server) => (server === undefined ? undefined : endGroup(server, 3000))));
  for (const litter of namesIn(run).filter((name) => name.endsWith('.litter.json')))
    for (const file of readList(path.join(run, litter))) rmSync(file, { force: true });
  rmSync(run, { recursive: true, force: true, maxRetries: 5 });
}

/** Ends what earlier runs left behind when they and their watchers were killed. */
export async function endAbandonedRuns(): Promise<void> {
  const runs = namesIn(parent).filter((name) => name.startsWith('run-'));
  const abandoned = runs.map((name) => path.join(parent, name)).filter((run) => !ownerLives(run));
  await Promise.all(abandoned.map(endRun));
}

export function ownerLives(run: string): boolean {
  const owner = readIdentity(path.join(run, 'owner.json'));
  return owner !== undefined && isAlive(owner);
}

function readIdentity(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function readList(file: string): string[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return [];
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
