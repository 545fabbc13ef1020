import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Partition } from '../../../scorecards/drift/sketch.ts';
import type { FileRef } from '../../../scorecards/vocabulary.ts';
import type { SnapshotRequest, Work } from '../../ports/data-store.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import type { Session } from './connection.ts';
import { notExcluded } from './exclusions.ts';
import { fileRef, type FileColumns } from './parquet-files.ts';
import { countRows, refuseBadRows, refuseMissingLabels } from './snapshot-checks.ts';
import {
  agreedTypes,
  refuseNoTime,
  refuseUnjoinable,
  snapshotColumns,
  type SnapshotColumn,
} from './snapshot-columns.ts';
import type { ChosenDays } from './snapshot-days.ts';
import { instant, isFloating, quoted, textLiteral, utc } from './sql-text.ts';

interface Plan {
  readonly observations: readonly Partition[];
  readonly labels: readonly Partition[];
  readonly days: ChosenDays;
}

interface Joining {
  readonly session: Session;
  readonly request: SnapshotRequest;
  readonly plan: Plan;
  readonly excluded: readonly string[];
  readonly work: Work;
}

export interface Written {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly files: Record<'train' | 'holdout' | 'holdoutLabels', FileRef>;
  readonly watermark: string;
  readonly coverage: number;
  /** Share of the labels that stand in for the real one; absent where no column says so. */
  readonly surrogates?: number;
}

/** Joins, checks and writes the three files; everything is decided inside one connection. */
export async function joinAndWrite({ session, request, plan, excluded, work }: Joining): Promise<Written> {
  const step = (name: string, done: number) => work.progress(name, done, 4);
  const { labels: label } = request.data;
  const files = { o: pathsOf(plan.observations), l: pathsOf(plan.labels) };
  step('reading schemas', 0);
  const { observed, labelled } = await readTypes(session, request, files);
  const columns = snapshotColumns(request, observed);
  step('joining', 1);
  await createLabels(session, request, files.l);
  await createJoined(session, { request, days: plan.days, columns, files: files.o, excluded });
  step('checking', 2);
  await refuseBadLabels(session, label.label, labelled.get(label.label) ?? '');
  await refuseBadRows({ session, columns, checks: request.dataset.checks });
  await refuseMissingLabels(session, plan.labels, request.bucketMs);
  const counts = await countRows(session, plan.days.holdout.from, request.dataset.checks.minRows);
  step('writing', 3);
  const labelColumn = { name: label.label, type: labelled.get(label.label) ?? 'VARCHAR' };
  const written = await writeFiles(session, { request, columns, holdoutFrom: plan.days.holdout.from });
  step('writing', 4);
  return {
    columns: [...columns.map(({ name, type }) => ({ name, type })), labelColumn],
    files: written,
    watermark: counts.watermark ?? request.asOf,
    coverage: counts.labelled / counts.rows,
    ...(label.surrogate === undefined ? {} : { surrogates: counts.surrogates / counts.labelled }),
  };
}

/** Every file of some partitions, once. */
export function pathsOf(partitions: readonly Partition[]): readonly string[] {
  return [...new Set(partitions.flatMap(({ files }) => files.map((file) => file.path)))];
}

async function readTypes(
  session: Session,
  { data, features }: SnapshotRequest,
  files: { readonly o: readonly string[]; readonly l: readonly string[] },
): Promise<{ observed: FileColumns; labelled: FileColumns }> {
  const { observations, labels, slices } = data;
  const wanted = [...new Set([observations.id, observations.time, ...features, ...slices])];
  const observed = await agreedTypes(session, files.o, wanted);
  const labelled = await agreedTypes(session, files.l, [
    labels.id,
    labels.label,
    labels.availableAt,
    ...(labels.surrogate === undefined ? [] : [labels.surrogate]),
  ]);
  refuseNoTime(observations.time, observed.get(observations.time), files.o[0]);
  refuseNoTime(labels.availableAt, labelled.get(labels.availableAt), files.l[0]);
  refuseUnjoinable(observed.get(observations.id), labelled.get(labels.id), labels.id);
  return { observed, labelled };
}

/** `label`: every label that was known at `asOf`. `known`: the latest of each id, a real one before any that stands in for it. */
async function createLabels(
  session: Session,
  { data, asOf }: SnapshotRequest,
  files: readonly string[],
): Promise<void> {
  const { id, label, availableAt, surrogate } = data.labels;
  const standsIn = surrogate === undefined ? 'false' : `coalesce(${quoted(surrogate)}::BOOLEAN, false)`;
  await session.run(
    `CREATE TEMP TABLE label AS
     SELECT ${quoted(id)} AS id, ${quoted(label)} AS label, ${utc(availableAt)} AS known_at, filename AS file, ${standsIn} AS surrogate
     FROM read_parquet($files, hive_partitioning = false, union_by_name = true, filename = true)
     WHERE ${utc(availableAt)} <= ${instant(asOf)} AND ${quoted(label)} IS NOT NULL`,
    { files },
  );
  await session.run(
    `CREATE TEMP TABLE known AS
     SELECT id, max(known_at) AS known_at, count(*) AS rows, bool_and(surrogate) AS surrogate,
            CASE WHEN bool_and(surrogate) THEN arg_max(label, known_at)
                 ELSE arg_max(label, known_at) FILTER (WHERE NOT surrogate) END AS label
     FROM label GROUP BY id`,
  );
}

interface Columns {
  readonly request: SnapshotRequest;
  readonly columns: readonly SnapshotColumn[];
}

async function createJoined(
  session: Session,
  given: Columns & { days: ChosenDays; files: readonly string[]; excluded: readonly string[] },
): Promise<void> {
  const { id, time } = given.request.data.observations;
  const { train, holdout } = given.days;
  const select = given.columns.map(({ expression, alias }) => `${expression} AS ${alias}`).join(', ');
  await session.run(
    `CREATE TEMP TABLE joined AS
     SELECT ${select}, o.filename AS file, k.label AS y, k.known_at AS y_at, k.surrogate AS y_surrogate
     FROM read_parquet($files, hive_partitioning = false, union_by_name = true, filename = true) o
     LEFT JOIN known k ON o.${quoted(id)} = k.id
     WHERE o.${utc(time)} >= ${instant(train.from)} AND o.${utc(time)} < ${instant(holdout.until)}
       AND ${notExcluded(id)}`,
    { files: given.files, excluded: given.excluded },
  );
}

async function refuseBadLabels(session: Session, column: string, type: string): Promise<void> {
  if (!isFloating(type)) return;
  const [bad] = await session.rows<{ file: string }>(
    'SELECT file FROM label WHERE NOT isfinite(label) ORDER BY 1 LIMIT 1',
  );
  if (bad === undefined) return;
  throw new PortFailure('data-invalid', `the label "${column}" is NaN or infinite in ${bad.file}`, {
    details: { file: bad.file, column, check: 'finite' },
  });
}

/** Rows in order of time and id, so that the same rows are the same bytes. */
async function writeFiles(
  session: Session,
  { request, columns, holdoutFrom }: Columns & { holdoutFrom: string },
): Promise<Written['files']> {
  const { into, data } = request;
  const names = columns.map(({ alias, name }) => `${alias} AS ${quoted(name)}`).join(', ');
  const id = `c0 AS ${quoted(data.observations.id)}`;
  const label = `y AS ${quoted(data.labels.label)}`;
  const [before, after] = ['<', '>='].map((sign) => `c1::TIMESTAMP ${sign} ${instant(holdoutFrom)}`);
  const write = (name: string, select: string, where: string) => writeOrdered(session, { into, name, select, where });
  return {
    train: await write('train.parquet', `${names}, ${label}`, `${before} AND y IS NOT NULL`),
    holdout: await write('holdout.parquet', names, `${after}`),
    holdoutLabels: await write('holdout-labels.parquet', `${id}, ${label}`, `${after} AND y IS NOT NULL`),
  };
}

interface Output {
  readonly into: string;
  readonly name: string;
  readonly select: string;
  readonly where: string;
}

async function writeOrdered(session: Session, { into, name, select, where }: Output): Promise<FileRef> {
  const path = join(into, name);
  await session.run(
    `COPY (SELECT ${select} FROM joined WHERE ${where} ORDER BY c1, c0)
     TO ${textLiteral(`${path}.part`)} (FORMAT parquet, COMPRESSION zstd)`,
  );
  const { rows } = await session.row<{ rows: number }>(`SELECT count(*)::DOUBLE AS rows FROM joined WHERE ${where}`);
  await rename(`${path}.part`, path);
  return await fileRef(path, name, rows);
}
