import { MOST_CLASSES } from '../../../scorecards/class-metrics.ts';
import type { FileRef } from '../../../scorecards/vocabulary.ts';
import type { MeasureRequest } from '../../ports/data-store.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import { countCells, type ClassRow } from './class-cells.ts';
import type { Session } from './connection.ts';
import { modelsOf, orderOf, refsOf } from './join-files.ts';
import { countCoverage, createRows, idsOf, mostValues, slicesIn, sliceValues } from './measure-rows.ts';
import type { ScoredRows } from './measure-rows.ts';
import { columnsOfFiles, requireColumns } from './parquet-files.ts';
import { isWhole, quoted, rowsOf, textLiteral } from './sql-text.ts';
import type { TimeParts } from './time-blocks.ts';

/** The column of predictions that names a class. */
const ANSWER = 'class';
/** Rows by label, the class that each model says, and slice. */
export interface ClassRows extends Pick<ScoredRows, 'coverage' | 'hasChampion' | 'slices' | 'values'> {
  /** Classes that measured rows are of, ascending. */
  readonly labelled: readonly string[];
  readonly cells: (by: string | undefined) => readonly ClassRow[];
}

/**
 * Joins holdout, labels and predictions by id after refusing classes that cannot be right, and counts label × class × class for
 * all rows and for each slice in one grouped scan. Labels and classes are texts or whole numbers, compared as texts.
 * @throws `data-schema`, `data-invalid` naming file and column.
 */
export async function countClasses(
  session: Session,
  request: MeasureRequest,
  parts: ReadonlyMap<string, TimeParts>,
): Promise<ClassRows> {
  const { champion, columns, holdout, labels, scorecard } = request;
  const models = modelsOf(request);
  const refs = refsOf(request);
  const types = await columnsOfFiles(
    session,
    refs.map(({ path }) => path),
  );
  const typesOf = (file: FileRef) => types.get(file.path) ?? new Map<string, string>();
  requireColumns(holdout, typesOf(holdout), [columns.id]);
  requireColumns(labels, typesOf(labels), [columns.id, columns.label]);
  for (const model of models) requireColumns(model, typesOf(model), [columns.id, ANSWER]);
  const order = await orderOf(session, request, types);
  const { inOrder } = order;
  const ofLabels = { file: labels, what: 'labels', column: columns.label } as const;
  const truth = await readClasses(session, {
    ...ofLabels,
    type: typesOf(labels).get(columns.label),
    id: columns.id,
    inOrder,
  });
  const known = new Set(truth);
  for (const file of models) {
    const type = typesOf(file).get(ANSWER);
    const said = await readClasses(session, {
      file,
      what: 'predictions',
      column: ANSWER,
      type,
      id: columns.id,
      inOrder,
    });
    refuseStrangers(file, said, truth);
    for (const one of said) known.add(one);
  }
  const classes = [...known].toSorted();
  // One byte a row and column, as for slices.
  await session.run(
    `CREATE TYPE class_name AS ENUM (${(classes.length === 0 ? [''] : classes).map(textLiteral).join(', ')})`,
  );
  const slices = slicesIn(scorecard, typesOf(holdout), parts);
  const values = await sliceValues(session, slices, { holdout, most: mostValues(scorecard), parts });
  const answer = { column: ANSWER, cast: '::VARCHAR::class_name' };
  await createRows(session, request, { slices, parts, order, answer });
  const coverage = await countCoverage(session, champion !== undefined);
  const cells = await countCells(session, { classes, hasChampion: champion !== undefined, slices });
  const labelled = new Set([...cells.values()].flat().map(({ label }) => label));
  return {
    hasChampion: champion !== undefined,
    slices,
    values,
    coverage,
    labelled: [...labelled].toSorted(),
    cells: (by) => cells.get(by) ?? [],
  };
}

interface Named {
  readonly file: FileRef;
  readonly what: 'labels' | 'predictions';
  readonly column: string;
  readonly type: string | undefined;
  readonly id: string;
  /** Each id is known to be there once. */
  readonly inOrder: boolean;
}

/** The classes that a file names, ascending. A label may be missing, a prediction may not. */
async function readClasses(session: Session, named: Named): Promise<readonly string[]> {
  const { column, file, id, inOrder, type, what } = named;
  const refuse = (which: string, problem: string) =>
    new PortFailure('data-invalid', `the ${what} ${file.path}: the column "${which}" ${problem}`, {
      details: { file: file.path, column: which },
    });
  if (type === undefined || !isClass(type))
    throw refuse(column, `is ${type}; expected texts or whole numbers as classes`);
  const found = await session.row<{ rows: number; ids: number; present: number; names: readonly string[] }>(
    `SELECT count(*)::DOUBLE AS rows, ${idsOf(id, inOrder)}::DOUBLE AS ids, count(${quoted(column)})::DOUBLE AS present,
            (SELECT coalesce(list(name ORDER BY name), [])
             FROM (SELECT DISTINCT ${quoted(column)}::VARCHAR AS name FROM ${rowsOf('files')}
                   WHERE ${quoted(column)} IS NOT NULL LIMIT ${MOST_CLASSES + 1})) AS names
     FROM ${rowsOf('files')}`,
    { files: [file.path] },
  );
  const { ids, names, present, rows } = found;
  if (ids < rows) throw refuse(id, `names ${rows - ids} of ${rows} rows twice or not at all; expected each id once`);
  if (names.length > MOST_CLASSES)
    throw refuse(
      column,
      `names more than ${MOST_CLASSES} classes, such as ${shown(names)}; at most ${MOST_CLASSES} are measured. Merge rare ones, or predict a number with task: regression`,
    );
  if (what === 'labels') return names;
  if (present < rows) throw refuse(column, `is NULL in ${rows - present} rows`);
  if (rows > 1 && names.length < 2)
    throw refuse(column, `is ${names[0] ?? ''} in all ${rows} rows; such a model decides nothing`);
  return names;
}

const isClass = (type: string): boolean => type === 'VARCHAR' || type === 'BOOLEAN' || isWhole(type);

/** Not one class in common is another spelling, and not a bad model. */
function refuseStrangers(model: FileRef, said: readonly string[], truth: readonly string[]): void {
  if (said.length === 0 || truth.length === 0 || said.some((one) => truth.includes(one))) return;
  throw new PortFailure(
    'data-invalid',
    `the predictions ${model.path}: the column "${ANSWER}" says ${shown(said)}, and no label is any of that: they are ${shown(truth)}`,
    { details: { file: model.path, column: ANSWER } },
  );
}

const SHOWN = 10;
/** Some names as a person reads them. */
export const shown = (names: readonly string[]): string =>
  `${names.slice(0, SHOWN).join(', ')}${names.length > SHOWN ? ' and more' : ''}`;
