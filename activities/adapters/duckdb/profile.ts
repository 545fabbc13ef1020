import { stat } from 'node:fs/promises';
import type {
  ColumnProfile,
  DataProfile,
  Duplicates,
  FileProfile,
  OutsideSet,
} from '../../../scorecards/data-checks/profile.ts';
import type { Partition } from '../../../scorecards/drift/sketch.ts';
import type { ProfileRequest } from '../../ports/data-profile.ts';
import type { Work } from '../../ports/data-store.ts';
import { ask, type DuckdbOptions, type Session } from './connection.ts';
import { footersByFile, scanFile, type FileCounts, type FileQuestion } from './file-footers.ts';
import { featureAges } from './feature-ages.ts';
import { columnsOfFiles, refuseUnreadable, type FileColumns } from './parquet-files.ts';
import { doubleLiteral, isNumeric, quoted, rowsOf, textLiteral } from './sql-text.ts';

/**
 * What the files of some partitions hold: rows, columns, nulls and ranges from their footers, which takes milliseconds; a file
 * whose footer says too little is scanned, and all are where `verify` is `scan`. Sets and repeated values always need a scan
 * of their column.
 */
export async function profileData(options: DuckdbOptions, request: ProfileRequest, work: Work): Promise<DataProfile> {
  const sources = sourcesOf(request.partitions);
  const files = [...sources.keys()];
  if (files.length === 0) return { files: [], outside: [], duplicates: [], ages: [] };
  await refuseUnreadable(files);
  return await ask(options, { doing: 'profile the data', files, signal: work.signal }, async (session) => {
    const schemas = await columnsOfFiles(session, files);
    const profiles: FileProfile[] = [];
    const footers = await footersByFile(session, files, { names: request.columns, time: request.time });
    for (const [index, [path, day]] of [...sources].entries()) {
      work.progress('profiling files', index, files.length);
      const columns = schemas.get(path) ?? new Map<string, string>();
      const footer = footers.get(path);
      const asked = { path, columns, time: request.time, names: request.columns };
      const needsScan = request.verify === 'scan' || !footer || !saysEnough(footer, asked);
      profiles.push(await profileOf(needsScan ? await scanFile(session, asked) : footer, { ...asked, day, needsScan }));
    }
    work.progress('profiling files', files.length, files.length);
    return {
      files: profiles,
      outside: await outsideSets(session, request, schemas),
      duplicates: await duplicatesOf(session, request, schemas),
      ages: await featureAges(session, request, schemas),
    };
  });
}

/** A file once, with the first bucket that names it. */
function sourcesOf(partitions: readonly Partition[]): ReadonlyMap<string, Partition['bucket']> {
  const sources = new Map<string, Partition['bucket']>();
  for (const { bucket, files } of partitions)
    for (const { path } of files) if (!sources.has(path)) sources.set(path, bucket);
  return sources;
}

/** Writers leave out the smallest and largest value where there is a NaN, and some leave out everything. */
function saysEnough(footer: FileCounts, { columns, names, time }: FileQuestion): boolean {
  if (footer.newestEvent === undefined && columns.has(time) && footer.rows > 0) return false;
  return names.every((name) => {
    const type = columns.get(name);
    const column = footer.columns.get(name);
    if (type === undefined) return true;
    if (column?.nulls === undefined) return false;
    return !isNumeric(type) || column.nulls === footer.rows || column.min !== undefined;
  });
}

async function profileOf(
  counts: FileCounts,
  {
    columns,
    day,
    names,
    needsScan,
    path,
  }: FileQuestion & { readonly day: Partition['bucket']; readonly needsScan: boolean },
): Promise<FileProfile> {
  const { mtime } = await stat(path);
  return {
    path,
    day,
    rows: counts.rows,
    columns: [...columns].map(([name, type]): ColumnProfile => {
      const asked = names.includes(name) ? counts.columns.get(name) : undefined;
      // A footer knows the smallest text too, and a text that reads like a number is none.
      const { max: _, min: __, ...countless } = asked ?? {};
      return { name, type, ...(isNumeric(type) ? asked : countless) };
    }),
    ...(counts.newestEvent === undefined ? {} : { newestEvent: counts.newestEvent }),
    arrivedAt: mtime.toISOString(),
    scanned: needsScan,
  };
}

/** The files that have a column. */
function filesWith(schemas: ReadonlyMap<string, FileColumns>, column: string): readonly string[] {
  return [...schemas].filter(([, columns]) => columns.has(column)).map(([file]) => file);
}

const WITH_NAMES = 'read_parquet($files, hive_partitioning = false, union_by_name = true, filename = true)';

async function outsideSets(
  session: Session,
  { sets }: ProfileRequest,
  schemas: ReadonlyMap<string, FileColumns>,
): Promise<readonly OutsideSet[]> {
  const outside: OutsideSet[] = [];
  for (const { column, oneOf } of sets) {
    const files = filesWith(schemas, column);
    if (files.length === 0) continue;
    const numeric = files.every((file) => isNumeric(schemas.get(file)?.get(column) ?? ''));
    const value = quoted(column);
    // 1 and 1.0 are one value, whatever the width of the column.
    const allowed = numeric
      ? `[${oneOf.map(Number).filter(Number.isFinite).map(doubleLiteral).join(', ')}]::DOUBLE[]`
      : `[${oneOf.map((one) => textLiteral(String(one))).join(', ')}]`;
    const compared = numeric ? `${value}::DOUBLE` : `${value}::VARCHAR`;
    const [worst] = await session.rows<{ file: string; rows: number; examples: readonly string[] }>(
      `SELECT filename AS file, count(*)::DOUBLE AS rows, list(DISTINCT left(${value}::VARCHAR, 60))[:3] AS examples
       FROM ${WITH_NAMES} WHERE ${value} IS NOT NULL AND NOT list_contains(${allowed}, ${compared})
       GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1`,
      { files },
    );
    if (worst) outside.push({ column, ...worst, examples: [...worst.examples].toSorted() });
  }
  return outside;
}

async function duplicatesOf(
  session: Session,
  { unique }: ProfileRequest,
  schemas: ReadonlyMap<string, FileColumns>,
): Promise<readonly Duplicates[]> {
  const counted: Duplicates[] = [];
  for (const column of unique) {
    const files = filesWith(schemas, column);
    if (files.length === 0) continue;
    const value = quoted(column);
    const { repeated, rows } = await session.row<{ rows: number; repeated: number }>(
      `SELECT count(${value})::DOUBLE AS rows, (count(${value}) - count(DISTINCT ${value}))::DOUBLE AS repeated
       FROM ${rowsOf('files')}`,
      { files },
    );
    const [example] =
      repeated === 0
        ? []
        : await session.rows<{ value: string; times: number; file: string }>(
            `SELECT left(${value}::VARCHAR, 60) AS value, count(*)::DOUBLE AS times, max(filename) AS file
             FROM ${WITH_NAMES} WHERE ${value} IS NOT NULL GROUP BY ${value} HAVING count(*) > 1
             ORDER BY times DESC, value LIMIT 1`,
            { files },
          );
    counted.push({ column, rows, repeated, ...(example ? { example } : {}) });
  }
  return counted;
}
