import { millisecondsOf } from '../scorecards/drift/windows.ts';
import { judgeNewLabels } from '../scorecards/new-labels.ts';
import type { NewLabels } from '../scorecards/new-labels.ts';
import type { ChampionsData } from './champions-data.ts';
import type { Ports } from './context.ts';
import { under } from './paths.ts';
import type { Work } from './ports/data-store.ts';
import { PortFailure } from './ports/port-failure.ts';

/**
 * Counts the rows after the champion's own days whose label was known a maturity before as-of. Undefined where the policy asks
 * for no minimum. Throws `data-schema` when the labels lack a column.
 */
export async function newLabels(
  ports: Pick<Ports, 'data'>,
  { applied, asOf, baseline }: ChampionsData,
  work: Work,
): Promise<NewLabels | undefined> {
  const { data, drift, triggers } = applied.policy.spec;
  const { labels, observations } = data;
  if (triggers.minNewLabels === undefined) return undefined;
  const since = baseline.span.until;
  const mature = new Date(millisecondsOf(asOf) - labels.maturity).toISOString();
  const until = new Date(Math.ceil(millisecondsOf(asOf) / drift.bucket) * drift.bucket).toISOString();
  const filesOf = async (dataset: 'observations' | 'labels', path: string) => {
    const span = { from: since, until };
    const days = await ports.data.partitions({
      dataset,
      path: under(applied.folder, path),
      span,
      bucketMs: drift.bucket,
    });
    return [...new Set(days.flatMap(({ files }) => files.map((file) => file.path)))];
  };
  const known = await filesOf('labels', labels.path);
  if (known.length === 0) return judgeNewLabels(0, triggers.minNewLabels, { since, mature });
  const counted = await ports.data.sums(
    {
      span: { from: since, until: asOf },
      bucketMs: drift.bucket,
      rows: {
        files: await filesOf('observations', observations.path),
        id: observations.id,
        time: observations.time,
      },
      column: labels.label,
      labels: { files: known, id: labels.id, availableAt: labels.availableAt },
      asOf: mature,
    },
    work,
  );
  if (counted.absent !== undefined)
    throw new PortFailure(
      'data-schema',
      `the column "${counted.absent}" is not there, so new labels cannot be counted`,
      {
        details: { column: counted.absent },
      },
    );
  const labelled = counted.buckets.reduce((sum, { rows }) => sum + rows, 0);
  return judgeNewLabels(labelled, triggers.minNewLabels, { since, mature });
}
