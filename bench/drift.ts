import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { packageRoot } from '../infra/package-root.ts';
import { measureAll } from './drift/bench.ts';
import { describe } from './drift/report.ts';
import { fromEnvironment, load, machine } from './setting.ts';

/** `npm run bench:drift`: what counting costs beside reading, beside itself at other sizes, and beside other tools. */
async function main(): Promise<void> {
  const rows = fromEnvironment('BENCH_ROWS', 10_000_000);
  const cache = path.join(packageRoot(), '.understudy', 'bench');
  await mkdir(cache, { recursive: true });
  const scratch = await mkdtemp(path.join(os.tmpdir(), 'understudy-bench-'));
  try {
    const plan = {
      rows,
      sizes: sizesFrom(process.env['BENCH_SIZES']) ?? [0.1, 0.3, 1, 3].map((share) => Math.round(rows * share)),
      times: fromEnvironment('BENCH_TIMES', 5),
      peerRows: fromEnvironment('BENCH_PEER_ROWS', Math.min(500_000, Math.ceil(rows / 3))),
      cache,
      scratch,
    };
    const bench = await measureAll(plan, { load: load(), machine: await machine() }, (line) => console.error(line));
    const page = describe(bench);
    await writeFile(path.join(packageRoot(), 'docs', 'performance.md'), page);
    console.log(page);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Numbers of rows with commas. */
function sizesFrom(text: string | undefined): readonly number[] | undefined {
  const sizes = text?.split(',').map(Number);
  if (sizes?.every((size) => Number.isInteger(size) && size > 0) ?? true) return sizes;
  throw new Error(`BENCH_SIZES is "${text}"; expected whole numbers with commas, such as 1000000,3000000`);
}

await main();
