import { mkdir } from 'node:fs/promises';
import type { FileRef } from '../../../scorecards/vocabulary.ts';
import type { DeliverRequest, Work } from '../../ports/data-store.ts';
import { ask, type DuckdbOptions } from './connection.ts';
import { daysOf, refuseNoRowTime, writeDayFiles, type DayFiles } from './day-files.ts';
import { refuseUnreadable } from './parquet-files.ts';
import { dayOf } from './partitions.ts';
import { instant, utc } from './sql-text.ts';

/**
 * Writes the rows of files that a team's program made as day partitions. What it should not have delivered, because nobody
 * knew it at as-of, is left out: a model is never trained on the future because a script forgot a condition.
 * @throws `data-unreadable`, `data-schema` without the time column, `data-invalid` for rows without time or labels in a folder
 *   that names no day.
 */
export async function deliverDays(
  options: DuckdbOptions,
  request: DeliverRequest,
  work: Work,
): Promise<readonly FileRef[]> {
  const { files, into, time, as } = request;
  await refuseUnreadable(files);
  if ('labels' in as) for (const file of files) dayOf(file);
  await mkdir(into, { recursive: true });
  const question = { doing: 'take over the pulled rows', files, directories: [into], signal: work.signal };
  return await ask(options, question, async (session) => {
    await session.run(
      `CREATE TEMP TABLE delivered AS SELECT *
       FROM read_parquet($files, hive_partitioning = false, union_by_name = true, filename = 'us_file')`,
      { files },
    );
    await refuseNoRowTime(session, 'delivered', time);
    const given = { into, table: 'delivered', select: '* EXCLUDE (us_file)', ...wanted(as, time) };
    return await writeDayFiles(session, given, work);
  });
}

function wanted(as: DeliverRequest['as'], time: string): Pick<DayFiles, 'where' | 'day' | 'cleared'> {
  if ('labels' in as) {
    const day = `regexp_extract(us_file, '/day=([0-9-]{10})/', 1)::DATE`;
    return { day, where: `${utc(time)} <= ${instant(as.labels.asOf)}`, cleared: [] };
  }
  const { from, until } = as.observations;
  const where = `${utc(time)} >= ${instant(from)} AND ${utc(time)} < ${instant(until)}`;
  return { day: utc(time), where, cleared: daysOf(as.observations) };
}
