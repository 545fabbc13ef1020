import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { basename, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { buildData } from '../../../examples/flights/build-data.ts';
import { freePorts } from '../../../infra/stack/free-port.ts';
import { pythonBin } from '../../../infra/python.ts';
import type { TrainerSpec } from '../../../scorecards/contracts/trainer.ts';
import { eventually } from '../../eventually.ts';

export const FLIGHTS = join(import.meta.dirname, '../../../examples/flights');
export const FEATURES = ['origin_late', 'network_late', 'hour', 'distance', 'weekday', 'origin', 'destination'];

export async function temporaryFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(os.tmpdir(), 'understudy-flights-'));
  return { path, remove: async () => rm(path, { recursive: true, force: true }) };
}

/** Rows of a query as JSON objects. */
export async function query(sql: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Some days of thinned flights, joined with their labels as a snapshot would be. */
export async function smallSnapshot(folder: string): Promise<{ data: string; train: string; holdout: string }> {
  const { directory: data } = await buildData({ into: join(folder, 'data'), days: 6, rows: 1000 });
  const from = `read_parquet('${data}/observations/*/*.parquet') as o join read_parquet('${data}/labels/*/*.parquet') as l using (flight)`;
  const [train, holdout] = [join(folder, 'train.parquet'), join(folder, 'holdout.parquet')];
  await query(`copy (select o.*, late, landed_at from ${from} where weekday < 6 order by flight) to '${train}'`);
  await query(`copy (select o.* from ${from} where weekday = 6 order by flight) to '${holdout}'`);
  return { data, train, holdout };
}

type Changes = Partial<Omit<TrainerSpec, 'files'>> & { readonly mode: TrainerSpec['mode']; readonly output: string };

export async function trainerSpec(file: string, changes: Changes): Promise<TrainerSpec> {
  const bytes = (await stat(file)).size;
  const sha256 = createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
  return {
    schemaVersion: 1,
    model: 'flights-late',
    run: 'test',
    asOf: '2001-01-08T06:00:00Z',
    params: { trees: 40 },
    seed: 7,
    columns: { id: 'flight', time: 'date', label: 'late', features: FEATURES, slices: ['weekday'] },
    files: [{ name: basename(file), path: file, bytes, sha256 }],
    ...changes,
  };
}

/** Starts a script of the example with the spec; the environment holds nothing but what is given. */
export async function start(script: string[], spec: object, environment: Record<string, string> = {}) {
  const folder = await temporaryFolder();
  const path = join(folder.path, 'spec.json');
  await writeFile(path, JSON.stringify(spec));
  const child = spawn(pythonBin('python'), script, {
    cwd: FLIGHTS,
    env: { PYTHONDONTWRITEBYTECODE: '1', HOME: folder.path, UNDERSTUDY_SPEC: path, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'close').then(async ([code, signal]: unknown[]) => {
    await folder.remove();
    return { code, signal, stderr };
  });
  return { child, ended };
}

/** Runs the trainer to its end. */
export async function runTrainer(spec: object, environment: Record<string, string> = {}) {
  return (await start(['train.py'], spec, environment)).ended;
}

/** Trains once; the directory of the artifact. */
export async function trainedArtifact(folder: string, train: string): Promise<string> {
  const output = join(folder, 'trained');
  const { code, stderr } = await runTrainer(await trainerSpec(train, { mode: 'train', output }));
  if (code !== 0) throw new Error(`the trainer ended with ${String(code)}: ${stderr}`);
  return join(output, 'artifact');
}

/** Starts a model server and waits until it is ready. */
export async function startServer(script: string[], readyPath: string, folder: string, artifact: string) {
  const [port = 0] = await freePorts(1);
  const log = join(folder, `log-${port}`);
  await mkdir(log);
  const spec = { schemaVersion: 1, mode: 'serve', model: 'flights-late', version: '3', host: '127.0.0.1', port };
  const { child, ended } = await start(script, { ...spec, artifact, log });
  const url = `http://127.0.0.1:${port}`;
  const ready = async () => (await fetch(url + readyPath).catch(() => undefined))?.status ?? child.exitCode ?? 0;
  await eventually(ready, (status) => status === 200, 20_000);
  const stop = async () => {
    child.kill('SIGTERM');
    return ended;
  };
  return { url, log, stop };
}
