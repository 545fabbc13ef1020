/** A column or table name as DuckDB takes it, whatever it contains. The only way a name enters a statement. */
export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

/** A double as a literal that keeps every bit; a plain decimal would turn the whole expression into slow DECIMAL arithmetic. */
export function doubleLiteral(value: number): string {
  return `(${value.toExponential()})`;
}

/** A text as a literal. Values are bound wherever DuckDB takes parameters; COPY and SET do not. */
export function textLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** An instant as a UTC timestamp literal. */
export function instant(iso: string): string {
  return `TIMESTAMP '${new Date(iso).toISOString().replace('T', ' ').replace('Z', '')}'`;
}

/** A column of dates or timestamps, with or without time zone, as a UTC timestamp. */
export function utc(column: string): string {
  return `${quoted(column)}::TIMESTAMP`;
}

/** Rows of a bound list of files. Columns are matched by name, and `day=` in a path is not a column. */
export function rowsOf(parameter: string): string {
  return `read_parquet($${parameter}, hive_partitioning = false, union_by_name = true)`;
}

const NUMERIC = /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL.*|BOOLEAN)$/;
const WHOLE = /^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/;

/** Whether a column of this DuckDB type can be taken as a number. */
export const isNumeric = (type: string): boolean => NUMERIC.test(type);
/** Whether a column of this DuckDB type holds whole numbers. */
export const isWhole = (type: string): boolean => WHOLE.test(type);
/** Whether values of this DuckDB type can be NaN or infinite. */
export const isFloating = (type: string): boolean => type === 'DOUBLE' || type === 'FLOAT';
/** Whether a column of this DuckDB type says when. */
export const isTemporal = (type: string): boolean => /^(DATE|TIMESTAMP.*)$/.test(type);
