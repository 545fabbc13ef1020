import type { ScoreRequest } from '../../ports/score-questions.ts';
import { doubleLiteral, instant, quoted, rowsOf, utc } from './sql-text.ts';

/** More values than this of one slice column are not counted: none of the rest would have enough rows. */
const MOST_SLICES = 100;

/** One group of the scan. */
export interface CellRow {
  /** Whole buckets since 1970. */
  readonly bucket: number;
  /** Place of the slice column in the request; null: all rows. */
  readonly slice: number | null;
  readonly value: string | null;
  readonly label: number | null;
  /** Null: no score that is a number. */
  readonly bin: number | null;
  /** Whether bins are of 1/1024; of 1/256 for slices. */
  readonly fine: boolean;
  readonly rows: number;
  readonly scores: number;
  readonly squares: number;
  readonly flagged: number;
  readonly surrogates: number;
}

/**
 * One scan with grouping sets: all rows by label and bins of 1/1024, and every slice column by value, label and bins of 1/256.
 * Rows without a label are counted the same way: estimates rest on their scores. Bins are by floor, so a threshold k/n is an edge;
 * rows at or above the cut are counted beside.
 */
export function cellsStatement({ bucketMs, cut, predictions, rows, span }: ScoreRequest): string {
  const score = predictions === undefined ? `r.${quoted(rows.score)}` : 'p.score';
  const slices = rows.slices.map((_, index) => `s${index}`);
  const value = (name: string) => {
    const text = `r.${quoted(name)}::VARCHAR`;
    return rows.hashed?.includes(name) ? `sha256(${text})` : text;
  };
  const sliced = rows.slices.map((name, index) => `, ${value(name)} AS s${index}`).join('');
  const bin = (bins: number) => `floor(${doubleLiteral(bins)} * score)`;
  const finite = 'CASE WHEN isfinite(score) THEN score END AS score';
  const joined = `SELECT floor(epoch_ms(r.${utc(rows.time)}) / ${doubleLiteral(bucketMs)}) AS bucket,
      ${score}::DOUBLE AS score, k.y AS label, coalesce(k.surrogate, false) AS surrogate${sliced}
    FROM ${rowsOf('rows')} r
    ${predictions === undefined ? '' : `LEFT JOIN ${rowsOf('predictions')} p ON p.${quoted(rows.id)}::VARCHAR = r.${quoted(rows.id)}::VARCHAR`}
    LEFT JOIN known k ON k.id = r.${quoted(rows.id)}::VARCHAR
    WHERE r.${utc(rows.time)} >= ${instant(span.from)} AND r.${utc(rows.time)} < ${instant(span.until)}
      ${rows.version === undefined ? '' : `AND r.${quoted(rows.version.column)}::VARCHAR = $version`}`;
  const sets = ['(bucket, label, fine)', ...slices.map((slice) => `(bucket, ${slice}, label, coarse)`)];
  const grouping = slices.map((slice, index) => `WHEN grouping(${slice}) = 0 THEN ${index}`).join(' ');
  const values = slices.map((slice) => `WHEN grouping(${slice}) = 0 THEN ${slice}`).join(' ');
  const flagged = cut === undefined ? '0' : `count_if(score >= ${doubleLiteral(cut)})`;
  return `WITH grouped AS (
      SELECT bucket, label, grouping(fine) = 0 AS fine, ${grouping === '' ? 'NULL' : `CASE ${grouping} END`} AS slice,
             ${values === '' ? 'NULL' : `CASE ${values} END`} AS value,
             ${slices.length === 0 ? 'fine' : 'CASE WHEN grouping(fine) = 0 THEN fine ELSE coarse END'} AS bin,
             count(*)::DOUBLE AS rows, coalesce(sum(score), 0)::DOUBLE AS scores,
             coalesce(sum(score * score), 0)::DOUBLE AS squares, ${flagged}::DOUBLE AS flagged,
             count_if(surrogate AND label IS NOT NULL AND score IS NOT NULL)::DOUBLE AS surrogates
      FROM (SELECT *, ${bin(1024)} AS fine, ${bin(256)} AS coarse
            FROM (SELECT * REPLACE (${finite}) FROM (${joined})))
      GROUP BY GROUPING SETS (${sets.join(', ')})),
    kept AS (SELECT slice, value FROM grouped WHERE slice IS NOT NULL GROUP BY 1, 2
             QUALIFY row_number() OVER (PARTITION BY slice ORDER BY sum(rows) DESC, value) <= ${MOST_SLICES})
    SELECT bucket::DOUBLE AS bucket, slice, value, label, bin::DOUBLE AS bin, fine, rows, scores, squares, flagged, surrogates
    FROM grouped
    WHERE slice IS NULL OR EXISTS (SELECT 1 FROM kept WHERE kept.slice = grouped.slice AND kept.value IS NOT DISTINCT FROM grouped.value)
    ORDER BY bucket, slice NULLS FIRST, value NULLS LAST, label NULLS LAST, bin NULLS LAST`;
}
