import { mkdir, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Settings } from '../../scorecards/settings.ts';
import { errorCode, messageOf } from '../error-code.ts';
import { packageRoot } from '../package-root.ts';
import { endRecorded, stackDown } from './down.ts';
import { StackFailure } from './failure.ts';
import { lastLines, launch } from './launch.ts';
import { withStackLock } from './lock.ts';
import { addressesOf, foldersOf, partsOf, type StackPlan } from './parts.ts';
import { bindOf, claimPorts, portsOf } from './ports.ts';
import { isAlive, type ProcessIdentity } from './processes.ts';
import { partLog, partNames, readStack, removeStack, type PartName, type PartState, type StackState } from './state.ts';

export interface StackUpOptions {
  readonly stateDir: string;
  readonly settings: Pick<Settings, 'stack' | 'worker'>;
  /** All four when not given. */
  readonly parts?: readonly PartName[];
  /** Working directory of the worker; default the current one. */
  readonly cwd?: string;
  /** Added to the worker's environment. */
  readonly workerEnv?: Readonly<Record<string, string>>;
  /** Called when the phase of a part changes, and not otherwise. */
  readonly onProgress?: (part: PartName, state: PartState, elapsedMs: number) => void;
  /** Aborting it ends what was started. */
  readonly signal?: AbortSignal;
}

/**
 * Starts the stack behind a process of its own and returns when every part is ready. A stack that is already up, or coming
 * up, is joined; what a killed one left behind is ended first. Throws StackFailure with one sentence; then nothing that was
 * started here is left running.
 */
export async function stackUp(options: StackUpOptions): Promise<StackState> {
  const stateDir = path.resolve(options.stateDir);
  await makeFolders(stateDir);
  const supervisor = await withStackLock(stateDir, async () => {
    const running = await leaveOrClear(stateDir);
    return running ?? startSupervisor(stateDir, options);
  });
  try {
    return await untilReady(stateDir, supervisor, options);
  } catch (cause) {
    if (options.signal?.aborted !== true) throw cause;
    await stackDown(stateDir);
    throw new StackFailure(130, 'interrupted; what had been started is stopped', { cause });
  }
}

async function makeFolders(stateDir: string): Promise<void> {
  for (const folder of Object.values(foldersOf(stateDir))) {
    try {
      await mkdir(folder, { recursive: true });
    } catch (cause) {
      const reason = { EEXIST: 'a file is in the way', ENOTDIR: 'a file is in the way', ENOSPC: 'the disk is full' };
      const code = errorCode(cause) ?? '';
      const sentence = Object.entries(reason).find(([known]) => known === code)?.[1] ?? messageOf(cause);
      throw new StackFailure(78, `cannot write ${folder}: ${sentence}; choose another folder with --state`, { cause });
    }
  }
}

/** The supervisor that already runs. Without one, what it may have left behind is ended. */
async function leaveOrClear(stateDir: string): Promise<ProcessIdentity | undefined> {
  for (;;) {
    const state = readStack(stateDir);
    if (state === undefined) return undefined;
    if (!isAlive(state.supervisor)) {
      await endRecorded(state);
      removeStack(stateDir);
      return undefined;
    }
    if (state.phase === 'starting' || state.phase === 'ready') return state.supervisor;
    await sleep(100);
  }
}

async function startSupervisor(stateDir: string, options: StackUpOptions): Promise<ProcessIdentity> {
  const wanted = options.parts ?? partNames;
  const parts = partNames.filter((name) => wanted.includes(name));
  const bind = bindOf(options.settings);
  const ports = await claimPorts(portsOf(options.settings), parts, bind);
  const cwd = options.cwd ?? process.cwd();
  const plan: StackPlan = {
    stateDir,
    parts,
    ports,
    bind,
    cwd,
    workerEnv: workerEnvironment(stateDir, { ports, bind }, options),
  };
  try {
    // Asked here too, so that a program that is not installed is reported at once.
    partsOf(plan);
  } catch (cause) {
    throw cause instanceof StackFailure ? cause : new StackFailure(69, messageOf(cause), { cause });
  }
  const log = partLog(stateDir, 'supervisor');
  await Promise.all([log, ...parts.map((part) => partLog(stateDir, part))].map(setAside));
  const { identity } = await launch(supervisorProgram(plan), log, packageRoot());
  await untilWritten(stateDir, identity, log);
  return identity;
}

function workerEnvironment(stateDir: string, plan: Pick<StackPlan, 'ports' | 'bind'>, options: StackUpOptions) {
  const { temporal, mlflow } = addressesOf(plan);
  const { ports } = plan;
  return {
    UNDERSTUDY_STATE: stateDir,
    TEMPORAL_ADDRESS: temporal,
    MLFLOW_TRACKING_URI: mlflow,
    UNDERSTUDY_METRICS_PORT: String(ports.workerMetrics),
    UNDERSTUDY_WEBHOOK_PORT: String(ports.workerWebhook),
    ...options.workerEnv,
  };
}

/** The compiled supervisor from `dist/`, the source with a loader from a checkout. */
function supervisorProgram(plan: StackPlan) {
  const here = fileURLToPath(import.meta.url);
  const entry = path.join(path.dirname(here), `supervisor${path.extname(here)}`);
  const loader = entry.endsWith('.ts') ? ['--import', 'tsx'] : [];
  return { file: process.execPath, args: [...loader, entry], env: { UNDERSTUDY_STACK_PLAN: JSON.stringify(plan) } };
}

/** Only now may another `stack up` look: it finds the state file. */
async function untilWritten(stateDir: string, supervisor: ProcessIdentity, log: string): Promise<void> {
  while (readStack(stateDir)?.supervisor.pid !== supervisor.pid) {
    if (!isAlive(supervisor)) throw new StackFailure(69, `the stack did not start:\n${await lastLines(log, 12)}`);
    await sleep(30);
  }
}

async function untilReady(stateDir: string, supervisor: ProcessIdentity, options: StackUpOptions): Promise<StackState> {
  const report = changesOnly(options.onProgress);
  for (;;) {
    options.signal?.throwIfAborted();
    const gone = !isAlive(supervisor);
    const state = readStack(stateDir);
    if (state !== undefined) report(state);
    if (gone) throw await whyGone(stateDir, state?.supervisor.pid === supervisor.pid ? state : undefined);
    if (state?.phase === 'ready') return state;
    await sleep(50);
  }
}

async function whyGone(stateDir: string, state: StackState | undefined): Promise<StackFailure> {
  if (state !== undefined) {
    await endRecorded(state);
    removeStack(stateDir);
  }
  return new StackFailure(69, state?.reason ?? 'the stack was stopped while it started');
}

function changesOnly(onProgress: StackUpOptions['onProgress']): (state: StackState) => void {
  const started = Date.now();
  const seen = new Map<PartName, string>();
  return (state) => {
    for (const name of partNames) {
      const part = state.parts[name];
      if (part === undefined || seen.get(name) === part.phase) continue;
      seen.set(name, part.phase);
      onProgress?.(name, part, Date.now() - started);
    }
  };
}

async function setAside(log: string): Promise<void> {
  const size = await stat(log).then(
    (found) => found.size,
    () => 0,
  );
  if (size > 0) await rename(log, `${log}.1`);
}
