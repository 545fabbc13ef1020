import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * One process and no other: a process id is given to another program sooner or later, together with the moment the process
 * started it is unique. `startTime` is opaque; on Linux it holds the kernel's clock ticks and the boot.
 */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
}

/** The identity of a running process; `undefined` when there is none, or only a zombie. */
export function identify(pid: number): ProcessIdentity | undefined {
  const startTime = process.platform === 'linux' ? startTimeOnLinux(pid) : startTimeFromPs(pid);
  return startTime === undefined ? undefined : { pid, startTime };
}

/** Whether exactly this process still runs. */
export function isAlive(given: ProcessIdentity): boolean {
  return identify(given.pid)?.startTime === given.startTime;
}

/**
 * Ends the process group led by this process: SIGTERM, after `graceMs` SIGKILL. Members that outlived their leader are
 * ended too. Returns when all are gone. A process id that now belongs to another program is left alone.
 */
export async function endGroup(leader: ProcessIdentity, graceMs: number): Promise<void> {
  if (!groupIsOurs(leader)) return;
  signalGroup(leader.pid, 'SIGTERM');
  if (await groupGone(leader.pid, graceMs)) return;
  signalGroup(leader.pid, 'SIGKILL');
  await groupGone(leader.pid, 5000);
}

/**
 * The kernel does not give a number away while a group of that number has members. So a living leader must be the one we
 * started, and a group without a leader is still ours if the machine was not started anew since.
 */
function groupIsOurs(leader: ProcessIdentity): boolean {
  const now = identify(leader.pid);
  if (now !== undefined) return now.startTime === leader.startTime;
  return process.platform !== 'linux' || leader.startTime.endsWith(`@${bootId()}`);
}

async function groupGone(group: number, withinMs: number): Promise<boolean> {
  const until = Date.now() + withinMs;
  while (groupHasLiving(group)) {
    if (Date.now() > until) return false;
    await sleep(20);
  }
  return true;
}

/** Zombies, whose parent has not yet read their exit status, do not count. */
function groupHasLiving(group: number): boolean {
  if (process.platform !== 'linux') return signalGroup(group, 0);
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.some((pid) => {
    const [state, , pgrp] = statOf(Number(pid)) ?? [];
    return pgrp === String(group) && state !== 'Z' && state !== 'X';
  });
}

function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch {
    return false;
  }
}

function startTimeOnLinux(pid: number): string | undefined {
  const fields = statOf(pid);
  const state = fields?.[0];
  if (fields === undefined || state === 'Z' || state === 'X') return undefined;
  return `${fields[19] ?? ''}@${bootId()}`;
}

/** Fields of /proc/PID/stat from the third on; the second, the command, may itself contain spaces and brackets. */
function statOf(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

function startTimeFromPs(pid: number): string | undefined {
  try {
    const text = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return text === '' || text.startsWith('Z') ? undefined : text.replace(/^\S+\s+/, '');
  } catch {
    return undefined;
  }
}
