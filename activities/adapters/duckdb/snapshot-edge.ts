import type { Partition } from '../../../scorecards/drift/sketch.ts';
import type { SnapshotRequest, Work } from '../../ports/data-store.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import { ask, type DuckdbOptions } from './connection.ts';
import { refuseUnreadable } from './parquet-files.ts';
import { agreedTypes, refuseNoTime, refuseUnjoinable } from './snapshot-columns.ts';
import { matureUntil, refuseStale } from './snapshot-days.ts';
import { pathsOf } from './snapshot-join.ts';
import { instant, quoted, rowsOf, utc } from './sql-text.ts';

interface Looking {
  readonly request: SnapshotRequest;
  /** Partitions that begin before `asOf`, ascending. */
  readonly observations: readonly Partition[];
  readonly work: Work;
}

/** The newest observations lie in one of the last partitions; a file of the future may hold rows of today only. */
const NEWEST_PARTITIONS = 3;
/** With a maturity of 0 the last complete bucket must be among so many. */
const LOOK_BACK = 30;

/** Time of the newest observation that was there at `asOf`. Throws `data-stale` when it is too old. */
export async function newestObservation(
  options: DuckdbOptions,
  { request, observations, work }: Looking,
): Promise<string> {
  const { asOf } = request;
  const { freshWithin } = request.dataset.checks;
  const { time } = request.data.observations;
  const files = pathsOf(observations.slice(-NEWEST_PARTITIONS));
  if (files.length === 0) return refuseStale(null, asOf, freshWithin);
  await refuseUnreadable(files);
  const question = { doing: 'find the newest observation', files, signal: work.signal };
  const newest = await ask(options, question, async (session) => {
    refuseNoTime(time, (await agreedTypes(session, files, [time])).get(time), files[0]);
    const found = await session.row<{ newest: string | null }>(
      `SELECT strftime(max(${utc(time)}), '%Y-%m-%dT%H:%M:%S.%gZ') AS newest
       FROM ${rowsOf('files')} WHERE ${utc(time)} <= ${instant(asOf)}`,
      { files },
    );
    return found.newest;
  });
  return refuseStale(newest, asOf, freshWithin);
}

/**
 * Where the holdout ends. With a declared maturity that is a matter of the clock alone. With a maturity of 0 nobody has said
 * how long labels take, so the holdout ends with the last bucket whose every observation has a label. A bucket without a
 * partition ends the search too: whoever chooses the days reports it.
 * @throws `data-missing` when no recent bucket is complete.
 */
export async function labelledUntil(
  options: DuckdbOptions,
  { request, observations, labels, work }: Looking & { readonly labels: readonly Partition[] },
): Promise<number> {
  const { bucketMs, asOf } = request;
  const { maturity } = request.data.labels;
  const edge = matureUntil(Date.parse(asOf), maturity, bucketMs);
  const candidates = observations
    .filter(({ bucket }) => Date.parse(bucket.until) <= edge && Date.parse(bucket.from) >= edge - LOOK_BACK * bucketMs)
    .toReversed();
  const recent = labels.filter(({ bucket }) => Date.parse(bucket.from) >= edge - LOOK_BACK * bucketMs);
  if (maturity > 0 || candidates.length === 0 || recent.length === 0) return edge;
  const complete = await completeBuckets(options, { request, observations: candidates, labels: recent, work });
  const starts = new Set(candidates.map(({ bucket }) => Date.parse(bucket.from)));
  for (let until = edge; until > edge - LOOK_BACK * bucketMs; until -= bucketMs) {
    const start = until - bucketMs;
    if (!starts.has(start) || complete.has(start)) return until;
  }
  throw new PortFailure(
    'data-missing',
    `none of the last ${LOOK_BACK} buckets before ${asOf} has a label for every observation; ` +
      'say in spec.data.labels.maturity how long labels take to arrive',
    { details: { part: 'labels' } },
  );
}

async function completeBuckets(
  options: DuckdbOptions,
  { request, observations, labels, work }: Looking & { readonly labels: readonly Partition[] },
): Promise<ReadonlySet<number>> {
  const { bucketMs, asOf, data } = request;
  const [o, l] = [pathsOf(observations), pathsOf(labels)];
  await refuseUnreadable([...o, ...l]);
  const { id, time } = data.observations;
  const question = { doing: 'find the last day with all its labels', files: [...o, ...l], signal: work.signal };
  return await ask(options, question, async (session) => {
    const observed = await agreedTypes(session, o, [id, time]);
    const labelled = await agreedTypes(session, l, [data.labels.id, data.labels.label, data.labels.availableAt]);
    refuseUnjoinable(observed.get(id), labelled.get(data.labels.id), data.labels.id);
    const rows = await session.rows<{ start: number }>(
      `SELECT (epoch_ms(o.${utc(time)}) // ${bucketMs} * ${bucketMs})::DOUBLE AS start
       FROM ${rowsOf('o')} o
       LEFT JOIN (SELECT DISTINCT ${quoted(data.labels.id)} AS id FROM ${rowsOf('l')}
                  WHERE ${utc(data.labels.availableAt)} <= ${instant(asOf)} AND ${quoted(data.labels.label)} IS NOT NULL) k
         ON o.${quoted(id)} = k.id
       GROUP BY 1 HAVING count(*) = count(k.id)`,
      { o, l },
    );
    return new Set(rows.map(({ start }) => start));
  });
}
