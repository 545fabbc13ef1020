/**
 * Turns the flights of `vega-datasets` (January to June 2001, US Bureau of Transportation Statistics) into what a team's
 * pipelines would deliver: one Parquet file of observations and one of labels per day. Run it by hand with
 * `npx tsx examples/flights/build-data.ts [--into DIR] [--days N] [--rows N]`.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { flights as folder } from './folder.ts';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';

const SOURCE_SHA256 = 'dbeb920c90f59b6ccaff823dcc3d08f25a97fa1ce128d93f40be4e931f5900b0';
const FIRST_DAY = Date.UTC(2001, 0, 1);
const ALL_DAYS = 181;

export interface BuildOptions {
  /** Directory that gets `observations/day=…` and `labels/day=…`; default `examples/flights/data`. */
  readonly into?: string;
  /** How many days from 2001-01-01 on; default all 181. */
  readonly days?: number;
  /** At most this many flights per day are kept; default all. Lags are computed from all flights in any case. */
  readonly rows?: number;
  /** Called after each step. */
  readonly progress?: (step: string, done: number, of: number) => void;
}

export interface BuiltData {
  readonly directory: string;
  /** False when the directory already held exactly these data. */
  readonly built: boolean;
  /** SHA-256 over the names and digests of all files. */
  readonly digest: string;
  readonly rows: number;
}

/**
 * Builds the data directory, or leaves it when it is complete. The directory appears in one rename, so a build that was
 * interrupted leaves nothing half done.
 * @throws Error when the source file is not there or not the expected one.
 */
export async function buildData(options: BuildOptions = {}): Promise<BuiltData> {
  const directory = resolve(options.into ?? join(folder, 'data'));
  const days = options.days ?? ALL_DAYS;
  if (!Number.isInteger(days) || days < 1 || days > ALL_DAYS)
    throw new Error(`days is ${days}; expected a whole number from 1 to ${ALL_DAYS}`);
  const source = await verifiedSource();
  const sql = await readFile(join(folder, 'features.sql'), 'utf8');
  const recipe = createHash('sha256')
    .update(JSON.stringify([SOURCE_SHA256, sql, days, options.rows ?? null]))
    .digest('hex');
  const stamp = await readStamp(directory);
  if (stamp?.recipe === recipe) return { directory, built: false, digest: stamp.digest, rows: stamp.rows };
  if (stamp === undefined) await refuseForeign(directory);

  const building = `${directory}.building-${process.pid}`;
  await rm(building, { recursive: true, force: true });
  await mkdir(building, { recursive: true });
  try {
    const rows = await writePartitions({ source, sql, days, building }, options);
    const digest = await digestOf(building);
    await writeFile(join(building, 'stamp.json'), JSON.stringify({ recipe, digest, rows }));
    await rm(directory, { recursive: true, force: true });
    await rename(building, directory);
    return { directory, built: true, digest, rows };
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}

async function verifiedSource(): Promise<string> {
  const main = createRequire(import.meta.url).resolve('vega-datasets');
  const path = join(dirname(main), '..', 'data', 'flights-3m.parquet');
  const found = await sha256(path);
  if (found !== SOURCE_SHA256)
    throw new Error(`${path} has SHA-256 ${found}, expected ${SOURCE_SHA256}; install vega-datasets 3.2.1 (npm ci)`);
  return path;
}

interface Plan {
  readonly source: string;
  readonly sql: string;
  readonly days: number;
  readonly building: string;
}

async function writePartitions(plan: Plan, options: BuildOptions): Promise<number> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const until = new Date(FIRST_DAY + plan.days * 86_400_000).toISOString().slice(0, 10);
    await connection.run(`set variable source = ${quoted(plan.source)}`);
    await connection.run(`set variable until = timestamp '${until}'`);
    await connection.run(`set variable rows = ${options.rows === undefined ? 'null' : Number(options.rows)}`);
    const statements = await connection.extractStatements(plan.sql);
    const of = statements.count + 2;
    for (let step = 0; step < statements.count; step += 1) {
      await (await statements.prepare(step)).run();
      options.progress?.('computing features', step + 1, of);
    }
    // With one thread each day is one file with the same bytes in every build.
    await connection.run('set threads = 1');
    await copy(connection, '* exclude (late, landed_at)', join(plan.building, 'observations'));
    options.progress?.('writing observations', of - 1, of);
    await copy(connection, 'flight, late, landed_at', join(plan.building, 'labels'));
    options.progress?.('writing labels', of, of);
    const counted = await connection.runAndReadAll('select count(*)::integer from observation');
    return Number(counted.value(0, 0));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Labels lie in the partition of the day their flight was observed, whenever they became known. */
async function copy(connection: DuckDBConnection, columns: string, into: string): Promise<void> {
  await connection.run(
    `copy (select ${columns}, date::date as day from observation) to ${quoted(into)} (format parquet, compression zstd, partition_by (day), filename_pattern 'part-{i}')`,
  );
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function digestOf(directory: string): Promise<string> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const hash = createHash('sha256');
  for (const name of names.toSorted()) hash.update(`${name.slice(directory.length)} ${await sha256(name)}\n`);
  return hash.digest('hex');
}

async function readStamp(directory: string): Promise<{ recipe: string; digest: string; rows: number } | undefined> {
  try {
    return JSON.parse(await readFile(join(directory, 'stamp.json'), 'utf8')) as {
      recipe: string;
      digest: string;
      rows: number;
    };
  } catch {
    return undefined; // Nothing there, or not ours: it is built anew.
  }
}

/** The directory is replaced as a whole, so it must be ours or empty. */
async function refuseForeign(directory: string): Promise<void> {
  const found = await readdir(directory).catch(() => []);
  if (found.length > 0)
    throw new Error(`${directory} holds files that this builder did not make (${found[0]}); name an empty directory`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { into: { type: 'string' }, days: { type: 'string' }, rows: { type: 'string' } },
  });
  const started = Date.now();
  const data = await buildData({
    ...(values.into === undefined ? {} : { into: values.into }),
    ...(values.days === undefined ? {} : { days: Number(values.days) }),
    ...(values.rows === undefined ? {} : { rows: Number(values.rows) }),
    progress: (step, done, of) =>
      console.error(`[${done}/${of}] ${step} (${((Date.now() - started) / 1000).toFixed(1)} s)`),
  });
  console.log(`${data.built ? 'built' : 'already complete'}: ${data.rows} flights in ${data.directory}`);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
