import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Partition } from '../../scorecards/drift/sketch.ts';
import type { SketchColumn } from '../../activities/ports/data-store.ts';

const DAY_MS = 86_400_000;
const FIRST_DAY = Date.UTC(2001, 0, 1);
/** Raised when the data change, so that files of an earlier bench are not taken for these. */
const EDITION = 1;

export interface BenchData {
  readonly rows: number;
  readonly files: readonly string[];
}

/** Uniform in [0, 1), from the row and a number: the same on every machine. */
export const uniform = (stream: number): string =>
  `((hash(i * 1009 + ${stream}) >> 11)::DOUBLE * 1.1102230246251565e-16)`;
export const normal = (stream: number): string =>
  `(sqrt(-2 * ln(1 - ${uniform(stream)})) * cos(6.283185307179586 * ${uniform(stream + 500)}))`;
const sparse = (stream: number, value: string): string =>
  `CASE WHEN ${uniform(stream + 250)} >= 0.02 THEN ${value} END`;

/** 16 doubles, 4 of them with nulls, one with NaN, four rounded like money; 6 whole numbers; 8 texts. */
const DOUBLES: readonly string[] = [
  sparse(0, normal(0)),
  normal(1),
  `${normal(2)} * 30 + 400`,
  sparse(3, `exp(${normal(3)})`),
  `exp(${normal(4)} * 2)`,
  uniform(5),
  `tan(3.14159 * (${uniform(6)} - 0.5))`,
  `CASE WHEN ${uniform(7)} < 0.001 THEN 'nan'::DOUBLE ELSE ${normal(8)} END`,
  sparse(9, `${uniform(9)} * ${uniform(10)}`),
  `-ln(1 - ${uniform(11)})`,
  `${normal(12)} + 5 * (${uniform(13)} < 0.3)::INTEGER`,
  sparse(14, `round(exp(${normal(14)}) * 20, 2)`),
  `round(exp(${normal(15)} * 0.5) * 100, 2)`,
  `round(${uniform(16)} * 1000, 1)`,
  `round(${normal(17)} * 50, 1)`,
  normal(18),
];
const WHOLE_RANGES = [5, 24, 366, 2000, 100_000, 5_000_000];
const TEXT_RANGES = [2, 5, 12, 50, 200, 1000, 3000, 5000];

export const NUMBERS: readonly string[] = [
  ...DOUBLES.map((_, at) => `d${at}`),
  ...WHOLE_RANGES.map((_, at) => `n${at}`),
];
export const TEXTS: readonly string[] = TEXT_RANGES.map((_, at) => `t${at}`);
export const COLUMNS: readonly SketchColumn[] = [
  ...NUMBERS.map((name): SketchColumn => ({ name, type: 'continuous' })),
  ...TEXTS.map((name): SketchColumn => ({ name, type: 'categorical' })),
];

const selection = [
  ...DOUBLES.map((sql, at) => `${sql} AS d${at}`),
  ...WHOLE_RANGES.map((range, at) => `floor(${uniform(40 + at)} * ${range})::INTEGER AS n${at}`),
  ...TEXT_RANGES.map(
    (range, at) => `'v' || floor(${uniform(60 + at)} * ${uniform(80 + at)} * ${range})::INTEGER AS t${at}`,
  ),
  `${uniform(98)} AS score`,
  `(${uniform(99)} < 0.2)::INTEGER AS label`,
].join(', ');

/** Seven days of Parquet (zstd) with 30 features, made once for each size. An interrupted making leaves nothing behind. */
export async function makeData(cache: string, rows: number): Promise<BenchData> {
  const folder = path.join(cache, `drift-${rows}-${EDITION}`);
  const known = await readdir(folder).catch(() => undefined);
  if (known) return { rows, files: known.toSorted().map((name) => path.join(folder, name)) };
  const making = `${folder}.making`;
  await rm(making, { recursive: true, force: true });
  await mkdir(making, { recursive: true });
  const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '2GiB' });
  const connection = await instance.connect();
  for (let day = 0; day < 7; day += 1) {
    const [from, until] = [Math.floor((rows * day) / 7), Math.floor((rows * (day + 1)) / 7)];
    const name = `${new Date(FIRST_DAY + day * DAY_MS).toISOString().slice(0, 10)}.parquet`;
    await connection.run(
      `COPY (SELECT i AS id, epoch_ms((${FIRST_DAY + day * DAY_MS} + (i - ${from}) * ${DAY_MS} // ${until - from})::BIGINT) AS ts,
               ${selection} FROM range(${from}, ${until}) rows(i))
       TO '${path.join(making, name)}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)`,
    );
  }
  connection.closeSync();
  instance.closeSync();
  await rename(making, folder);
  return await makeData(cache, rows);
}

/** Each file is one day. */
export const partitionsOf = ({ files }: BenchData): readonly Partition[] =>
  files.map((file, day) => ({
    dataset: 'observations',
    bucket: {
      from: new Date(FIRST_DAY + day * DAY_MS).toISOString(),
      until: new Date(FIRST_DAY + (day + 1) * DAY_MS).toISOString(),
    },
    files: [{ path: file, bytes: 1 }],
  }));
