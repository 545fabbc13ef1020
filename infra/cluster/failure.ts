import { mkdirSync } from 'node:fs';
import { messageOf } from '../error-code.ts';
import { StackFailure } from '../stack/failure.ts';
import { withStackLock } from '../stack/lock.ts';
import { stateDir } from './places.ts';

/** What a person must see: what was tried, and the cure. `up` and `down` print it without a stack trace and exit 1. */
export class ClusterFailure extends Error {
  override readonly name = 'ClusterFailure';
}

/** One line of progress on stdout, with the seconds since the program began. */
export function say(line: string): void {
  process.stdout.write(`${process.uptime().toFixed(1).padStart(6)} s  ${line}\n`);
}

/**
 * Runs the work of a program of the cluster, one at a time in this checkout; a failure becomes one sentence on stderr and
 * exit code 1.
 */
export async function runAsProgram(work: () => Promise<void>): Promise<void> {
  try {
    mkdirSync(stateDir, { recursive: true });
    await withStackLock(stateDir, work);
  } catch (cause) {
    const expected = cause instanceof ClusterFailure || cause instanceof StackFailure || !(cause instanceof Error);
    process.stderr.write(`cluster: ${expected ? messageOf(cause) : cause.stack}\n`);
    process.exitCode = 1;
  }
}
