import type { FileRef } from '../../../scorecards/vocabulary.ts';
import type { MeasureRequest } from '../../ports/data-store.ts';
import type { Session } from './connection.ts';
import type { FileColumns } from './parquet-files.ts';
import { quoted, rowsOf } from './sql-text.ts';

/**
 * Whether row n of every file has the same id, and every id is there once: so a trainer writes that answers the rows it is
 * given, and then no id needs to be looked up. One scan of the ids; columns of ids must have the same type.
 */
async function liesInOrder(session: Session, refs: readonly FileRef[], id: string): Promise<boolean> {
  const column = quoted(id);
  const files = Object.fromEntries(refs.map(({ path }, at) => [`file${at}`, [path]]));
  const tables = refs.map((_, at) => `${rowsOf(`file${at}`)} t${at}`);
  const same = refs.slice(1).map((_, at) => `t0.${column} = t${at + 1}.${column}`);
  const found = await session.row<{ same: boolean; ascending: boolean }>(
    `SELECT coalesce(bool_and(coalesce(same, false)), true) AS same, coalesce(bool_and(ascending), true) AS ascending
     FROM (SELECT ${same.join(' AND ')} AS same, coalesce(t0.${column} > lag(t0.${column}) OVER (), true) AS ascending
           FROM ${tables.join(' POSITIONAL JOIN ')})`,
    files,
  );
  if (!found.same || found.ascending) return found.same;
  const { rows, ids } = await session.row<{ rows: number; ids: number }>(
    `SELECT count(*)::DOUBLE AS rows, count(DISTINCT ${column})::DOUBLE AS ids FROM ${rowsOf('file0')}`,
    { file0: files['file0'] ?? [] },
  );
  return ids === rows;
}

type Files = Pick<MeasureRequest, 'columns' | 'holdout' | 'labels' | 'challenger' | 'champion'>;

/** What each model said. */
export const modelsOf = ({ challenger, champion }: Pick<Files, 'challenger' | 'champion'>): readonly FileRef[] => [
  challenger,
  ...(champion === undefined ? [] : [champion]),
];

/** Every file that is read to measure. */
export const refsOf = (files: Omit<Files, 'columns'>): readonly FileRef[] => [
  files.holdout,
  files.labels,
  ...modelsOf(files),
];

/** How the rows of the files find each other. */
export interface RowOrder {
  /** The ids of the models have the type of the holdout's; a trainer may hand them back as another, and then texts are compared. */
  readonly sameId: boolean;
  /** Rows are laid side by side: see `liesInOrder`. */
  readonly inOrder: boolean;
}

/** `types` are the columns of each file by its path. */
export async function orderOf(
  session: Session,
  files: Files,
  types: ReadonlyMap<string, FileColumns>,
): Promise<RowOrder> {
  const { columns, holdout, labels } = files;
  const isSame = (file: FileRef) => types.get(file.path)?.get(columns.id) === types.get(holdout.path)?.get(columns.id);
  const sameId = modelsOf(files).every(isSame);
  return { sameId, inOrder: sameId && isSame(labels) && (await liesInOrder(session, refsOf(files), columns.id)) };
}

/** FROM clause: every row of the holdout `h`, with its label `l` and its scores `a` (challenger) and `b` (champion); see `filesOf`. */
export function joinedRows({ champion, columns }: Files, { inOrder, sameId }: RowOrder): string {
  const id = quoted(columns.id);
  const key = (table: string) => (sameId ? `${table}.${id}` : `${table}.${id}::VARCHAR`);
  const joined = (name: string, table: string, on: string) =>
    inOrder ? `POSITIONAL JOIN ${rowsOf(name)} ${table}` : `LEFT JOIN ${rowsOf(name)} ${table} ON ${on}`;
  return `${rowsOf('holdout')} h ${joined('labels', 'l', `l.${id} = h.${id}`)}
    ${joined('challenger', 'a', `${key('a')} = ${key('h')}`)}
    ${champion === undefined ? '' : joined('champion', 'b', `${key('b')} = ${key('h')}`)}`;
}

/** The files that `joinedRows` names. */
export const filesOf = ({ holdout, labels, challenger, champion }: Files) => ({
  holdout: [holdout.path],
  labels: [labels.path],
  challenger: [challenger.path],
  ...(champion === undefined ? {} : { champion: [champion.path] }),
});
