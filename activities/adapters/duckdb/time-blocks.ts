import { partitionOf } from '../../../scorecards/parts.ts';
import { canBeCut, countBlocks, cutBlocks, spanOfRows } from '../../../scorecards/time-blocks.ts';
import type { TimeBlock, TimeSpan } from '../../../scorecards/time-blocks.ts';
import type { MeasureRequest, Work } from '../../ports/data-store.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import { ask, type DuckdbOptions, type Session } from './connection.ts';
import { columnsOfFiles } from './parquet-files.ts';
import { instant, isTemporal, quoted, rowsOf, textLiteral, utc } from './sql-text.ts';

/** Rows told apart by when they were, as a slice column tells them apart by its values. */
export interface TimeParts {
  /** SQL of the text of a row's block; columns are those of the holdout, as `h`. */
  readonly sql: string;
  /** Every block, ascending, also one without any row. */
  readonly values: readonly string[];
}

/**
 * The blocks of time that criteria ask for, by the name of their partition: of the span that was asked for, else of the one that
 * the rows have. Nothing where no row says when it was, or the holdout has no such column. Rows beyond the span belong to its
 * first or its last block.
 * @throws `data-schema` where the column says no moment, `data-invalid` where a row has none, or there would be too many blocks.
 */
export async function readTimeParts(
  options: DuckdbOptions,
  { holdout, scorecard, time }: MeasureRequest,
  { most, signal }: { readonly most: number } & Pick<Work, 'signal'>,
): Promise<ReadonlyMap<string, TimeParts>> {
  const asked = new Map(
    scorecard.spec.criteria.flatMap(({ blocks }) =>
      blocks === undefined ? [] : [[partitionOf({ blocks }) ?? '', blocks] as const],
    ),
  );
  if (asked.size === 0 || time === undefined) return new Map();
  const question = { doing: 'cut the holdout into blocks of time', files: [holdout.path], signal };
  return await ask(options, question, async (session) => {
    const type = (await columnsOfFiles(session, [holdout.path])).get(holdout.path)?.get(time.column);
    if (type === undefined) return new Map();
    const refuse = (code: 'data-schema' | 'data-invalid', problem: string) =>
      new PortFailure(code, `the column "${time.column}" of ${holdout.path} ${problem}`, {
        details: { file: holdout.path, column: time.column },
      });
    if (!isTemporal(type)) throw refuse('data-schema', `is ${type}, expected a date or a timestamp to cut by`);
    const ends = await endsOf(session, holdout.path, time.column);
    if (ends.without > 0)
      throw refuse('data-invalid', `is NULL in ${ends.without} rows, which are in no block of time`);
    const parts = [...asked].flatMap(([name, blocks]): [string, TimeParts][] => {
      const span = time.span ? millisecondsOf(time.span) : ends.rows && spanOfRows(ends.rows, blocks);
      if (span === undefined) return [];
      const count = countBlocks(span, blocks);
      if (count > most)
        throw refuse('data-invalid', `makes ${count} blocks for "blocks: ${blocks}", at most ${most} are measured`);
      if (!canBeCut(span, blocks))
        throw refuse('data-invalid', `spans ${span.until - span.from} ms, too little for "blocks: ${blocks}"`);
      const cut = cutBlocks(span, blocks);
      return [[name, { sql: blockSql(time.column, cut), values: cut.map(({ text }) => text) }]];
    });
    return new Map(parts);
  });
}

const millisecondsOf = ({ from, until }: { readonly from: string; readonly until: string }): TimeSpan => ({
  from: Date.parse(from),
  until: Date.parse(until),
});

/** The first and the last moment of the rows, and how many of them have none. */
async function endsOf(session: Session, file: string, column: string) {
  const { first, last, without } = await session.row<{ first: number | null; last: number | null; without: number }>(
    `SELECT epoch_ms(min(${utc(column)}))::DOUBLE AS first, epoch_ms(max(${utc(column)}))::DOUBLE AS last,
            (count(*) - count(${quoted(column)}))::DOUBLE AS without
     FROM ${rowsOf('files')}`,
    { files: [file] },
  );
  return { without, rows: first === null || last === null ? undefined : { first, last } };
}

function blockSql(column: string, blocks: readonly TimeBlock[]): string {
  const last = textLiteral(blocks.at(-1)?.text ?? '');
  const cases = blocks
    .slice(0, -1)
    .map(
      ({ text, until }) =>
        `WHEN h.${utc(column)} < ${instant(new Date(until).toISOString())} THEN ${textLiteral(text)}`,
    );
  return cases.length === 0 ? last : `CASE ${cases.join(' ')} ELSE ${last} END`;
}
