import type {
  ScoreCells,
  ScoreCounts,
  ScoredBucket,
  SliceCounts,
} from '../../../scorecards/performance/score-counts.ts';
import type { Work } from '../../ports/data-store.ts';
import type { CountedScores, ScoreRequest } from '../../ports/score-questions.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import { ask, type DuckdbOptions, type Session } from './connection.ts';
import { typesOf } from './freeze-grids.ts';
import { refuseUnreadable } from './parquet-files.ts';
import { spanOf } from './partitions.ts';
import { cellsStatement, type CellRow } from './score-counts-sql.ts';
import { instant, quoted, rowsOf, utc } from './sql-text.ts';

/**
 * Rows by bucket, slice, label and score bin, from one grouped scan of rows joined with the labels that were known at `asOf`.
 * Of several labels of an id the latest counts, and a real one before a surrogate. A column that is not there is named.
 * @throws `data-invalid` for a score outside [0, 1] or a label that is neither 0 nor 1.
 */
export async function countScores(options: DuckdbOptions, request: ScoreRequest, work: Work): Promise<CountedScores> {
  const { rows, labels, predictions } = request;
  if (rows.files.length === 0) return { buckets: [], others: 0 };
  const files = [...new Set([...rows.files, ...labels.files, ...(predictions === undefined ? [] : [predictions])])];
  await refuseUnreadable(files);
  const question = { doing: 'count scores by label', files, threads: 1, signal: work.signal };
  return await ask(options, question, async (session) => {
    work.progress('counting scores', 0, 1);
    const absent = await absentColumn(session, request);
    if (absent !== undefined) return { buckets: [], others: 0, absent };
    const watermark = await createLabels(session, request);
    const cells = await countCells(session, request);
    refuseBadCells(cells, request);
    const others = await countOthers(session, request);
    work.progress('counting scores', 1, 1);
    return { buckets: bucketsFrom(cells, request), others, ...(watermark === null ? {} : { watermark }) };
  });
}

async function absentColumn(
  session: Session,
  { rows, labels, predictions }: ScoreRequest,
): Promise<string | undefined> {
  const lacks = async (files: readonly string[], names: readonly (string | undefined)[]) => {
    if (files.length === 0) return undefined;
    const types = await typesOf(session, files);
    return names.find((name) => name !== undefined && !types.has(name));
  };
  const own = [rows.id, rows.time, rows.version?.column, ...rows.slices];
  return (
    (await lacks(rows.files, predictions === undefined ? [...own, rows.score] : own)) ??
    (await lacks(labels.files, [labels.id, labels.label, labels.availableAt, labels.surrogate])) ??
    (predictions === undefined ? undefined : await lacks([predictions], [rows.id, 'score']))
  );
}

/** `known`: one label of each id, as text because ids may be typed differently on both sides. Answers the newest moment. */
async function createLabels(session: Session, { labels, asOf }: ScoreRequest): Promise<string | null> {
  if (labels.files.length === 0) {
    await session.run('CREATE TEMP TABLE known (id VARCHAR, y DOUBLE, surrogate BOOLEAN)');
    return null;
  }
  const at = labels.availableAt === undefined ? "TIMESTAMP '1970-01-01'" : utc(labels.availableAt);
  const surrogate = labels.surrogate === undefined ? 'false' : `coalesce(${quoted(labels.surrogate)}::BOOLEAN, false)`;
  const known = labels.availableAt === undefined ? '' : `AND ${at} <= ${instant(asOf)}`;
  await session.run(
    `CREATE TEMP TABLE known AS
     SELECT id, CASE WHEN bool_and(surrogate) THEN arg_max(y, known_at) ELSE arg_max(y, known_at) FILTER (WHERE NOT surrogate) END AS y,
            bool_and(surrogate) AS surrogate, max(known_at) AS known_at
     FROM (SELECT ${quoted(labels.id)}::VARCHAR AS id, ${quoted(labels.label)}::DOUBLE AS y, ${surrogate} AS surrogate, ${at} AS known_at
           FROM ${rowsOf('labels')} WHERE ${quoted(labels.label)} IS NOT NULL ${known})
     GROUP BY id`,
    { labels: labels.files },
  );
  if (labels.availableAt === undefined) return null;
  const { newest } = await session.row<{ newest: string | null }>(
    "SELECT strftime(max(known_at), '%Y-%m-%dT%H:%M:%S.%gZ') AS newest FROM known",
  );
  return newest;
}

async function countCells(session: Session, request: ScoreRequest): Promise<readonly CellRow[]> {
  const { rows, predictions } = request;
  return await session.rows<CellRow>(cellsStatement(request), {
    rows: rows.files,
    ...(predictions === undefined ? {} : { predictions: [predictions] }),
    ...(rows.version === undefined ? {} : { version: rows.version.is }),
  });
}

/** Rows of the span that another version answered. */
async function countOthers(session: Session, { rows, span }: ScoreRequest): Promise<number> {
  if (rows.version === undefined) return 0;
  const { others } = await session.row<{ others: number }>(
    `SELECT count(*)::DOUBLE AS others FROM ${rowsOf('rows')}
     WHERE ${utc(rows.time)} >= ${instant(span.from)} AND ${utc(rows.time)} < ${instant(span.until)}
       AND ${quoted(rows.version.column)}::VARCHAR IS DISTINCT FROM $version`,
    { rows: rows.files, version: rows.version.is },
  );
  return others;
}

function refuseBadCells(cells: readonly CellRow[], { rows, labels, predictions }: ScoreRequest): void {
  const outside = cells.find(({ bin, fine }) => fine && bin !== null && (bin < 0 || bin > 1024));
  if (outside?.bin !== undefined && outside.bin !== null)
    throw new PortFailure(
      'data-invalid',
      `the score "${rows.score}" has values near ${outside.bin / 1024} in ${predictions ?? rows.files[0]}; expected 0 to 1`,
      { details: { column: rows.score, file: predictions ?? rows.files[0] } },
    );
  const wrong = cells.find(({ label }) => label !== null && label !== 0 && label !== 1);
  if (wrong === undefined) return;
  throw new PortFailure(
    'data-invalid',
    `the label "${labels.label}" is ${wrong.label} in ${wrong.rows} rows; expected 0 or 1`,
    { details: { column: labels.label, file: labels.files[0] } },
  );
}

function bucketsFrom(cells: readonly CellRow[], { bucketMs, rows }: ScoreRequest): readonly ScoredBucket[] {
  return [...grouped(cells, ({ bucket }) => bucket)]
    .toSorted(([a], [b]) => a - b)
    .map(([bucket, own]) => ({
      bucket: spanOf(bucket * bucketMs, (bucket + 1) * bucketMs),
      all: countsFrom(
        own.filter(({ slice }) => slice === null),
        1024,
      ),
      slices: rows.slices.flatMap((column, index) =>
        slicesFrom(
          column,
          own.filter(({ slice }) => slice === index),
        ),
      ),
    }));
}

function slicesFrom(column: string, cells: readonly CellRow[]): readonly SliceCounts[] {
  return [...grouped(cells, ({ value }) => value)].map(([value, own]) => ({
    column,
    value,
    counts: countsFrom(own, 256),
  }));
}

function grouped<K>(cells: readonly CellRow[], keyOf: (cell: CellRow) => K): ReadonlyMap<K, readonly CellRow[]> {
  const groups = new Map<K, CellRow[]>();
  for (const cell of cells) {
    const group = groups.get(keyOf(cell));
    if (group) group.push(cell);
    else groups.set(keyOf(cell), [cell]);
  }
  return groups;
}

function countsFrom(cells: readonly CellRow[], resolution: ScoreCounts['resolution']): ScoreCounts {
  const scored = cells.filter(({ bin }) => bin !== null);
  const of = (label: number | null) => columnsOf(scored.filter((cell) => cell.label === label));
  return {
    resolution,
    positive: of(1),
    negative: of(0),
    unlabelled: of(null),
    surrogates: scored.reduce((sum, cell) => sum + cell.surrogates, 0),
    unscored: cells.reduce((sum, cell) => sum + (cell.bin === null ? cell.rows : 0), 0),
  };
}

function columnsOf(cells: readonly CellRow[]): ScoreCells {
  const ordered = cells.toSorted((a, b) => (a.bin ?? 0) - (b.bin ?? 0));
  return {
    bins: ordered.map(({ bin }) => bin ?? 0),
    rows: ordered.map((cell) => cell.rows),
    scores: ordered.map((cell) => cell.scores),
    squares: ordered.map((cell) => cell.squares),
    flagged: ordered.map((cell) => cell.flagged),
  };
}
