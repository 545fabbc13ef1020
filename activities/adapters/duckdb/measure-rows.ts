import { CLASSIFICATION_METRICS } from '../../../scorecards/classification-metrics.ts';
import type { CriterionMetric, Scorecard } from '../../../scorecards/scorecard-schema.ts';
import { sliceColumns } from '../../../scorecards/slice-cap.ts';
import { GROUP_METRICS } from '../../../scorecards/statistics/group-gaps.ts';
import type { FileRef } from '../../../scorecards/vocabulary.ts';
import type { HoldoutMeasurements, MeasureRequest } from '../../ports/data-store.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import type { Session } from './connection.ts';
import { findCuts, type Cuts } from './find-cuts.ts';
import { filesOf, joinedRows, modelsOf, orderOf, refsOf, type RowOrder } from './join-files.ts';
import { columnsOfFiles, type FileColumns, requireColumns } from './parquet-files.ts';
import { isNumeric, quoted, rowsOf, textLiteral } from './sql-text.ts';
import type { TimeParts } from './time-blocks.ts';

/** More values of one column than this explode a scorecard, unless its `maxSlices` asks for them: none would have enough rows. */
const MOST_VALUES = 100;
export const mostValues = ({ spec }: Scorecard): number => Math.max(MOST_VALUES, spec.maxSlices ?? 0);
/** Metrics that need a label of 0 or 1. */
const BINARY: ReadonlySet<CriterionMetric> = new Set([...CLASSIFICATION_METRICS, ...GROUP_METRICS]);
const PROBABILITY: ReadonlySet<CriterionMetric> = new Set(['logLoss', 'brier', 'ece', 'calibrationGap']);

/**
 * The rows that are measured: view `scored` with y, a (challenger), b (champion) and one column per slice. It leaves out of table `held`,
 * which has every row of the holdout, those without a label or without a score of each model.
 */
export interface ScoredRows {
  readonly session: Session;
  readonly hasChampion: boolean;
  /** Names of slice columns in the holdout → their columns in `scored`. */
  readonly slices: ReadonlyMap<string, string>;
  /** Slice values of all holdout rows, labelled and scored or not: a slice that cannot be measured is still named. */
  readonly values: ReadonlyMap<string, readonly (string | null)[]>;
  readonly cuts: Cuts;
  readonly coverage: HoldoutMeasurements['coverage'];
}

/**
 * Joins holdout, labels and predictions by id after refusing predictions that cannot be right.
 * @throws `data-schema`, `data-invalid` naming file and column.
 */
export async function joinScores(
  session: Session,
  request: MeasureRequest,
  parts: ReadonlyMap<string, TimeParts>,
): Promise<ScoredRows> {
  const { scorecard, champion, holdout, labels } = request;
  const models = modelsOf(request);
  const refs = refsOf(request);
  const columns = await columnsOfFiles(
    session,
    refs.map(({ path }) => path),
  );
  const columnsOf = (file: FileRef) => columns.get(file.path) ?? new Map<string, string>();
  requireColumns(holdout, columnsOf(holdout), [request.columns.id]);
  requireColumns(labels, columnsOf(labels), [request.columns.id, request.columns.label]);
  for (const model of models) requireColumns(model, columnsOf(model), [request.columns.id, 'score']);
  const order = await orderOf(session, request, columns);
  for (const model of models)
    await refuseBadScores(session, { model, request, type: columnsOf(model).get('score'), inOrder: order.inOrder });
  await refuseBadLabels(session, request, order.inOrder);
  const slices = slicesIn(scorecard, columnsOf(holdout), parts);
  const values = await sliceValues(session, slices, { holdout, most: mostValues(scorecard), parts });
  await createRows(session, request, { slices, parts, order });
  const coverage = await countCoverage(session, champion !== undefined);
  const cuts = await findCuts(session, request);
  await session.run(
    `CREATE TEMP VIEW scored AS SELECT * REPLACE (y::DOUBLE AS y) FROM held
     WHERE y IS NOT NULL AND a IS NOT NULL${champion === undefined ? '' : ' AND b IS NOT NULL'}`,
  );
  return { session, hasChampion: champion !== undefined, slices, values, cuts, coverage };
}

interface Judged {
  readonly model: FileRef;
  readonly request: MeasureRequest;
  readonly type: string | undefined;
  /** Each id is known to be there once. */
  readonly inOrder: boolean;
}

/** Of a CSV file without rows nobody can tell what its columns hold. */
async function whyNoNumber(session: Session, { path }: FileRef, type: string | undefined): Promise<string> {
  const count = `SELECT count(*)::DOUBLE AS rows FROM ${rowsOf('files')}`;
  const { rows } = await session.row<{ rows: number }>(count, { files: [path] });
  return rows === 0 ? 'has no rows' : `is ${type}, not a number`;
}

async function refuseBadScores(session: Session, { model, request, type, inOrder }: Judged): Promise<void> {
  const refuse = (column: string, problem: string) =>
    new PortFailure('data-invalid', `the predictions ${model.path}: the column "${column}" ${problem}`, {
      details: { file: model.path, column },
    });
  if (type === undefined || !isNumeric(type)) throw refuse('score', await whyNoNumber(session, model, type));
  const { id } = request.columns;
  const found = await session.row<Record<'rows' | 'ids' | 'present' | 'wild' | 'outside' | 'distinct', number>>(
    `SELECT count(*)::DOUBLE AS rows, ${idsOf(id, inOrder)}::DOUBLE AS ids, count(score)::DOUBLE AS present,
            coalesce(sum((NOT isfinite(score::DOUBLE))::INTEGER), 0)::DOUBLE AS wild,
            coalesce(sum((score < 0 OR score > 1)::INTEGER), 0)::DOUBLE AS outside,
            CASE WHEN min(score) = max(score) THEN 1 ELSE 2 END::DOUBLE AS distinct
     FROM ${rowsOf('files')}`,
    { files: [model.path] },
  );
  const { task, criteria } = request.scorecard.spec;
  const isProbability = task === 'classification' || criteria.some(({ metric }) => PROBABILITY.has(metric));
  if (found.ids < found.rows)
    throw refuse(
      id,
      `names ${found.rows - found.ids} of ${found.rows} rows twice or not at all; expected each id once`,
    );
  if (found.present < found.rows) throw refuse('score', `is NULL in ${found.rows - found.present} rows`);
  if (found.wild > 0) throw refuse('score', `is NaN or infinite in ${found.wild} rows`);
  if (isProbability && found.outside > 0)
    throw refuse('score', `lies outside [0, 1] in ${found.outside} rows; a classification needs probabilities`);
  if (task !== 'regression' && found.rows > 1 && found.distinct < 2)
    throw refuse('score', `is the same for all ${found.rows} rows; such a model decides nothing`);
}

/** SQL that counts the different ids. */
export const idsOf = (id: string, inOrder: boolean): string => (inOrder ? 'count(*)' : `count(DISTINCT ${quoted(id)})`);

async function refuseBadLabels(
  session: Session,
  { labels, columns, scorecard }: MeasureRequest,
  inOrder: boolean,
): Promise<void> {
  const label = `${quoted(columns.label)}::DOUBLE`;
  const needsBinary = needsClasses(scorecard);
  const { rows, ids, wrong } = await session.row<{ rows: number; ids: number; wrong: number }>(
    `SELECT count(*)::DOUBLE AS rows, ${idsOf(columns.id, inOrder)}::DOUBLE AS ids,
            coalesce(sum((NOT isfinite(${label})${needsBinary ? ` OR ${label} NOT IN (0e0, 1e0)` : ''})::INTEGER), 0)::DOUBLE AS wrong
     FROM ${rowsOf('files')}`,
    { files: [labels.path] },
  );
  const problem =
    ids < rows
      ? `"${columns.id}" names ${rows - ids} rows twice or not at all`
      : `"${columns.label}" is not ${needsBinary ? '0 or 1' : 'finite'} in ${wrong} rows`;
  if (ids === rows && wrong === 0) return;
  throw new PortFailure('data-invalid', `the labels ${labels.path}: ${problem}`, {
    details: { file: labels.path, column: ids < rows ? columns.id : columns.label },
  });
}

/** Columns of `by` that the holdout has, and blocks of time that it is cut into → what they are called in the joined rows. */
export function slicesIn(
  { spec }: Scorecard,
  columns: FileColumns,
  parts: ReadonlyMap<string, TimeParts>,
): ReadonlyMap<string, string> {
  const named = sliceColumns(spec.criteria).filter((name) => columns.has(name) || parts.has(name));
  return new Map(named.map((name, index) => [name, `s${index}`]));
}

/** Also makes a type of each column's values: of what then needs one byte a row, hundreds of millions fit. */
export async function sliceValues(
  session: Session,
  slices: ReadonlyMap<string, string>,
  {
    holdout,
    most,
    parts,
  }: { readonly holdout: FileRef; readonly most: number; readonly parts: ReadonlyMap<string, TimeParts> },
): Promise<ScoredRows['values']> {
  const values = new Map<string, readonly (string | null)[]>();
  for (const [column, alias] of slices) {
    // Blocks of time are as many as the scorecard asks for, and counted where they are cut.
    const blocks = parts.get(column)?.values.map((value) => ({ value }));
    const found =
      blocks ??
      (await session.rows<{ value: string | null }>(
        `SELECT DISTINCT ${quoted(column)}::VARCHAR AS value FROM ${rowsOf('files')}
         ORDER BY 1 NULLS LAST LIMIT ${most + 1}`,
        { files: [holdout.path] },
      ));
    if (blocks === undefined && found.length > most)
      throw new PortFailure(
        'data-invalid',
        `the slice column "${column}" has more than ${most} values in ${holdout.path}; ` +
          `at most ${most} slices are measured. Slice by a coarser column, such as a band.`,
        { details: { file: holdout.path, column } },
      );
    const known = found.flatMap(({ value }) => (value === null ? [] : [textLiteral(value)]));
    await session.run(`CREATE TYPE ${alias}_value AS ENUM (${(known.length === 0 ? ["''"] : known).join(', ')})`);
    values.set(
      column,
      found.map(({ value }) => value),
    );
  }
  return values;
}

const needsClasses = ({ spec }: Scorecard): boolean => spec.criteria.some(({ metric }) => BINARY.has(metric));

interface Laid {
  readonly order: RowOrder;
  readonly slices: ReadonlyMap<string, string>;
  /** SQL of what no column holds, by the name of the slices. */
  readonly parts: ReadonlyMap<string, Pick<TimeParts, 'sql'>>;
  /** What is predicted: the column, and how it and the label are cast; a score as a double when absent. */
  readonly answer?: { readonly column: string; readonly cast: string };
}

/** Table `held`: y, a (challenger), b (champion) and the slice columns of every row of the holdout. */
export async function createRows(session: Session, request: MeasureRequest, laid: Laid): Promise<void> {
  if (!laid.order.inOrder) await refuseTwice(session, request);
  const { column, cast } = laid.answer ?? { column: 'score', cast: '::DOUBLE' };
  // A class of two needs one byte: every byte less is 10 MB of 10 M rows.
  const smaller = laid.answer === undefined && needsClasses(request.scorecard) ? '::UTINYINT' : '';
  const selected = [
    `l.${quoted(request.columns.label)}${cast}${smaller} AS y`,
    `a.${column}${cast} AS a`,
    `${request.champion === undefined ? 'NULL' : `b.${column}`}${cast} AS b`,
    ...[...laid.slices].map(
      ([name, alias]) => `(${laid.parts.get(name)?.sql ?? `h.${quoted(name)}::VARCHAR`})::${alias}_value AS ${alias}`,
    ),
  ];
  await session.run(
    `CREATE TEMP TABLE held AS SELECT ${selected.join(', ')} FROM ${joinedRows(request, laid.order)}`,
    filesOf(request),
  );
}

/** A row that the holdout has twice would count twice. */
async function refuseTwice(session: Session, { columns, holdout }: MeasureRequest): Promise<void> {
  const { ids, rows } = await session.row<Record<'ids' | 'rows', number>>(
    `SELECT count(*)::DOUBLE AS rows, ${idsOf(columns.id, false)}::DOUBLE AS ids FROM ${rowsOf('files')}`,
    { files: [holdout.path] },
  );
  if (ids === rows) return;
  throw new PortFailure(
    'data-invalid',
    `the holdout ${holdout.path}: the column "${columns.id}" names ${rows - ids} of ${rows} rows twice or not at all; expected each id once`,
    { details: { file: holdout.path, column: columns.id } },
  );
}

/** Rows of the table `held` with a label and with an answer of each model. */
export async function countCoverage(session: Session, hasChampion: boolean): Promise<ScoredRows['coverage']> {
  const { champion, ...counted } = await session.row<Required<ScoredRows['coverage']>>(
    `SELECT count(*)::DOUBLE AS rows, count(y)::DOUBLE AS labelled, count(a)::DOUBLE AS challenger,
            count(b)::DOUBLE AS champion FROM held`,
  );
  return hasChampion ? { ...counted, champion } : counted;
}
