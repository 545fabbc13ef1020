import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TrainingJob } from '../../../../activities/ports/training-backend.ts';
import { eventually } from '../../../eventually.ts';

/** A worker process of its own that has submitted the job; the caller ends it. */
export async function submitInAnotherProcess(root: string, job: TrainingJob): Promise<ChildProcess> {
  const program = fileURLToPath(new URL('./submit-and-die.ts', import.meta.url));
  const worker = spawn(process.execPath, ['--import', 'tsx', program, JSON.stringify({ root, job })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(worker.stdout, 'data');
  return worker;
}

/** Living processes that were started with the spec of this job, whatever group they are in. */
export async function trainersOf(root: string, name: string): Promise<number[]> {
  return await processesWith('environ', `UNDERSTUDY_SPEC=${join(root, name, 'spec.json')}`);
}

/** Living supervisors of this job. */
export async function supervisorsOf(root: string, name: string): Promise<number[]> {
  return await processesWith('cmdline', join(root, name));
}

/** Pid 0 would mean our own group: an empty list is an error, never a default. */
export function killFirst(pids: readonly number[]): void {
  const [pid] = pids;
  if (pid === undefined) throw new Error('expected a process to kill, found none');
  process.kill(pid, 'SIGKILL');
}

export async function untilThere(path: string): Promise<void> {
  await eventually(
    () => linesOf(path),
    (lines) => lines.length > 0,
  );
}

/** The lines of a file; a file that is not there has none. */
export async function linesOf(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}

async function processesWith(file: 'environ' | 'cmdline', entry: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const text = await readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
      return text.split('\0').includes(entry) ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}
