import type { BestF1, Unknown } from '../../../scorecards/operating-point.ts';
import type { BestF1Request, Work } from '../../ports/data-store.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import { ask, type DuckdbOptions, type Session } from './connection.ts';
import { columnsOfFiles, refuseOther, refuseUnreadable, requireColumns } from './parquet-files.ts';
import { doubleLiteral, isNumeric, quoted, rowsOf } from './sql-text.ts';

/**
 * The score t at which F1 = 2TP / (positives + flagged) is highest when rows with a score of at least t are flagged: every
 * score that occurs is tried, as scikit-learn's precision_recall_curve does, and of equals the highest is taken. Counts are
 * whole numbers, so that equal quotients are equal doubles. Rows without a label do not count; without a positive row, and so
 * without rows, or with labels beyond 0 and 1, there is none.
 */
export async function findBestF1(
  options: DuckdbOptions,
  request: BestF1Request,
  work: Work,
): Promise<BestF1 | Unknown> {
  const { labels, predictions } = request;
  const files = [predictions.path, labels.path];
  await refuseUnreadable(files);
  for (const ref of [predictions, labels]) await refuseOther(ref);
  const question = { doing: 'find the threshold of best F1', files, threads: 1, signal: work.signal };
  return await ask(options, question, async (session) => {
    await joinLabels(session, request);
    const { negatives, others, positives } = await session.row<Record<'negatives' | 'others' | 'positives', number>>(
      `SELECT count(*) FILTER (y = 0)::DOUBLE AS negatives, count(*) FILTER (y = 1)::DOUBLE AS positives,
              count(*) FILTER (y NOT IN (0, 1))::DOUBLE AS others FROM said`,
    );
    const rows = negatives + positives;
    if (others > 0) return { why: `the labels of ${others} of its out-of-sample rows are not 0 or 1` };
    if (positives === 0) return { why: `none of its ${rows} labelled out-of-sample rows is positive` };
    const best = await session.row<Pick<BestF1, 'threshold' | 'f1'>>(
      `SELECT score AS threshold, 2 * hits / (flagged + ${doubleLiteral(positives)}) AS f1
       FROM (SELECT score, sum(rows) OVER above AS flagged, sum(hits) OVER above AS hits
             FROM (SELECT score, count(*)::DOUBLE AS rows, sum(y) AS hits FROM said WHERE y IS NOT NULL GROUP BY score)
             WINDOW above AS (ORDER BY score DESC))
       ORDER BY f1 DESC, threshold DESC LIMIT 1`,
    );
    return { ...best, rows, positives };
  });
}

/** Table `said`: the score of each row and its label. Throws `data-schema`, `data-invalid` naming file and column. */
async function joinLabels(session: Session, { columns, labels, predictions }: BestF1Request): Promise<void> {
  const known = await columnsOfFiles(session, [predictions.path, labels.path]);
  const [said, labelled] = [predictions, labels].map(({ path }) => known.get(path) ?? new Map<string, string>());
  if (said === undefined || labelled === undefined) return;
  requireColumns(predictions, said, [columns.id, 'score']);
  requireColumns(labels, labelled, [columns.id, columns.label]);
  const refuse = (column: string, problem: string) =>
    new PortFailure(
      'data-invalid',
      `the out-of-sample predictions ${predictions.path}: the column "${column}" ${problem}`,
      {
        details: { file: predictions.path, column },
      },
    );
  const type = said.get('score') ?? '';
  if (!isNumeric(type)) throw refuse('score', `is ${type}, not a number`);
  const id = quoted(columns.id);
  // A trainer may hand ids back as another type; texts are compared then.
  const asText = said.get(columns.id) === labelled.get(columns.id) ? '' : '::VARCHAR';
  const bound = { predictions: [predictions.path], labels: [labels.path] };
  await session.run(
    `CREATE TEMP TABLE said AS
     SELECT p.score::DOUBLE AS score, l.y::DOUBLE AS y, l.id IS NULL AS stray FROM ${rowsOf('predictions')} p
     LEFT JOIN (SELECT ${id} AS id, ${quoted(columns.label)} AS y FROM ${rowsOf('labels')}) l ON l.id${asText} = p.${id}${asText}`,
    bound,
  );
  const { ids, rows } = await session.row<Record<'ids' | 'rows', number>>(
    `SELECT count(*)::DOUBLE AS rows, count(DISTINCT ${id})::DOUBLE AS ids FROM ${rowsOf('predictions')}`,
    { predictions: bound.predictions },
  );
  const { joined, strays, wild } = await session.row<Record<'joined' | 'strays' | 'wild', number>>(
    `SELECT count(*)::DOUBLE AS joined, count(*) FILTER (stray)::DOUBLE AS strays,
            count(*) FILTER (score IS NULL OR NOT isfinite(score))::DOUBLE AS wild FROM said`,
  );
  if (ids < rows)
    throw refuse(columns.id, `names ${rows - ids} of ${rows} rows twice or not at all; expected each id once`);
  if (joined > rows) throw refuse(columns.id, `names rows that ${labels.path} has twice`);
  if (strays > 0) throw refuse(columns.id, `names ${strays} of ${rows} rows that are not in ${labels.path}`);
  if (wild > 0) throw refuse('score', `is NULL, NaN or infinite in ${wild} rows`);
}
