import type { LossCell, LossCells, RowLoss } from '../../../scorecards/candidate/weak-cell.ts';
import type { Slice } from '../../../scorecards/vocabulary.ts';
import type { Work } from '../../ports/data-store.ts';
import type { WeakCellsRequest } from '../../ports/weak-cells.ts';
import { ask, type DuckdbOptions, type Session } from './connection.ts';
import { columnsOfFiles, refuseUnreadable } from './parquet-files.ts';
import { doubleLiteral, quoted, rowsOf } from './sql-text.ts';

/** Code of all values of a column that are not looked at. */
const OTHERS = 255;

/** One column of the search. */
interface Searched {
  readonly name: string;
  /** Its most frequent values; the place in the list + 1 is the value's code. */
  readonly values: readonly (string | null)[];
  readonly cut: boolean;
}

/**
 * What rows cost in every cell of one or two slices, from one scan with grouping sets after one that finds the most frequent
 * values. Memory is bounded by the caps. One thread, so that the same files give the same sums.
 */
export async function searchCells(options: DuckdbOptions, request: WeakCellsRequest, work: Work): Promise<LossCells> {
  const { challenger, champion, holdout, labels, search } = request;
  const files = [holdout, labels, challenger, ...(champion === undefined ? [] : [champion])].map(({ path }) => path);
  await refuseUnreadable(files);
  const question = { doing: 'search for weak slices', files, threads: 1, signal: work.signal };
  return await ask(options, question, async (session) => {
    const types = await columnsOfFiles(session, files);
    const present = request.by.filter((name) => types.get(holdout.path)?.has(name));
    const names = present.slice(0, search.columns);
    work.progress('searching for weak slices', 0, 2);
    const searched: Searched[] = [];
    for (const name of names) searched.push(await frequentValues(session, request, name));
    work.progress('searching for weak slices', 1, 2);
    const ids = new Set(files.map((file) => types.get(file)?.get(request.columns.id)));
    const [all, ...cells] = await countCells(session, request, { searched, sameId: ids.size === 1 });
    work.progress('searching for weak slices', 2, 2);
    return {
      all: all ?? { slices: [], rows: 0, loss: { mean: 0, variance: 0 } },
      cells,
      columns: names,
      leftOut: {
        columns: present.slice(search.columns),
        values: searched.filter(({ cut }) => cut).map(({ name }) => name),
      },
    };
  });
}

/** Values with enough rows to be a cell by themselves; a cell of two has no more. */
async function frequentValues(
  session: Session,
  { holdout, search }: WeakCellsRequest,
  name: string,
): Promise<Searched> {
  const found = await session.rows<{ value: string | null }>(
    `SELECT value FROM (SELECT ${quoted(name)}::VARCHAR AS value FROM ${rowsOf('files')})
     GROUP BY 1 HAVING count(*) >= ${search.minimum} ORDER BY count(*) DESC, value NULLS LAST LIMIT ${search.values + 1}`,
    { files: [holdout.path] },
  );
  const values = found.slice(0, search.values).map(({ value }) => value);
  return { name, values, cut: found.length > search.values };
}

interface CellRow extends Readonly<Record<string, number | null>> {
  readonly rows: number;
  readonly mean: number | null;
  readonly variance: number;
  readonly gap: number | null;
  readonly gapVariance: number;
}

/** All rows first, then the cells by their columns and by the frequency of their values. */
async function countCells(
  session: Session,
  request: WeakCellsRequest,
  { sameId, searched }: { readonly searched: readonly Searched[]; readonly sameId: boolean },
): Promise<readonly LossCell[]> {
  const { challenger, champion, holdout, labels, search } = request;
  await createCodes(session, searched);
  const codes = searched.map((_, place) => `c${place}`);
  const pairs = codes.flatMap((one, place) => codes.slice(place + 1).map((other) => `${one}, ${other}`));
  const sets = ['()', ...[...codes, ...pairs].map((set) => `(${set})`)].join(', ');
  // A column that is not in a set is NULL there; a coded value never is.
  const known = codes.map((code) => `coalesce(${code}, 0) <> ${OTHERS}`).join(' AND ');
  const isAll = codes.map((code) => `${code} IS NULL`).join(' AND ');
  const having = codes.length === 0 ? '' : `HAVING (${isAll}) OR (count(*) >= ${search.minimum} AND ${known})`;
  const found = await session.rows<CellRow>(
    `SELECT ${codes.map((code) => `${code}::DOUBLE AS ${code}, `).join('')}count(*)::DOUBLE AS rows, avg(a) AS mean,
            coalesce(var_samp(a), 0) AS variance, avg(a - b) AS gap, coalesce(var_samp(a - b), 0) AS "gapVariance"
     FROM (${codedRows(request, searched, sameId)}) GROUP BY GROUPING SETS (${sets}) ${having}
     ORDER BY ${[...codes.map((code) => `${code} IS NOT NULL`), ...codes, 'rows'].join(', ')}`,
    {
      holdout: [holdout.path],
      labels: [labels.path],
      challenger: [challenger.path],
      ...(champion === undefined ? {} : { champion: [champion.path] }),
    },
  );
  return found.map((row) => cellOf(row, searched));
}

/** Small numbers in place of texts make grouping by pairs of columns cheap. */
async function createCodes(session: Session, searched: readonly Searched[]): Promise<void> {
  await session.run('CREATE TEMP TABLE codes (place UTINYINT, value VARCHAR, code UTINYINT)');
  for (const [place, { values }] of searched.entries())
    for (const [index, value] of values.entries())
      await session.run(`INSERT INTO codes VALUES (${place}, $value, ${index + 1})`, { value });
}

/** Rows that have a label and a score of each model: what they cost with either (a, b), and the codes of their values. */
function codedRows(
  { columns, champion, loss }: WeakCellsRequest,
  searched: readonly Searched[],
  sameId: boolean,
): string {
  const id = (table: string) => `${table}.${quoted(columns.id)}${sameId ? '' : '::VARCHAR'}`;
  const lossOf = (table: 'p' | 'q', whose: 'challenger' | 'champion') =>
    lossText(loss, `${table}.${loss.kind === 'classes' ? 'class::VARCHAR' : 'score::DOUBLE'}`, whose);
  const type = loss.kind === 'classes' ? 'VARCHAR' : 'DOUBLE';
  const values = searched.map(({ name }, place) => `, h.${quoted(name)}::VARCHAR AS v${place}`).join('');
  const joined = `SELECT ${lossOf('p', 'challenger')} AS a, ${champion === undefined ? 'NULL::DOUBLE' : lossOf('q', 'champion')} AS b${values}
    FROM ${rowsOf('holdout')} h JOIN (SELECT ${quoted(columns.id)}, ${quoted(columns.label)}::${type} AS y FROM ${rowsOf('labels')}) l ON ${id('l')} = ${id('h')}
    JOIN ${rowsOf('challenger')} p ON ${id('p')} = ${id('h')}
    ${champion === undefined ? '' : `JOIN ${rowsOf('champion')} q ON ${id('q')} = ${id('h')}`}
    WHERE l.y IS NOT NULL`;
  const coded = searched.map((_, place) => `, coalesce(k${place}.code, ${OTHERS}) AS c${place}`).join('');
  const joins = searched.map(
    (_, place) =>
      `LEFT JOIN (SELECT value, code FROM codes WHERE place = ${place}) k${place} ON k${place}.value IS NOT DISTINCT FROM r.v${place}`,
  );
  return `SELECT r.a, r.b${coded} FROM (${joined}) r ${joins.join(' ')}`;
}

function lossText(loss: RowLoss, score: string, whose: 'challenger' | 'champion'): string {
  if (loss.kind === 'classes') return `(${score} <> l.y)::INTEGER::DOUBLE`;
  if (loss.kind === 'distance') return `abs(${score} - l.y)`;
  const cut = doubleLiteral(loss.cuts[whose] ?? loss.cuts.challenger);
  const [missed, alarm] = [loss.falseNegative, loss.falsePositive].map(doubleLiteral);
  return `CASE WHEN l.y > 0 AND ${score} < ${cut} THEN ${missed} WHEN l.y <= 0 AND ${score} >= ${cut} THEN ${alarm} ELSE 0e0 END`;
}

function cellOf(row: CellRow, searched: readonly Searched[]): LossCell {
  const slices = searched.flatMap(({ name, values }, place): readonly Slice[] => {
    const code = row[`c${place}`];
    return typeof code === 'number' ? [{ column: name, value: values[code - 1] ?? null }] : [];
  });
  return {
    slices,
    rows: row.rows,
    loss: { mean: row.mean ?? 0, variance: row.variance },
    ...(row.gap === null ? {} : { difference: { mean: row.gap, variance: row.gapVariance } }),
  };
}
