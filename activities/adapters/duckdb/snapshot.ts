import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { canonicalJson } from '../../../scorecards/canonical-json.ts';
import type { Partition } from '../../../scorecards/drift/sketch.ts';
import type { FileRef } from '../../../scorecards/vocabulary.ts';
import type { Snapshot, SnapshotRequest, Work } from '../../ports/data-store.ts';
import { ask, type DuckdbOptions } from './connection.ts';
import { readExclusions, type Exclusions } from './exclusions.ts';
import { refuseChanged, watched, type WatchedFile } from './parquet-files.ts';
import { listPartitions, rootOf } from './partitions.ts';
import { chooseDays, type ChosenDays } from './snapshot-days.ts';
import { labelledUntil, newestObservation } from './snapshot-edge.ts';
import { joinAndWrite, type Written } from './snapshot-join.ts';

/**
 * Train and holdout as files, from what was known at `asOf`.
 *
 * The holdout is the last days of which every label has had `labels.maturity` to arrive (with a maturity of 0: of which every
 * observation has its label); the training data are the days before. A row is used when its time lies in those days; a label
 * when its `availableAt` is not after `asOf`, the latest one winning. Nothing that became known later can change a byte.
 *
 * The digest covers the written files, the observations they were made of, spans, columns and `asOf`. Label files are listed
 * among the sources but not covered: late labels are appended to them, and what counts of them is in the written files.
 * @throws `data-missing`, `data-stale`, `data-unreadable`, `data-schema`, `data-invalid`, `data-changed`, each naming the day, or
 *   file and column.
 */
export async function makeSnapshot(options: DuckdbOptions, request: SnapshotRequest, work: Work): Promise<Snapshot> {
  const plan = await planSnapshot(options, request, work);
  const sources = await watchSources(plan, work);
  const exclusions = await readExclusions(request);
  await mkdir(request.into, { recursive: true });
  const question = {
    doing: `join observations and labels of ${plan.days.train.from} to ${plan.days.holdout.until}`,
    files: sources.map(({ ref }) => ref.path),
    directories: [request.into],
    signal: work.signal,
  };
  const written = await ask(options, question, (session) =>
    joinAndWrite({ session, request, plan, excluded: exclusions.ids, work }),
  );
  for (const [index, source] of sources.entries()) {
    work.progress('verifying sources again', index, sources.length);
    await refuseChanged(source);
  }
  return described(request, { ...written, plan, sources, exclusions });
}

interface Plan {
  readonly observations: readonly Partition[];
  readonly labels: readonly Partition[];
  readonly days: ChosenDays;
  readonly newest: string;
  readonly nameOf: (partition: Partition, path: string) => string;
}

async function planSnapshot(options: DuckdbOptions, request: SnapshotRequest, work: Work): Promise<Plan> {
  const { data, dataset, asOf, bucketMs } = request;
  const paths = {
    observations: resolve(request.folder, data.observations.path),
    labels: resolve(request.folder, data.labels.path),
  };
  const known = ({ bucket }: Partition) => Date.parse(bucket.from) <= Date.parse(asOf);
  const list = async (dataset: 'observations' | 'labels') =>
    (await listPartitions(options, { dataset, path: paths[dataset], bucketMs })).filter(known);
  const [observations, labels] = [await list('observations'), await list('labels')];
  const newest = await newestObservation(options, { request, observations, work });
  const until = await labelledUntil(options, { request, observations, labels, work });
  const present = new Set(observations.map(({ bucket }) => Date.parse(bucket.from)));
  const days = chooseDays({ ...dataset, bucketMs, bootstrap: request.bootstrap }, present, until);
  const from = Date.parse(days.train.from);
  const since = ({ bucket }: Partition) => Date.parse(bucket.from) >= from;
  return {
    observations: observations.filter((part) => since(part) && Date.parse(part.bucket.from) < until),
    labels: labels.filter(since),
    days,
    newest,
    nameOf: ({ dataset: kind }, path) =>
      `${kind}/${relative(rootOf(kind === 'labels' ? paths.labels : paths.observations), path)
        .split(sep)
        .join('/')}`,
  };
}

async function watchSources(plan: Plan, work: Work): Promise<readonly WatchedFile[]> {
  const names = new Map<string, string>();
  for (const partition of [...plan.observations, ...plan.labels])
    for (const file of partition.files) names.set(file.path, plan.nameOf(partition, file.path));
  const sources: WatchedFile[] = [];
  for (const [path, name] of names) {
    work.signal.throwIfAborted();
    work.progress('verifying sources', sources.length, names.size);
    sources.push(await watched(path, name));
  }
  return sources;
}

interface Finished extends Written {
  readonly plan: Plan;
  readonly sources: readonly WatchedFile[];
  readonly exclusions: Exclusions;
}

function described(request: SnapshotRequest, { plan, sources, exclusions, ...written }: Finished): Snapshot {
  const { files, columns } = written;
  const spans = { trainSpan: plan.days.train, holdoutSpan: plan.days.holdout };
  const refs = sources.map(({ ref }) => ref);
  const nameless = ({ name, bytes, sha256 }: FileRef) => ({ name, bytes, sha256 });
  const manifest = {
    ...spans,
    asOf: new Date(request.asOf).toISOString(),
    columns,
    exclusions: exclusions.digest,
    files: Object.values(files).map(nameless),
    sources: refs.filter(({ name }) => name.startsWith('observations/')).map(nameless),
  };
  return {
    digest: createHash('sha256').update(canonicalJson(manifest)).digest('hex'),
    ...files,
    sources: refs,
    ...spans,
    labelWatermark: written.watermark,
    labelCoverage: written.coverage,
    ...(written.surrogates === undefined ? {} : { labelSurrogates: written.surrogates }),
    newestObservation: plan.newest,
    ...(exclusions.digest === undefined ? {} : { exclusionsDigest: exclusions.digest }),
    columns,
  };
}
