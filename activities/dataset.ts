import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { featuresOf } from '../scorecards/features.ts';
import type { Partition } from '../scorecards/drift/sketch.ts';
import type { RunContext } from '../scorecards/run.ts';
import type { AppliedPolicy } from '../scorecards/trigger.ts';
import type { EvidenceRef, FileRef, Span } from '../scorecards/vocabulary.ts';
import { digestOf, fileDigest } from './artifact.ts';
import { appliedOf, beating, isReused, knownOf, noteStage, putJson, reusable } from './context.ts';
import type { ActivitySettings, Node, Ports } from './context.ts';
import { erased, tombstoneOf } from './erasure.ts';
import { under } from './paths.ts';
import { placedFile } from './placed-file.ts';
import type { Snapshot, Work } from './ports/data-store.ts';
import { pullOf } from './pull.ts';
import type { PullRecord } from './pull.ts';
import { PortFailure } from './ports/port-failure.ts';

/** The immutable snapshot of a run. Files are evidence; `digest` names all of it. */
export interface Dataset {
  readonly digest: string;
  readonly manifest: EvidenceRef;
  readonly train: FileRef;
  readonly holdout: FileRef;
  readonly holdoutLabels: FileRef;
  readonly features: readonly string[];
  readonly trainSpan: Span;
  readonly holdoutSpan: Span;
  readonly labelWatermark: string;
  readonly labelCoverage: number;
  /** Share of the labels that only stand in for the real one; absent where no column says so. */
  readonly labelSurrogates?: number;
  /** Of the query or program that brought the data, and of the excluded ids, where the policy names them. */
  readonly queryDigest?: string;
  readonly exclusionsDigest?: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** The evidence that `manifest` names: all that is known of a snapshot. */
export interface DatasetManifest extends Snapshot {
  readonly asOf: string;
  /** The query's text or the program's command; null: the data were there. */
  readonly query: string | readonly string[] | null;
  readonly pulled?: PullRecord;
  /** The only columns that could become features or slices, and those that the files hold as digests. */
  readonly allowed?: readonly string[];
  readonly hashed?: readonly string[];
}

const CODE_VERSION = 3;

export function createDataset(ports: Pick<Ports, 'data' | 'evidence'>, settings: Pick<ActivitySettings, 'datasets'>) {
  return {
    /** Takes the snapshot: exact files with size and digest, cut at as-of and label maturity, checked. */
    async buildDataset(input: { readonly context: RunContext }): Promise<Dataset> {
      const { context } = input;
      const applied = await appliedOf(ports.evidence, context);
      const inputs = {
        asOf: context.asOf,
        data: applied.policy.spec.data,
        dataset: applied.policy.spec.dataset,
        pull: (await pullOf(ports.evidence, context))?.queryDigest,
        // Who asked to be forgotten since the last run must not come back with a recalled snapshot.
        excluded: await exclusionsFile(applied),
      };
      const step = { context, stage: 'dataset', step: 'snapshot', codeVersion: CODE_VERSION } as const;
      const node = await standing(ports, { ...step, inputs });
      const known = await reusable(ports, node, () =>
        beating((work) => snapshot(ports, settings, { applied, context }, work)),
      );
      const dataset = await placed(ports, known);
      await noteStage(ports.evidence, context, 'dataset', dataset);
      return dataset;
    },
  };
}

/**
 * The node of the newest snapshot of these inputs that nobody erased, or of the next one to be taken. Throws `data-erased` where
 * a retry would reuse one that is gone: nobody said that other data would do.
 */
async function standing(ports: Pick<Ports, 'evidence'>, first: Node): Promise<Node> {
  let node = first;
  for (;;) {
    const known = await knownOf<Dataset>(ports, node);
    const tombstone = known && (await tombstoneOf(ports, known.digest));
    if (!tombstone) return node;
    const next = { ...first, inputs: { inputs: first.inputs, after: tombstone } };
    if (isReused(first) && !(await knownOf(ports, next))) throw erased(tombstone);
    node = next;
  }
}

/** A snapshot with the content of one that was erased is another one: what is gone does not come back under its name. */
async function ownDigest(ports: Pick<Ports, 'evidence'>, digest: string): Promise<string> {
  const tombstone = await tombstoneOf(ports, digest);
  return tombstone ? ownDigest(ports, digestOf({ after: tombstone })) : digest;
}

async function snapshot(
  ports: Pick<Ports, 'data' | 'evidence'>,
  settings: Pick<ActivitySettings, 'datasets'>,
  of: { readonly applied: AppliedPolicy; readonly context: RunContext },
  work: Work,
): Promise<Dataset> {
  const { context } = of;
  // A folder of its own: an attempt that was given up may still be writing beside its successor.
  const into = `${settings.datasets}/${digestOf([context.run, context.generation]).slice(0, 24)}-${randomUUID()}`;
  try {
    return await takenInto(ports, into, of, work);
  } finally {
    // The evidence store has the files; a second copy would outlive an erasure.
    await rm(into, { recursive: true, force: true });
  }
}

async function takenInto(
  ports: Pick<Ports, 'data' | 'evidence'>,
  into: string,
  { applied, context }: { readonly applied: AppliedPolicy; readonly context: RunContext },
  work: Work,
): Promise<Dataset> {
  const { spec } = applied.policy;
  const newest = (await observationDays(ports, applied, context.asOf)).at(-1);
  if (!newest) {
    throw new PortFailure('data-missing', `no file matches ${spec.data.observations.path} before ${context.asOf}`, {
      details: { path: spec.data.observations.path },
    });
  }
  const columns = await ports.data.columns(newest.files.map((file) => file.path));
  const features = featuresOf(applied.policy, columns).map((feature) => feature.name);
  const taken = await ports.data.snapshot(
    {
      data: spec.data,
      dataset: spec.dataset,
      features,
      asOf: context.asOf,
      bucketMs: spec.drift.bucket,
      folder: context.folder,
      into,
      bootstrap: context.bootstrap,
    },
    work,
  );
  const [train, holdout, holdoutLabels] = await Promise.all(
    [taken.train, taken.holdout, taken.holdoutLabels].map((file) => keep(ports, file)),
  );
  if (!train || !holdout || !holdoutLabels)
    throw new PortFailure('data-missing', 'the snapshot lacks one of its three files');
  const digest = await ownDigest(ports, taken.digest);
  const kept = { ...taken, digest, train, holdout, holdoutLabels };
  const pulled = await pullOf(ports.evidence, context);
  const manifest = manifestOf(kept, applied, context, pulled);
  const { trainSpan, holdoutSpan, labelWatermark, labelCoverage, labelSurrogates, exclusionsDigest } = taken;
  return {
    digest,
    manifest: await putJson(ports.evidence, manifest),
    train,
    holdout,
    holdoutLabels,
    features,
    trainSpan,
    holdoutSpan,
    labelWatermark,
    labelCoverage,
    ...(labelSurrogates === undefined ? {} : { labelSurrogates }),
    ...(pulled ? { queryDigest: pulled.queryDigest } : {}),
    ...(exclusionsDigest === undefined ? {} : { exclusionsDigest }),
    columns: taken.columns,
  };
}

function manifestOf(
  snapshot: Snapshot,
  { policy, pullSql }: AppliedPolicy,
  { asOf }: RunContext,
  pulled: PullRecord | undefined,
): DatasetManifest {
  const { data, dataset } = policy.spec;
  return {
    ...snapshot,
    asOf,
    query: pullSql ?? data.pull?.command ?? null,
    ...(pulled ? { pulled } : {}),
    ...(dataset.columns === undefined ? {} : { allowed: dataset.columns }),
    ...(dataset.hash === undefined ? {} : { hashed: dataset.hash }),
  };
}

async function exclusionsFile({ policy, folder }: AppliedPolicy): Promise<string | undefined> {
  const { exclusions } = policy.spec.dataset;
  if (exclusions === undefined) return undefined;
  // A file that is not there is reported by whoever reads it.
  return fileDigest(under(folder, exclusions)).catch(() => 'absent');
}

/** Moves a file into the evidence store; its path is then the store's verified copy. */
async function keep(ports: Pick<Ports, 'evidence'>, file: FileRef): Promise<FileRef> {
  const ref = await ports.evidence.putFile(file.path, 'application/vnd.apache.parquet');
  if (ref.sha256 !== file.sha256)
    throw new PortFailure('data-changed', `${file.name} changed while it was being stored`, {
      details: { file: file.path },
    });
  return { ...file, path: await ports.evidence.place(ref), uri: ref.uri };
}

/** A recalled dataset names files of the store. */
async function placed({ evidence }: Pick<Ports, 'evidence'>, dataset: Dataset): Promise<Dataset> {
  return {
    ...dataset,
    train: await placedFile(evidence, dataset.train),
    holdout: await placedFile(evidence, dataset.holdout),
    holdoutLabels: await placedFile(evidence, dataset.holdoutLabels),
  };
}

/** So many buckets more than training and holdout need are looked at, so that what is stale is called stale. */
const LOOK_BACK = 31;

/** Day partitions of the observations that begin before as-of, as far back as a snapshot may look, ascending. */
export async function observationDays(
  ports: Pick<Ports, 'data'>,
  applied: AppliedPolicy,
  asOf: string,
): Promise<readonly Partition[]> {
  const { data, dataset, drift } = applied.policy.spec;
  const at = Date.parse(asOf);
  const reach = dataset.train + dataset.holdout + data.labels.maturity + LOOK_BACK * drift.bucket;
  const days = await ports.data.partitions({
    dataset: 'observations',
    path: under(applied.folder, data.observations.path),
    span: { from: new Date(at - reach).toISOString(), until: new Date(at + drift.bucket).toISOString() },
    bucketMs: drift.bucket,
  });
  return days.filter((day) => Date.parse(day.bucket.from) < Date.parse(asOf));
}
