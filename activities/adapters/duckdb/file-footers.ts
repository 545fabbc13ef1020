import type { ColumnProfile } from '../../../scorecards/data-checks/profile.ts';
import type { Session } from './connection.ts';
import type { FileColumns } from './parquet-files.ts';
import { isNumeric, isTemporal, quoted, rowsOf, utc } from './sql-text.ts';

type Counts = Omit<ColumnProfile, 'name' | 'type'>;

/** What is known of one file, by its footer or by a scan. */
export interface FileCounts {
  readonly rows: number;
  readonly columns: ReadonlyMap<string, Counts>;
  readonly newestEvent?: string;
}

interface FooterRow {
  readonly file: string;
  readonly name: string;
  readonly rows: number;
  readonly nulls: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly newest: string | null;
}

/** Each file's rows, nulls and ranges as its own footer states them; what not every row group states is left out. */
export async function footersByFile(
  session: Session,
  files: readonly string[],
  wanted: { readonly names: readonly string[]; readonly time: string },
): Promise<ReadonlyMap<string, FileCounts>> {
  const rows = await session.rows<FooterRow>(
    `SELECT file_name AS file, path_in_schema AS name, sum(row_group_num_rows)::DOUBLE AS rows,
            CASE WHEN count(stats_null_count) = count(*) THEN sum(stats_null_count)::DOUBLE END AS nulls,
            CASE WHEN ${everyGroup('min')} THEN min(try_cast(stats_min_value AS DOUBLE)) END AS min,
            CASE WHEN ${everyGroup('max')} THEN max(try_cast(stats_max_value AS DOUBLE)) END AS max,
            CASE WHEN count(*) = count(*) FILTER (stats_null_count = row_group_num_rows OR stats_max_value IS NOT NULL)
                 THEN strftime(max(try_cast(stats_max_value AS TIMESTAMP)), '%Y-%m-%dT%H:%M:%S.%gZ') END AS newest
     FROM parquet_metadata($files) WHERE list_contains($names::VARCHAR[], path_in_schema) GROUP BY 1, 2`,
    { files, names: [...wanted.names, wanted.time] },
  );
  const found = new Map<string, { rows: number; columns: Map<string, Counts>; newestEvent?: string }>();
  for (const row of rows) {
    const file = found.get(row.file) ?? { rows: row.rows, columns: new Map<string, Counts>() };
    file.columns.set(row.name, countsOf(row));
    if (row.name === wanted.time && row.newest !== null) file.newestEvent = row.newest;
    found.set(row.file, file);
  }
  return found;
}

/** A row group of nulls alone has no smallest value, and that says enough. */
const everyGroup = (end: 'min' | 'max'): string =>
  `count(*) = count(*) FILTER (stats_null_count = row_group_num_rows OR isfinite(try_cast(stats_${end}_value AS DOUBLE)))`;

const countsOf = ({ max, min, nulls }: Pick<FooterRow, 'nulls' | 'min' | 'max'>): Counts => ({
  ...(nulls === null ? {} : { nulls }),
  ...(min === null || max === null ? {} : { min, max }),
});

export interface FileQuestion {
  readonly path: string;
  /** Of the file, by name. */
  readonly columns: FileColumns;
  readonly names: readonly string[];
  readonly time: string;
}

/** The same by reading the columns. NaN and infinities have no place in a range: the snapshot refuses them by themselves. */
export async function scanFile(session: Session, { columns, names, path, time }: FileQuestion): Promise<FileCounts> {
  const present = names.filter((name) => columns.has(name));
  const parts = present.flatMap((name, index) => {
    const value = `${quoted(name)}::DOUBLE`;
    const finite = `CASE WHEN isfinite(${value}) THEN ${value} END`;
    const range = isNumeric(columns.get(name) ?? '') ? finite : 'NULL::DOUBLE';
    return [
      `(count(*) - count(${quoted(name)}))::DOUBLE AS n${index}`,
      `min(${range}) AS a${index}`,
      `max(${range}) AS z${index}`,
    ];
  });
  const newest = isTemporal(columns.get(time) ?? '')
    ? `strftime(max(${utc(time)}), '%Y-%m-%dT%H:%M:%S.%gZ')`
    : 'NULL::VARCHAR';
  const row = await session.row<Readonly<Record<string, number | string | null>>>(
    `SELECT ${['count(*)::DOUBLE AS rows', `${newest} AS newest`, ...parts].join(', ')} FROM ${rowsOf('files')}`,
    { files: [path] },
  );
  const number = (name: string): number | null => (typeof row[name] === 'number' ? row[name] : null);
  const counts = present.map((name, index): [string, Counts] => [
    name,
    countsOf({ nulls: number(`n${index}`), min: number(`a${index}`), max: number(`z${index}`) }),
  ]);
  const newestEvent = row['newest'];
  return {
    rows: number('rows') ?? 0,
    columns: new Map(counts),
    ...(typeof newestEvent === 'string' ? { newestEvent } : {}),
  };
}
