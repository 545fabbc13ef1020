/** What a person must see: what was tried, and the cure. `up` and `down` print it without a stack trace and exit 1. */
export class ClusterFailure extends Error {
  override readonly name = 'ClusterFailure';
}

/** One line of progress on stdout, with the seconds since the program began. */
export function say(line: string): void {
  process.stdout.write(`${process.uptime().toFixed(1).padStart(6)} s  ${line}\n`);
}

/** Runs the work of `up` or `down`; a failure becomes one sentence on stderr and exit code 1. */
export async function runAsProgram(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    const text = cause instanceof ClusterFailure ? cause.message : cause instanceof Error ? cause.stack : String(cause);
    process.stderr.write(`cluster: ${text}\n`);
    process.exitCode = 1;
  }
}
