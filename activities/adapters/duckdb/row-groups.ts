import type { ScorecardCriterion } from '../../../scorecards/scorecard-schema.ts';
import type { ScoredRows } from './measure-rows.ts';

/** Cells that one block of slice columns may have: their sums stay in the processor's cache. */
const MOST_CELLS = 4096;

/** Rows by the value of one column, or all of them. */
export interface RowGroup {
  /** Undefined: all rows. */
  readonly by: string | undefined;
  readonly values: readonly (string | null)[];
  /** Its block, and of each cell of that the place of the column's value in `values`. */
  readonly block: number;
  readonly placeOf: Int32Array;
}

/** Slice columns in blocks: sums are taken once for each combination of values and added up to the columns afterwards. */
export interface RowGroups {
  /** Of each block the SQL of a row's cell, and how many cells there are. */
  readonly blocks: readonly { readonly sql: string; readonly cells: number }[];
  readonly groups: readonly RowGroup[];
}

interface Column {
  readonly by: string;
  readonly alias: string;
  readonly values: readonly (string | null)[];
}

/** The groups that criteria ask for; columns that the holdout lacks have none. */
export function groupsOf({ slices, values }: ScoredRows, criteria: readonly ScorecardCriterion[]): RowGroups {
  const asked = [...new Set(criteria.map(({ by }) => by))];
  const columns = asked.flatMap((by): Column[] => {
    const alias = by === undefined ? undefined : slices.get(by);
    return by === undefined || alias === undefined ? [] : [{ by, alias, values: values.get(by) ?? [] }];
  });
  const blocks = blocksOf(columns);
  const groups = blocks.flatMap((block, index) => membersOf(block, index));
  const all = { by: undefined, values: [null], block: 0, placeOf: new Int32Array(blocks[0] ? cellsOf(blocks[0]) : 1) };
  return {
    blocks:
      blocks.length === 0
        ? [{ sql: '0', cells: 1 }]
        : blocks.map((block) => ({ sql: sqlOf(block), cells: cellsOf(block) })),
    groups: [...(asked.includes(undefined) ? [all] : []), ...groups],
  };
}

const sizeOf = ({ values }: Column): number => Math.max(1, values.length);
const cellsOf = (block: readonly Column[]): number => block.reduce((cells, column) => cells * sizeOf(column), 1);

function blocksOf(columns: readonly Column[]): readonly (readonly Column[])[] {
  const blocks: Column[][] = [];
  for (const column of columns.toSorted((a, b) => sizeOf(b) - sizeOf(a))) {
    const roomy = blocks.find((block) => cellsOf(block) * sizeOf(column) <= MOST_CELLS);
    if (roomy) roomy.push(column);
    else blocks.push([column]);
  }
  return blocks;
}

/** Places with a mixed radix; a value that is NULL is the last one. */
function sqlOf(block: readonly Column[]): string {
  return block
    .map((column, at) => {
      const place = `coalesce(enum_code(${column.alias}), ${column.values.length - 1})`;
      return `${place}::INTEGER * ${cellsOf(block.slice(0, at))}`;
    })
    .join(' + ');
}

function membersOf(columns: readonly Column[], block: number): readonly RowGroup[] {
  return columns.map((column, at) => {
    const unit = cellsOf(columns.slice(0, at));
    const placeOf = Int32Array.from(
      { length: cellsOf(columns) },
      (_, cell) => Math.floor(cell / unit) % sizeOf(column),
    );
    return { by: column.by, values: column.values, block, placeOf };
  });
}
