import { readFile, readdir } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { errorCode } from '../../error-code.ts';

/** A process by name: a pid is given to another process one day, pid and start time together are not. Linux only. */
export interface ProcessName {
  readonly pid: number;
  /** Clock ticks from boot to the start of the process, field 22 of `/proc/<pid>/stat`. */
  readonly startTicks: number;
}

/** The full name of a process that runs now; `undefined` when there is none of this number. */
export async function nameOf(pid: number): Promise<ProcessName | undefined> {
  const found = await readStat(pid);
  return found === undefined || found.ended ? undefined : { pid, startTicks: found.startTicks };
}

/** Whether that very process runs. A zombie has ended. */
export async function isAlive(name: ProcessName): Promise<boolean> {
  const found = await readStat(name.pid);
  return found !== undefined && !found.ended && found.startTicks === name.startTicks;
}

/**
 * All living processes that belong to a job: those of the process group that `leader` led, and those that carry `marker`
 * (`NAME=value`) in their environment, wherever they put themselves. Processes of other users are never ours.
 */
export async function membersOf(marker: string, leader?: ProcessName): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry)).map(Number);
  const reused = leader !== undefined && (await isAnother(leader));
  const found: number[] = [];
  for (const pid of pids) {
    const stat = await readStat(pid);
    if (!stat || stat.ended || pid === process.pid) continue;
    const grouped = leader !== undefined && !reused && stat.group === leader.pid;
    if (grouped || (await carries(pid, marker))) found.push(pid);
  }
  return found;
}

/** SIGTERM to all, then SIGKILL to whoever is left after `graceMs`; ends when nobody is left. */
export async function stopAll(members: () => Promise<number[]>, graceMs: number): Promise<void> {
  const killAt = Date.now() + graceMs;
  const told = new Set<number>();
  for (let left = await members(); left.length > 0; left = await members()) {
    const late = Date.now() >= killAt;
    for (const pid of left) {
      if (late || !told.has(pid)) send(pid, late ? 'SIGKILL' : 'SIGTERM');
      told.add(pid);
    }
    await pause(20);
  }
}

/** A process that has ended meanwhile is no error. */
function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

/** Whether the number of the leader now names another process. */
async function isAnother(leader: ProcessName): Promise<boolean> {
  const found = await readStat(leader.pid);
  return found !== undefined && found.startTicks !== leader.startTicks;
}

async function carries(pid: number, marker: string): Promise<boolean> {
  const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
  return environment.split('\0').includes(marker);
}

async function readStat(pid: number): Promise<{ ended: boolean; group: number; startTicks: number } | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  // The program's name stands in parentheses and may hold spaces and parentheses itself.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { ended: 'ZX'.includes(fields[0] ?? 'X'), group: Number(fields[2]), startTicks: Number(fields[19]) };
}
