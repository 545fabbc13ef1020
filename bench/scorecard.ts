import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { packageRoot } from '../infra/package-root.ts';
import { measureAll } from './scorecard/bench.ts';
import { describe } from './scorecard/report.ts';
import { fromEnvironment, load, machine } from './setting.ts';

/** A million rows took the peers more than twelve minutes of CPU without an end. */
const MOST_PEER_ROWS = 100_000;

/** `npm run bench:scorecard`: what measuring a scorecard costs beside reading its columns, and beside scikit-learn and fairlearn. */
async function main(): Promise<void> {
  const rows = fromEnvironment('BENCH_ROWS', 10_000_000);
  const cache = path.join(packageRoot(), '.understudy', 'bench');
  await mkdir(cache, { recursive: true });
  const peerRows = fromEnvironment('BENCH_PEER_ROWS', Math.min(rows, MOST_PEER_ROWS));
  const plan = {
    rows,
    times: fromEnvironment('BENCH_TIMES', 3),
    peerRows,
    redrawRows: [5_000, 50_000].filter((few) => few <= peerRows),
    cache,
  };
  const bench = await measureAll(plan, { load: load(), machine: await machine() }, (line) => console.error(line));
  console.log(describe(bench));
}

await main();
