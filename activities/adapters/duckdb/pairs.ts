import type { FileRef } from '../../../scorecards/vocabulary.ts';
import type { Work } from '../../ports/data-store.ts';
import type { ComparePredictions, PairCounts, PairRequest } from '../../ports/pairs.ts';
import { ask, type DuckdbOptions, type Session } from './connection.ts';
import { agreedTypes } from './snapshot-columns.ts';
import { refuseUnreadable } from './parquet-files.ts';
import { DAY_MS, listPartitions } from './partitions.ts';
import { pathsOf } from './snapshot-join.ts';
import { doubleLiteral, instant, quoted, rowsOf, utc } from './sql-text.ts';

/**
 * Joins the answers of both models' serving logs by request id. Of an id that was answered several times the first answer with a
 * score counts. An answer without a finite score, or with a status of 400 and above, is an error and makes no pair. A log that is
 * not there yet has no answers. `championLog` and `challengerLog` are directories with `day=…/`, or globs.
 */
export async function pairAnswers(options: DuckdbOptions, request: PairRequest, work: Work): Promise<PairCounts> {
  const [from, until] = [Date.parse(request.span.from), Date.parse(request.span.until)];
  const logs = await Promise.all(
    [request.championLog, request.challengerLog].map(async (log) => {
      const path = log.includes('*') ? log : `${log.replace(/\/$/, '')}/day=*/*.parquet`;
      const all = await listPartitions(options, { dataset: 'observations', path, bucketMs: DAY_MS });
      return pathsOf(all.filter(({ bucket }) => Date.parse(bucket.until) > from && Date.parse(bucket.from) < until));
    }),
  );
  const files = logs.flat();
  await refuseUnreadable(files);
  const question = { doing: 'pair the answers of the serving logs', files, signal: work.signal };
  return await ask(options, question, async (session) => {
    for (const [index, name] of ['champion', 'challenger'].entries())
      await createAnswers(session, { name, files: logs[index] ?? [], request });
    return await countPairs(session, request.cuts);
  });
}

interface Answers {
  readonly name: string;
  readonly files: readonly string[];
  readonly request: PairRequest;
}

async function createAnswers(session: Session, { name, files, request }: Answers): Promise<void> {
  if (files.length === 0)
    return await session.run(`CREATE TEMP TABLE ${name} (id VARCHAR, score DOUBLE, failed BOOLEAN)`);
  await agreedTypes(session, files, ['id', 'time', 'status', 'score']);
  const score = 'try_cast(score AS DOUBLE)';
  const failed = 'coalesce(try_cast(status AS INTEGER) >= 400, true)';
  await session.run(
    `CREATE TEMP TABLE ${name} AS
     SELECT id, score, failed FROM (
       SELECT id::VARCHAR AS id, ${score} AS score, ${failed} OR NOT coalesce(isfinite(${score}), false) AS failed, time
       FROM ${rowsOf('files')}
       WHERE ${utc('time')} >= ${instant(request.span.from)} AND ${utc('time')} < ${instant(request.span.until)})
     QUALIFY row_number() OVER (PARTITION BY id ORDER BY failed, time, score) = 1`,
    { files },
  );
}

/** Pairs two prediction files; every row is an answer. */
export async function pairPredictions(
  options: DuckdbOptions,
  { champion, challenger, id, cuts }: ComparePredictions,
  work: Work,
): Promise<PairCounts> {
  await refuseUnreadable([champion, challenger].map(({ path }) => path));
  const files = [champion.path, challenger.path];
  const question = { doing: 'pair the predictions', files, signal: work.signal };
  return await ask(options, question, async (session) => {
    const create = async (name: string, file: FileRef) => {
      await agreedTypes(session, [file.path], [id, 'score']);
      await session.run(
        `CREATE TEMP TABLE ${name} AS
         SELECT ${quoted(id)}::VARCHAR AS id, score::DOUBLE AS score, NOT coalesce(isfinite(score::DOUBLE), false) AS failed
         FROM ${rowsOf('files')}`,
        { files: [file.path] },
      );
    };
    await create('champion', champion);
    await create('challenger', challenger);
    return await countPairs(session, cuts);
  });
}

async function countPairs(session: Session, cuts: PairRequest['cuts']): Promise<PairCounts> {
  const [championCut, challengerCut] = [doubleLiteral(cuts.champion), doubleLiteral(cuts.challenger)];
  return await session.row<{ [name in keyof PairCounts]: number }>(
    `WITH pair AS (
       SELECT a.score AS challenger, b.score AS champion FROM challenger a JOIN champion b ON a.id = b.id
       WHERE NOT a.failed AND NOT b.failed)
     SELECT count(*)::DOUBLE AS pairs,
       coalesce(sum(((challenger >= ${challengerCut}) <> (champion >= ${championCut}))::INTEGER), 0)::DOUBLE AS disagreements,
       (SELECT count(*) FROM champion)::DOUBLE AS "championAnswers",
       (SELECT count(*) FROM challenger)::DOUBLE AS "challengerAnswers",
       (SELECT count(*) FROM challenger WHERE failed)::DOUBLE AS "challengerErrors",
       coalesce(avg(challenger - champion), 0)::DOUBLE AS "meanScoreDifference"
     FROM pair`,
  );
}
