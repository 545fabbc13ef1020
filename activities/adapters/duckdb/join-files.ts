import type { FileRef } from '../../../scorecards/vocabulary.ts';
import type { MeasureRequest } from '../../ports/data-store.ts';
import type { Session } from './connection.ts';
import { quoted, rowsOf } from './sql-text.ts';

/**
 * Whether row n of every file has the same id, and every id is there once: so a trainer writes that answers the rows it is
 * given, and then no id needs to be looked up. One scan of the ids; columns of ids must have the same type.
 */
export async function liesInOrder(session: Session, refs: readonly FileRef[], id: string): Promise<boolean> {
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

interface Joined {
  readonly slices: ReadonlyMap<string, string>;
  readonly sameId: boolean;
  readonly inOrder: boolean;
  /** What is predicted: the column, and how label and predictions are cast; `score` as a double when absent. */
  readonly answer?: { readonly column: string; readonly cast: string };
}

const SCORE = { column: 'score', cast: '::DOUBLE' } as const;

/** Table `held`: y, a (challenger), b (champion) and the slice columns of every row of the holdout. */
export async function createRows(session: Session, request: MeasureRequest, joined: Joined): Promise<void> {
  const { champion, columns } = request;
  const sliced = [...joined.slices].map(([name, alias]) => `h.${quoted(name)}::VARCHAR::${alias}_value AS ${alias}`);
  const { cast, column } = joined.answer ?? SCORE;
  const scores = [
    `l.${quoted(columns.label)}${cast} AS y`,
    `a.${column}${cast} AS a`,
    `${champion === undefined ? 'NULL' : `b.${column}`}${cast} AS b`,
  ];
  if (joined.inOrder) return await placeRows(session, request, { scores, sliced, slices: joined.slices });
  const id = quoted(columns.id);
  // A trainer may hand ids back as another type; texts are compared then.
  const key = (table: string) => (joined.sameId ? `${table}.${id}` : `${table}.${id}::VARCHAR`);
  await session.run(
    `CREATE TEMP TABLE held AS SELECT ${[...scores, ...sliced].join(', ')}
     FROM ${rowsOf('holdout')} h
     LEFT JOIN ${rowsOf('labels')} l ON l.${id} = h.${id}
     LEFT JOIN ${rowsOf('challenger')} a ON ${key('a')} = ${key('h')}
     ${champion === undefined ? '' : `LEFT JOIN ${rowsOf('champion')} b ON ${key('b')} = ${key('h')}`}`,
    { holdout: [request.holdout.path], ...filesOf(request) },
  );
}

const filesOf = ({ labels, challenger, champion }: MeasureRequest) => ({
  labels: [labels.path],
  challenger: [challenger.path],
  ...(champion === undefined ? {} : { champion: [champion.path] }),
});

/** Only tables can be laid side by side without being copied: the slices become one first. */
async function placeRows(
  session: Session,
  request: MeasureRequest,
  { scores, sliced, slices }: Pick<Joined, 'slices'> & { scores: readonly string[]; sliced: readonly string[] },
): Promise<void> {
  if (slices.size > 0)
    await session.run(`CREATE TEMP TABLE slices AS SELECT ${sliced.join(', ')} FROM ${rowsOf('holdout')} h`, {
      holdout: [request.holdout.path],
    });
  const aliases = [...slices.values()].map((alias) => `s.${alias}`);
  await session.run(
    `CREATE TEMP TABLE held AS SELECT ${[...scores, ...aliases].join(', ')}
     FROM ${rowsOf('labels')} l POSITIONAL JOIN ${rowsOf('challenger')} a
     ${request.champion === undefined ? '' : `POSITIONAL JOIN ${rowsOf('champion')} b`}
     ${slices.size === 0 ? '' : 'POSITIONAL JOIN slices s'}`,
    filesOf(request),
  );
  if (slices.size > 0) await session.run('DROP TABLE slices');
}
