import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '../error-code.ts';
import { StackFailure } from './failure.ts';
import { identify, isAlive } from './processes.ts';

const waitMs = 60_000;

/** Two `stack up` at once: the second waits until the first has written the state, then joins. */
export async function withStackLock<T>(stateDir: string, work: () => Promise<T>): Promise<T> {
  const file = path.join(stateDir, 'stack.lock');
  const until = Date.now() + waitMs;
  while (!(await tryLock(file))) {
    if (await isAbandoned(file)) await rm(file, { force: true });
    else if (Date.now() > until)
      throw new StackFailure(69, `another start of the stack holds ${file} for too long; remove it`);
    await sleep(50);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function tryLock(file: string): Promise<boolean> {
  try {
    await writeFile(file, JSON.stringify(identify(process.pid)), { flag: 'wx' });
    return true;
  } catch (cause) {
    if (errorCode(cause) === 'EEXIST') return false;
    throw cause;
  }
}

/** Its owner is gone, or died before it could write who it is. */
async function isAbandoned(file: string): Promise<boolean> {
  try {
    const text = await readFile(file, 'utf8');
    if (text === '') return Date.now() - (await stat(file)).mtimeMs > 5000;
    return !isAlive(JSON.parse(text));
  } catch {
    return false;
  }
}
