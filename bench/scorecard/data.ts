import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { sha256Of } from '../../activities/adapters/duckdb/parquet-files.ts';
import type { MeasureRequest } from '../../activities/ports/data-store.ts';
import { normal, uniform } from '../drift/data.ts';

/** Raised when the data change, so that files of an earlier bench are not taken for these. */
const EDITION = 1;

/** Values of the six slice columns: 100 segments. */
const SEGMENTS = [4, 6, 10, 16, 24, 40];
export const SLICES: readonly string[] = SEGMENTS.map((_, at) => `s${at}`);
export const COLUMNS = { id: 'id', label: 'y' };

/** What is measured: the holdout with its slices, its labels, and the predictions of two models. */
export type ScorecardData = Required<Pick<MeasureRequest, 'holdout' | 'labels' | 'challenger' | 'champion'>> & {
  readonly rows: number;
  /** The challenger's predictions in another order than that of the holdout. */
  readonly shuffled: MeasureRequest['challenger'];
};

const sigmoid = (logit: string): string => `1 / (1 + exp(-(${logit})))`;
const slices = SEGMENTS.map(
  (values, at) => `'v' || floor(${uniform(20 + at)} * ${uniform(40 + at)} * ${values})::INTEGER AS s${at}`,
);

const challenger = (rows: number): string =>
  `SELECT i AS id, ${sigmoid(`${normal(2)} * 0.9 + ${normal(3)} * 0.3 - 1.8`)} AS score FROM range(${rows}) t(i)`;

/** One fifth of the rows is positive; the challenger ranks a little better than the champion, whose errors it shares. */
const FILES: Readonly<Record<string, (rows: number) => string>> = {
  holdout: (rows) => `SELECT i AS id, ${slices.join(', ')} FROM range(${rows}) t(i)`,
  labels: (rows) =>
    `SELECT i AS id, (${uniform(1)} < ${sigmoid(`${normal(2)} - 1.8`)})::INTEGER AS y FROM range(${rows}) t(i)`,
  challenger,
  champion: (rows) =>
    `SELECT i AS id, ${sigmoid(`${normal(2)} * 0.8 + ${normal(3)} * 0.3 + ${normal(4)} * 0.2 - 1.8`)} AS score FROM range(${rows}) t(i)`,
  shuffled: (rows) => `SELECT * FROM (${challenger(rows)}) ORDER BY hash(id)`,
};

/** Five Parquet files (zstd), made once for each size. An interrupted making leaves nothing behind. */
export async function makeData(cache: string, rows: number): Promise<ScorecardData> {
  const folder = path.join(cache, `scorecard-${rows}-${EDITION}`);
  const described = path.join(folder, 'files.json');
  const known = await readFile(described, 'utf8').catch(() => undefined);
  if (known !== undefined) return JSON.parse(known) as ScorecardData;
  const making = `${folder}.making`;
  await rm(making, { recursive: true, force: true });
  await mkdir(making, { recursive: true });
  const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '2GiB' });
  const connection = await instance.connect();
  const refs: [string, MeasureRequest['holdout']][] = [];
  for (const [name, select] of Object.entries(FILES)) {
    const file = path.join(making, `${name}.parquet`);
    await connection.run(`COPY (${select(rows)}) TO '${file}' (FORMAT parquet, COMPRESSION zstd)`);
    const { size } = await stat(file);
    const ref = { name, path: path.join(folder, `${name}.parquet`), sha256: await sha256Of(file), bytes: size, rows };
    refs.push([name, ref]);
  }
  connection.closeSync();
  instance.closeSync();
  await writeFile(path.join(making, 'files.json'), JSON.stringify({ rows, ...Object.fromEntries(refs) }));
  await rename(making, folder);
  return await makeData(cache, rows);
}
