import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { packageRoot } from '../infra/package-root.ts';
import { measureAll } from './scorecard/bench.ts';
import { describe } from './scorecard/report.ts';
import { fromEnvironment, load, machine } from './setting.ts';

/** `npm run bench:scorecard`: what measuring a scorecard costs beside reading its columns, and beside scikit-learn and fairlearn. */
async function main(): Promise<void> {
  const rows = fromEnvironment('BENCH_ROWS', 10_000_000);
  const cache = path.join(packageRoot(), '.understudy', 'bench');
  await mkdir(cache, { recursive: true });
  const plan = {
    rows,
    times: fromEnvironment('BENCH_TIMES', 3),
    peerRows: fromEnvironment('BENCH_PEER_ROWS', rows),
    cache,
  };
  const bench = await measureAll(plan, { load: load(), machine: await machine() }, (line) => console.error(line));
  console.log(describe(bench));
}

await main();
