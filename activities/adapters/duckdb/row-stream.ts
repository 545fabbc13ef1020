import type { DuckDBVector } from '@duckdb/node-api';
import type { Session } from './connection.ts';

/** So many rows are visited at once: what is counted of them stays in the processor's cache meanwhile. */
export const CHUNK_ROWS = 32_768;

/** Some rows, column by column; arrays are reused for the next ones. A number that is NULL is NaN. */
export interface RowChunk {
  readonly rows: number;
  /** Columns of doubles, then those of whole numbers, as they were asked for. */
  readonly doubles: readonly Float64Array[];
  readonly wholes: readonly Int32Array[];
}

export interface StreamedColumns {
  /** SQL of doubles, and of whole numbers below 2³¹ that are never NULL. */
  readonly doubles: readonly string[];
  readonly wholes: readonly string[];
}

/** One scan of a table in its order. Nothing but one chunk is kept; between chunks the process does other work. */
export async function eachChunk(
  session: Session,
  {
    table,
    columns,
    signal,
  }: { readonly table: string; readonly columns: StreamedColumns; readonly signal: AbortSignal },
  visit: (chunk: RowChunk) => void,
): Promise<void> {
  signal.throwIfAborted();
  const select = [
    ...columns.doubles.map((sql) => `(${sql})::DOUBLE`),
    ...columns.wholes.map((sql) => `(${sql})::INTEGER`),
  ];
  const result = await session.connection.stream(`SELECT ${select.join(', ')} FROM ${table}`);
  const doubles = columns.doubles.map(() => new Float64Array(CHUNK_ROWS));
  const wholes = columns.wholes.map(() => new Int32Array(CHUNK_ROWS));
  let rows = 0;
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    signal.throwIfAborted();
    if (rows + chunk.rowCount > CHUNK_ROWS) {
      visit({ rows, doubles, wholes });
      rows = 0;
    }
    for (const [at, into] of [...doubles, ...wholes].entries())
      copy(chunk.getColumnVector(at), into.subarray(rows, rows + chunk.rowCount));
    rows += chunk.rowCount;
  }
  if (rows > 0) visit({ rows, doubles, wholes });
}

function copy(vector: DuckDBVector, into: Float64Array | Int32Array): void {
  for (let row = 0; row < into.length; row += 1) {
    const value = vector.getItem(row);
    into[row] = typeof value === 'number' ? value : Number.NaN;
  }
}
