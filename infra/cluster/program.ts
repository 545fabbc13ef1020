import { mkdirSync } from 'node:fs';
import { messageOf } from '../error-code.ts';
import { StackFailure } from '../stack/failure.ts';
import { withStackLock } from '../stack/lock.ts';
import { ClusterFailure } from './failure.ts';
import { obeySignals } from './interruption.ts';
import { checkMachine } from './machine.ts';
import { stateDir } from './places.ts';

/**
 * Runs the work of a program of the cluster where one can be, one at a time in this checkout; a failure becomes one
 * sentence on stderr and exit code 1.
 */
export async function runAsProgram(work: () => Promise<void>): Promise<void> {
  try {
    obeySignals();
    checkMachine();
    mkdirSync(stateDir, { recursive: true });
    await withStackLock(stateDir, work);
  } catch (cause) {
    const expected = cause instanceof ClusterFailure || cause instanceof StackFailure || !(cause instanceof Error);
    process.stderr.write(`cluster: ${expected ? messageOf(cause) : cause.stack}\n`);
    process.exitCode = 1;
  }
}
