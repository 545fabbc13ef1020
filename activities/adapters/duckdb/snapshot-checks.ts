import type { Partition } from '../../../scorecards/drift/sketch.ts';
import type { Policy } from '../../../scorecards/policy/schema.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import type { Session } from './connection.ts';
import type { SnapshotColumn } from './snapshot-columns.ts';
import { dayName } from './snapshot-days.ts';
import { instant, isFloating } from './sql-text.ts';

export interface Checked {
  readonly session: Session;
  readonly columns: readonly SnapshotColumn[];
  readonly checks: Policy['spec']['dataset']['checks'];
}

/** Every check of rows (DA3), the cheapest explanation first. Throws `data-invalid` naming file and column. */
export async function refuseBadRows({ session, columns, checks }: Checked): Promise<void> {
  await refuseDoubtfulIds(session, columns[0]?.name ?? 'id');
  await refuseContradictingLabels(session);
  const features = columns.filter((column) => column.feature);
  const files = await countsByFile(session, features);
  for (const feature of features) {
    refuseNotFinite(feature, files);
    refuseNulls(feature, files, checks.nulls);
  }
}

async function refuseDoubtfulIds(session: Session, column: string): Promise<void> {
  const [bad] = await session.rows<{ id: string | null; rows: number; file: string }>(
    `SELECT c0::VARCHAR AS id, count(*)::DOUBLE AS rows, max(file) AS file FROM joined
     GROUP BY c0 HAVING count(*) > 1 OR c0 IS NULL ORDER BY rows DESC, id LIMIT 1`,
  );
  if (bad === undefined) return;
  const problem = bad.id === null ? `is NULL in ${bad.rows} rows` : `has "${bad.id}" ${bad.rows} times`;
  throw new PortFailure('data-invalid', `the id "${column}" ${problem}, last in ${bad.file}; expected each id once`, {
    details: { file: bad.file, column, rows: bad.rows, check: 'unique' },
  });
}

async function refuseContradictingLabels(session: Session): Promise<void> {
  const [bad] = await session.rows<{ id: string; file: string }>(
    `SELECT l.id::VARCHAR AS id, max(l.file) AS file FROM label l JOIN known k ON l.id = k.id AND l.known_at = k.known_at
     WHERE k.rows > 1 GROUP BY 1 HAVING count(DISTINCT l.label) > 1 ORDER BY 1 LIMIT 1`,
  );
  if (bad === undefined) return;
  throw new PortFailure(
    'data-invalid',
    `the labels of "${bad.id}" contradict each other at the same instant, last in ${bad.file}; ` +
      'a correction needs a later instant',
    { details: { file: bad.file, check: 'labels' } },
  );
}

interface FileCounts {
  readonly file: string;
  readonly rows: number;
  readonly [count: `p${string}` | `x${string}`]: number;
}

async function countsByFile(session: Session, features: readonly SnapshotColumn[]): Promise<readonly FileCounts[]> {
  const counts = features.map(({ alias, type }) => {
    const notFinite = isFloating(type) ? `coalesce(sum((NOT isfinite(${alias}))::INTEGER), 0)` : '0';
    return `count(${alias})::DOUBLE AS p${alias}, ${notFinite}::DOUBLE AS x${alias}`;
  });
  return await session.rows<FileCounts>(
    `SELECT ${['file', 'count(*)::DOUBLE AS rows', ...counts].join(', ')} FROM joined GROUP BY file ORDER BY file`,
  );
}

function refuseNotFinite({ name, alias }: SnapshotColumn, files: readonly FileCounts[]): void {
  const bad = files.find((file) => file[`x${alias}`] !== 0);
  if (bad === undefined) return;
  const count = bad[`x${alias}`] ?? 0;
  throw new PortFailure(
    'data-invalid',
    `the column "${name}" has ${count} NaN or infinite values in ${bad.file}; expected finite numbers or NULL`,
    { details: { file: bad.file, column: name, rows: count, check: 'finite' } },
  );
}

function refuseNulls({ name, alias }: SnapshotColumn, files: readonly FileCounts[], atMost: number): void {
  const nullsIn = (file: FileCounts) => file.rows - (file[`p${alias}`] ?? 0);
  const empty = files.find((file) => file.rows > 0 && nullsIn(file) === file.rows);
  if (empty !== undefined)
    throw new PortFailure('data-invalid', `the column "${name}" has no value at all in ${empty.file}`, {
      details: { file: empty.file, column: name, rows: empty.rows, check: 'nulls' },
    });
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  const share = files.reduce((sum, file) => sum + nullsIn(file), 0) / rows;
  if (!(share > atMost)) return;
  const worst = files.toSorted((a, b) => nullsIn(b) / b.rows - nullsIn(a) / a.rows)[0]?.file;
  throw new PortFailure(
    'data-invalid',
    `the column "${name}" is NULL in ${(share * 100).toFixed(1)} % of ${rows} rows, most in ${worst}; ` +
      `at most ${(atMost * 100).toFixed(1)} % are allowed (spec.dataset.checks.nulls)`,
    { details: { file: worst, column: name, share, check: 'nulls' } },
  );
}

/** A day whose label partition is absent may be complete all the same, but not while rows of that day have no label. */
export async function refuseMissingLabels(
  session: Session,
  labelled: readonly Partition[],
  bucketMs: number,
): Promise<void> {
  const present = new Set(labelled.map(({ bucket }) => Date.parse(bucket.from)));
  const days = await session.rows<{ day: number; rows: number; unlabelled: number }>(
    `SELECT (epoch_ms(c1::TIMESTAMP) // ${bucketMs} * ${bucketMs})::DOUBLE AS day, count(*)::DOUBLE AS rows,
            (count(*) - count(y))::DOUBLE AS unlabelled FROM joined GROUP BY 1 ORDER BY 1`,
  );
  const bad = days.find(({ day, rows, unlabelled }) => unlabelled === rows || (unlabelled > 0 && !present.has(day)));
  if (bad === undefined) return;
  const day = dayName(bad.day);
  throw new PortFailure(
    'data-missing',
    `${bad.unlabelled} of ${bad.rows} observations of ${day} have no label and the labels ` +
      `${present.has(bad.day) ? 'name none of them' : `have no partition day=${day}`}`,
    { details: { part: 'labels', day } },
  );
}

export interface RowCounts {
  readonly train: number;
  readonly holdout: number;
  readonly labelled: number;
  readonly surrogates: number;
  readonly rows: number;
  readonly watermark: string | null;
}

/** Counts of the joined table; throws `data-invalid` when there are fewer labelled rows to train on than `minRows`. */
export async function countRows(session: Session, holdoutFrom: string, minRows: number): Promise<RowCounts> {
  const counts = await session.row<RowCounts>(
    `SELECT count(y) FILTER (c1::TIMESTAMP < ${instant(holdoutFrom)})::DOUBLE AS train,
            count(*) FILTER (c1::TIMESTAMP >= ${instant(holdoutFrom)})::DOUBLE AS holdout,
            count(y)::DOUBLE AS labelled, count_if(y_surrogate AND y IS NOT NULL)::DOUBLE AS surrogates,
            count(*)::DOUBLE AS rows,
            strftime(max(y_at), '%Y-%m-%dT%H:%M:%S.%gZ') AS watermark FROM joined`,
  );
  if (counts.train >= minRows) return counts;
  throw new PortFailure(
    'data-invalid',
    `there are ${counts.train} labelled rows to train on; at least ${minRows} are asked for (spec.dataset.checks.minRows)`,
    { details: { rows: counts.train, minRows, check: 'minRows' } },
  );
}
