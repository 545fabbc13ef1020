import { WorkflowNotFoundError } from '@temporalio/client';
import { erasedSentence, sharing } from '../activities/erasure.ts';
import type { KeptSnapshot, Tombstone } from '../activities/erasure.ts';
import type { Session } from './connect.ts';
import { CliFailure, EXIT } from './failure.ts';

/** Fewer digits name a snapshot by accident. */
const FEWEST_DIGITS = 8;

/** The snapshots that the digests, or their beginnings, name. Throws CliFailure 5 or 2. */
export function chooseSnapshots(all: readonly KeptSnapshot[], names: readonly string[]): readonly KeptSnapshot[] {
  const chosen = names.map((name) => {
    const digits = name.replace(/^sha256:/, '').replace(/…$/, '');
    if (digits.length < FEWEST_DIGITS || !/^[0-9a-f]+$/.test(digits)) {
      const message = `"${name}" names no snapshot; expected at least ${FEWEST_DIGITS} hexadecimal digits of its digest`;
      throw new CliFailure(EXIT.usage, message, 'understudy report RUN prints it as "dataset"');
    }
    const found = all.filter(({ digest }) => digest.startsWith(digits));
    const [first] = found;
    if (first && found.length === 1) return first;
    if (!first) throw new CliFailure(EXIT.notFound, `no run used a snapshot ${name}`, 'understudy history MODEL');
    const digests = found.map(({ digest }) => digest).join(', ');
    throw new CliFailure(EXIT.usage, `${name} is the beginning of several: ${digests}`, 'write more digits');
  });
  return [...new Map(chosen.map((one) => [one.digest, one])).values()];
}

/** The same bytes are stored once: what one snapshot loses another one loses too. Throws CliFailure 6. */
export function refuseShared(chosen: readonly KeptSnapshot[], all: readonly KeptSnapshot[]): void {
  const standing = chosen.filter(({ tombstone }) => !tombstone);
  const others = sharing(standing, all);
  if (others.length === 0) return;
  const named = others.map(({ digest, runs }) => `${digest.slice(0, 12)} (${runs.join(', ')})`).join(', ');
  const every = [...chosen, ...others].map(({ digest }) => digest.slice(0, 12)).join(' ');
  throw new CliFailure(
    EXIT.conflict,
    `the same files are also those of ${named}: nothing was erased`,
    `understudy data erase ${every} --reason TEXT`,
  );
}

/** Throws CliFailure 6 while a run that noted one of them is going on. */
export async function refuseInUse(session: Session, chosen: readonly KeptSnapshot[]): Promise<void> {
  for (const { digest, runs } of chosen) {
    for (const run of runs) {
      if (!(await isRunning(session, run))) continue;
      const message = `${run} is going on and uses snapshot ${digest.slice(0, 12)}: nothing was erased`;
      throw new CliFailure(EXIT.conflict, message, `understudy wait ${run}, or understudy abort ${run}`);
    }
  }
}

async function isRunning(session: Session, run: string): Promise<boolean> {
  return session.ask(`the state of ${run}`, async () => {
    try {
      return (await session.client.workflow.getHandle(run).describe()).status.name === 'RUNNING';
    } catch (error) {
      // Temporal forgets runs that closed long ago.
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  });
}

export function erasedLine(tombstone: Tombstone & { readonly before: boolean }): string {
  const bytes = tombstone.files.reduce((sum, file) => sum + file.bytes, 0);
  const what = `${tombstone.files.length} files, ${bytes.toLocaleString('en-US')} bytes`;
  return `${tombstone.before ? 'already: ' : '✔ '}${erasedSentence(tombstone)} (${what})`;
}
