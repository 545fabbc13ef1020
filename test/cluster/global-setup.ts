import setUpServers from '../global-setup.ts';
import { connect } from './cluster.ts';
import { whyUnreachable } from './reachable.ts';

/** One sentence within seconds where there is no cluster, instead of the same failure from every suite. */
export default async function setup(): Promise<void> {
  const reason = await whyUnreachable(connect);
  if (reason !== undefined) {
    process.stderr.write(`test:cluster: ${reason}\n`);
    // As the closing line has it, which no reporter writes when nothing ran.
    process.stdout.write('0 passed, 1 failed, 0 skipped\n');
    process.exit(1);
  }
  await setUpServers();
}
