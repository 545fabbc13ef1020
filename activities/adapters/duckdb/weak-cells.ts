import type { LossCell, LossCells, RowLoss } from '../../../scorecards/candidate/weak-cell.ts';
import type { Slice } from '../../../scorecards/vocabulary.ts';
import type { Work } from '../../ports/data-store.ts';
import type { WeakCellsRequest } from '../../ports/weak-cells.ts';
import { ask, COUNTING_MEMORY, type DuckdbOptions, type Session } from './connection.ts';
import { filesOf, joinedRows, orderOf, refsOf, type RowOrder } from './join-files.ts';
import { columnsOfFiles, refuseUnreadable } from './parquet-files.ts';
import { doubleLiteral, quoted, rowsOf, textLiteral } from './sql-text.ts';

/** Code of all values of a column that are not looked at. */
const OTHERS = 255;

/** One column of the search. */
interface Searched {
  readonly name: string;
  /** Its most frequent values, the most frequent first and NULL last; the place in the list + 1 is the value's code. */
  readonly values: readonly (string | null)[];
  readonly cut: boolean;
}

/**
 * What rows cost in every cell of one or two slices, from one scan with grouping sets after one that finds the most frequent
 * values. Memory is bounded by the caps. One thread, so that the same files give the same sums.
 */
export async function searchCells(options: DuckdbOptions, request: WeakCellsRequest, work: Work): Promise<LossCells> {
  const { holdout, search } = request;
  const files = refsOf(request).map(({ path }) => path);
  await refuseUnreadable(files);
  const question = {
    doing: 'search for weak slices',
    files,
    threads: 1,
    memoryLimit: COUNTING_MEMORY,
    signal: work.signal,
  };
  return await ask(options, question, async (session) => {
    const types = await columnsOfFiles(session, files);
    const present = request.by.filter((name) => types.get(holdout.path)?.has(name));
    const names = present.slice(0, search.columns);
    work.progress('searching for weak slices', 0, 2);
    const searched: Searched[] = [];
    for (const name of names) searched.push(await frequentValues(session, request, name));
    work.progress('searching for weak slices', 1, 2);
    const order = await orderOf(session, request, types);
    const [all, ...cells] = await countCells(session, request, { searched, order });
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
  values.sort((one, other) => Number(one === null) - Number(other === null));
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
  { order, searched }: { readonly searched: readonly Searched[]; readonly order: RowOrder },
): Promise<readonly LossCell[]> {
  const { search } = request;
  for (const [place, one] of searched.entries())
    if (textsOf(one).length > 0)
      await session.run(`CREATE TYPE ${enumOf(place)} AS ENUM (${textsOf(one).map(textLiteral).join(', ')})`);
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
     FROM (${codedRows(request, searched, order)}) GROUP BY GROUPING SETS (${sets}) ${having}
     ORDER BY ${[...codes.map((code) => `${code} IS NOT NULL`), ...codes, 'rows'].join(', ')}`,
    filesOf(request),
  );
  return found.map((row) => cellOf(row, searched));
}

/** Rows that have a label and a score of each model: what they cost with either (a, b), and the codes of their values. */
function codedRows(request: WeakCellsRequest, searched: readonly Searched[], order: RowOrder): string {
  const { champion, columns, loss } = request;
  const isOfClasses = loss.kind === 'classes';
  const y = `l.${quoted(columns.label)}::${isOfClasses ? 'VARCHAR' : 'DOUBLE'}`;
  const said = (table: 'a' | 'b') => `${table}.${isOfClasses ? 'class::VARCHAR' : 'score::DOUBLE'}`;
  const lossOf = (table: 'a' | 'b', whose: 'challenger' | 'champion') =>
    lossText(loss, { said: said(table), whose, y });
  const codes = searched.map((one, place) => `, ${codeText(one, place)} AS c${place}`).join('');
  return `SELECT ${lossOf('a', 'challenger')} AS a, ${champion === undefined ? 'NULL::DOUBLE' : lossOf('b', 'champion')} AS b${codes}
    FROM ${joinedRows(request, order)}
    WHERE ${y} IS NOT NULL AND ${said('a')} IS NOT NULL${champion === undefined ? '' : ` AND ${said('b')} IS NOT NULL`}`;
}

const textsOf = ({ values }: Searched): readonly string[] => values.filter((value) => value !== null);
const enumOf = (place: number): string => `searched${place}`;

/** Small numbers in place of texts make grouping by pairs of columns cheap. */
function codeText(one: Searched, place: number): string {
  const value = `h.${quoted(one.name)}::VARCHAR`;
  const ofNull = one.values.includes(null) ? one.values.length : OTHERS;
  const ofText =
    textsOf(one).length === 0 ? OTHERS : `coalesce(enum_code(try_cast(${value} AS ${enumOf(place)})) + 1, ${OTHERS})`;
  return `(CASE WHEN ${value} IS NULL THEN ${ofNull} ELSE ${ofText} END)::UTINYINT`;
}

interface ModelLoss {
  /** SQL of the model's answer. */
  readonly said: string;
  readonly whose: 'challenger' | 'champion';
  /** SQL of the label. */
  readonly y: string;
}

function lossText(loss: RowLoss, { said, whose, y }: ModelLoss): string {
  if (loss.kind === 'classes') return `(${said} <> ${y})::INTEGER::DOUBLE`;
  if (loss.kind === 'distance') return `abs(${said} - ${y})`;
  const cut = doubleLiteral(loss.cuts[whose] ?? loss.cuts.challenger);
  const [missed, alarm] = [loss.falseNegative, loss.falsePositive].map(doubleLiteral);
  return `CASE WHEN ${y} > 0 AND ${said} < ${cut} THEN ${missed} WHEN ${y} <= 0 AND ${said} >= ${cut} THEN ${alarm} ELSE 0e0 END`;
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
