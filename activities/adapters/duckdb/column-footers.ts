import type { Session } from './connection.ts';

/** What the footers of some Parquet files say about one column, summed. Who wrote a file may have left any of it out. */
export interface FooterFacts {
  /** Absent unless every file says it; rows of a file without the column are nulls. */
  readonly nulls?: number;
  /** As texts of the column's own type; absent unless every row group with a value says it. */
  readonly least?: readonly string[];
  readonly greatest?: readonly string[];
}

interface FooterRow {
  readonly name: string;
  readonly nulls: number | null;
  readonly says: boolean;
  readonly rows: number;
  readonly ranged: boolean;
  readonly least: readonly string[] | null;
  readonly greatest: readonly string[] | null;
}

/** By column; a column that no footer mentions is left out. No data page is read. */
export async function footersOf(
  session: Session,
  files: readonly string[],
  columns: readonly string[],
): Promise<ReadonlyMap<string, FooterFacts>> {
  const { total } = await session.row<{ total: number }>(
    'SELECT coalesce(sum(num_rows), 0)::DOUBLE AS total FROM parquet_file_metadata($files)',
    { files },
  );
  const rows = await session.rows<FooterRow>(
    `SELECT path_in_schema AS name, sum(stats_null_count)::DOUBLE AS nulls, count(*) = count(stats_null_count) AS says,
            sum(row_group_num_rows)::DOUBLE AS rows,
            bool_and(least IS NOT NULL AND greatest IS NOT NULL OR stats_null_count = row_group_num_rows) AS ranged,
            list(DISTINCT least) FILTER (least IS NOT NULL) AS least,
            list(DISTINCT greatest) FILTER (greatest IS NOT NULL) AS greatest
     FROM (SELECT *, coalesce(stats_min_value, stats_min) AS least, coalesce(stats_max_value, stats_max) AS greatest
           FROM parquet_metadata($files) WHERE path_in_schema IN (SELECT unnest($columns)))
     GROUP BY path_in_schema`,
    { files, columns },
  );
  return new Map(
    rows.map(({ name, nulls, says, rows: held, ranged, least, greatest }) => [
      name,
      {
        ...(says ? { nulls: (nulls ?? 0) + total - held } : {}),
        ...(ranged ? { least: least ?? [], greatest: greatest ?? [] } : {}),
      },
    ]),
  );
}
