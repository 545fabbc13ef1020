import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../infra/package-root.ts';
import { measureAll } from './drift/bench.ts';
import { describe } from './drift/report.ts';

const run = promisify(execFile);

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
    const load = `load of the machine when the bench began: ${os.loadavg()[0]?.toFixed(1)} on ${os.availableParallelism()} cores`;
    const bench = await measureAll(plan, { load, machine: await machine() }, (line) => console.error(line));
    const page = describe(bench);
    await writeFile(path.join(packageRoot(), 'docs', 'performance.md'), page);
    console.log(page);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function machine(): Promise<readonly string[]> {
  const [cpu] = os.cpus();
  const lock = JSON.parse(await readFile(path.join(packageRoot(), 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const commit = await run('git', ['rev-parse', '--short', 'HEAD'], { cwd: packageRoot() }).catch(() => undefined);
  return [
    `${os.availableParallelism()} × ${cpu?.model ?? 'unknown processor'}`,
    `${Math.round(os.totalmem() / 1024 ** 3)} GiB`,
    `Node ${process.version}`,
    `@duckdb/node-api ${lock.dependencies['@duckdb/node-api']}`,
    `commit ${commit?.stdout.trim() ?? 'unknown'}`,
    new Date().toISOString().slice(0, 10),
  ];
}

/** Numbers of rows with commas. */
function sizesFrom(text: string | undefined): readonly number[] | undefined {
  const sizes = text?.split(',').map(Number);
  if (sizes?.every((size) => Number.isInteger(size) && size > 0) ?? true) return sizes;
  throw new Error(`BENCH_SIZES is "${text}"; expected whole numbers with commas, such as 1000000,3000000`);
}

function fromEnvironment(name: string, otherwise: number): number {
  const value = Number(process.env[name] ?? otherwise);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new Error(`${name} is "${process.env[name]}"; expected a whole number`);
}

await main();
