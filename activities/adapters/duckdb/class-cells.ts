import type { DuckDBValue } from '@duckdb/node-api';
import { counted } from '../../../scorecards/counted.ts';
import type { ClassCell } from '../../../scorecards/statistics/macro-averages.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import type { Session } from './connection.ts';
import type { OfSlice } from './measure-slices.ts';

/** Of one value of a slice column, or of all rows. */
export interface ClassRow extends ClassCell, OfSlice {}

/** So many different cells fit into memory; a table of 100 classes of both models has a million. */
const MOST_CELLS = 2_000_000;

interface Joined {
  /** As the enumeration of the columns y, a and b has them. */
  readonly classes: readonly string[];
  readonly hasChampion: boolean;
  readonly slices: ReadonlyMap<string, string>;
}

/**
 * Rows by label × challenger's × champion's class, of those that have all: undefined → of all together, a slice column → by its
 * values. One grouped scan of the table `held`.
 * @throws `data-invalid` for more different cells than fit into memory.
 */
export async function countCells(
  session: Session,
  joined: Joined,
): Promise<ReadonlyMap<string | undefined, readonly ClassRow[]>> {
  const columns = await session.columns(groupedScan(joined));
  if ((columns.at(-1) ?? []).length <= MOST_CELLS) return cellsOf(columns, joined);
  const message = `labels, classes and slices have more than ${counted(MOST_CELLS)} different combinations`;
  throw new PortFailure('data-invalid', `${message}; merge classes, or slice by a coarser column`);
}

/** Columns: the number of the slice column (0: all rows), its value, the places of label and classes, and rows. */
function groupedScan({ hasChampion, slices }: Joined): string {
  const aliases = [...slices.values()];
  const sets = ['(y, a, b)', ...aliases.map((alias) => `(y, a, b, ${alias})`)].join(', ');
  // Outside its own grouping set a column is NULL, as it is in rows without a value.
  const place = aliases.map((alias, index) => `WHEN GROUPING(${alias}) = 0 THEN ${index + 1}`).join(' ');
  const sliced = `CASE ${place} ELSE 0 END::INTEGER, coalesce(${aliases.map((alias) => `${alias}::VARCHAR`).join(', ')})`;
  return `SELECT ${aliases.length === 0 ? '0, NULL::VARCHAR' : sliced},
                 enum_code(y)::INTEGER, enum_code(a)::INTEGER, enum_code(b)::INTEGER, count(*)::DOUBLE
          FROM held WHERE y IS NOT NULL AND a IS NOT NULL${hasChampion ? ' AND b IS NOT NULL' : ''}
          GROUP BY GROUPING SETS (${sets}) ORDER BY ALL LIMIT ${MOST_CELLS + 1}`;
}

function cellsOf(
  [places = [], values = [], ys = [], as = [], bs = [], rows = []]: readonly (readonly DuckDBValue[])[],
  { classes, hasChampion, slices }: Joined,
): ReadonlyMap<string | undefined, readonly ClassRow[]> {
  const columns = [undefined, ...slices.keys()];
  const cells = new Map(columns.map((by) => [by, new Array<ClassRow>()]));
  const nameOf = (code: DuckDBValue | undefined) => classes[Number(code)] ?? '';
  for (const [index, count] of rows.entries()) {
    const slice = values[index];
    cells.get(columns[Number(places[index])])?.push({
      slice: typeof slice === 'string' ? slice : null,
      label: nameOf(ys[index]),
      challenger: nameOf(as[index]),
      ...(hasChampion ? { champion: nameOf(bs[index]) } : {}),
      rows: Number(count),
    });
  }
  return cells;
}
