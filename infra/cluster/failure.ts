/** What a person must see: what was tried, and the cure. `up` and `down` print it without a stack trace and exit 1. */
export class ClusterFailure extends Error {
  override readonly name = 'ClusterFailure';
}

/** One line of progress on stdout, with the seconds since the program began. */
export function say(line: string): void {
  process.stdout.write(`${process.uptime().toFixed(1).padStart(6)} s  ${line}\n`);
}
