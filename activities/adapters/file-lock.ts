import { mkdir, open, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '../error-code.ts';
import { PortFailure } from '../ports/port-failure.ts';

const RETRY_MS = 10;

export interface LockTimes {
  /** A lock older than this belongs to a process that died while it held it. */
  readonly abandonedAfterMs: number;
  /** How long to wait for a living holder. */
  readonly waitMs: number;
  /** Go on when the wait is over, instead of refusing with `conflict`. */
  readonly takeOver?: boolean;
}

/**
 * Runs `work` while holding a lock file, so that two processes never change the same thing between reading and writing it.
 * Keep `work` short: nothing renews the lock. Throws `conflict` when another holder does not let go within `waitMs`.
 */
export async function withFileLock<T>(file: string, times: LockTimes, work: () => Promise<T>): Promise<T> {
  await mkdir(path.dirname(file), { recursive: true });
  const until = Date.now() + times.waitMs;
  while (!(await acquire(file))) {
    if (await abandoned(file, times.abandonedAfterMs)) await rm(file, { force: true });
    else if (Date.now() < until) await sleep(RETRY_MS);
    else if (times.takeOver === true) break;
    else throw heldByAnother(file, times.waitMs);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function acquire(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx');
    await handle.close();
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw new PortFailure('storage', `could not create the lock file ${file}: is the folder writable?`, {
      cause: error,
      details: { file },
    });
  }
}

async function abandoned(file: string, afterMs: number): Promise<boolean> {
  try {
    return Date.now() - (await stat(file)).mtimeMs > afterMs;
  } catch {
    return false;
  }
}

function heldByAnother(file: string, waitMs: number): PortFailure {
  return new PortFailure('conflict', `another process held ${file} for more than ${waitMs} ms; try again`, {
    details: { file },
  });
}
