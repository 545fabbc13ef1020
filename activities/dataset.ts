import { featuresOf } from '../scorecards/features.ts';
import type { Baseline } from '../scorecards/drift/baseline.ts';
import { mergeSketches } from '../scorecards/drift/sketch.ts';
import type { Partition, Sketch } from '../scorecards/drift/sketch.ts';
import type { RunContext } from '../scorecards/run.ts';
import type { AppliedPolicy } from '../scorecards/trigger.ts';
import type { EvidenceRef, FileRef, Span } from '../scorecards/vocabulary.ts';
import { digestOf } from './artifact.ts';
import { appliedOf, beating, noteStage, putJson, reusable } from './context.ts';
import type { ActivitySettings, Ports } from './context.ts';
import { under } from './paths.ts';
import type { Work } from './ports/data-store.ts';
import { sketchDay } from './sketching.ts';
import { PortFailure } from './ports/port-failure.ts';

export interface PulledData {
  readonly queryDigest?: string;
  readonly days: number;
}

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
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

const CODE_VERSION = 1;

export function createDataset(ports: Pick<Ports, 'data' | 'evidence'>, settings: Pick<ActivitySettings, 'datasets'>) {
  return {
    /** Runs the policy's query, if it has one, so that the day partitions up to as-of exist. */
    async pullData(input: { readonly context: RunContext }): Promise<PulledData> {
      const applied = await appliedOf(ports.evidence, input.context);
      if (applied.pullSql === undefined) return { days: 0 };
      return beating((work) => pull(ports, applied, input.context, work));
    },

    /** Takes the snapshot: exact files with size and digest, cut at as-of and label maturity, checked. */
    async buildDataset(input: { readonly context: RunContext }): Promise<Dataset> {
      const { context } = input;
      const applied = await appliedOf(ports.evidence, context);
      const inputs = {
        asOf: context.asOf,
        data: applied.policy.spec.data,
        dataset: applied.policy.spec.dataset,
        pull: applied.pullSql,
      };
      const node = { context, stage: 'dataset', step: 'snapshot', codeVersion: CODE_VERSION, inputs } as const;
      const known = await reusable(ports, node, () =>
        beating((work) => snapshot(ports, settings, { applied, context }, work)),
      );
      const dataset = await placed(ports, known);
      await noteStage(ports.evidence, context, 'dataset', dataset);
      return dataset;
    },

    /** Counts the days of training and holdout: the drift baseline of the version that this run makes. */
    async buildBaseline(input: { readonly context: RunContext; readonly dataset: Dataset }): Promise<EvidenceRef> {
      const { context, dataset } = input;
      const applied = await appliedOf(ports.evidence, context);
      const node = {
        context,
        stage: 'dataset',
        step: 'baseline',
        codeVersion: CODE_VERSION,
        inputs: { snapshot: dataset.digest, features: dataset.features },
      } as const;
      return reusable(ports, node, () => beating((work) => baseline(ports, applied, dataset, work)));
    },
  };
}

async function pull(
  ports: Pick<Ports, 'data'>,
  applied: AppliedPolicy,
  context: RunContext,
  work: Work,
): Promise<PulledData> {
  const { dataset, data, drift } = applied.policy.spec;
  const reach = Math.max(dataset.train + dataset.holdout + data.labels.maturity, drift.window * drift.persistence.of);
  const from = new Date(Date.parse(context.asOf) - reach - drift.bucket).toISOString();
  const pulled = await ports.data.pull(
    {
      sql: applied.pullSql ?? '',
      asOf: context.asOf,
      span: { from, until: context.asOf },
      folder: context.folder,
      into: under(context.folder, data.observations.path.split('/day=')[0] ?? '.'),
      time: data.observations.time,
    },
    work,
  );
  return { queryDigest: pulled.queryDigest, days: pulled.files.length };
}

async function snapshot(
  ports: Pick<Ports, 'data' | 'evidence'>,
  settings: Pick<ActivitySettings, 'datasets'>,
  of: { readonly applied: AppliedPolicy; readonly context: RunContext },
  work: Work,
): Promise<Dataset> {
  const { applied, context } = of;
  const { spec } = applied.policy;
  const newest = (await observationDays(ports, applied, context.asOf)).at(-1);
  if (!newest) {
    throw new PortFailure('data-missing', `no file matches ${spec.data.observations.path} before ${context.asOf}`, {
      details: { path: spec.data.observations.path },
    });
  }
  const columns = await ports.data.columns(newest.files.map((file) => file.path));
  const features = featuresOf(applied.policy, columns).map((feature) => feature.name);
  const into = `${settings.datasets}/${digestOf([context.run, context.generation]).slice(0, 24)}`;
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
  const manifest = await putJson(ports.evidence, {
    ...taken,
    train,
    holdout,
    holdoutLabels,
    query: applied.pullSql ?? null,
    asOf: context.asOf,
  });
  const { digest, trainSpan, holdoutSpan, labelWatermark, labelCoverage } = taken;
  return {
    digest,
    manifest,
    train,
    holdout,
    holdoutLabels,
    features,
    trainSpan,
    holdoutSpan,
    labelWatermark,
    labelCoverage,
    columns: taken.columns,
  };
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

/** A recalled dataset names files of the store; they may have been cleaned from the local cache since. */
async function placed(ports: Pick<Ports, 'evidence'>, dataset: Dataset): Promise<Dataset> {
  const place = async (file: FileRef): Promise<FileRef> =>
    file.uri === undefined
      ? file
      : { ...file, path: await ports.evidence.place({ uri: file.uri, sha256: file.sha256, bytes: file.bytes }) };
  return {
    ...dataset,
    train: await place(dataset.train),
    holdout: await place(dataset.holdout),
    holdoutLabels: await place(dataset.holdoutLabels),
  };
}

async function baseline(
  ports: Pick<Ports, 'data' | 'evidence'>,
  applied: AppliedPolicy,
  dataset: Dataset,
  work: Work,
): Promise<EvidenceRef> {
  const { spec } = applied.policy;
  const span = { from: dataset.trainSpan.from, until: dataset.holdoutSpan.until };
  const path = under(applied.folder, spec.data.observations.path);
  const days = await ports.data.partitions({ dataset: 'observations', path, span, bucketMs: spec.drift.bucket });
  const files = days.flatMap((day) => day.files.map((file) => file.path));
  const features = featuresOf(applied.policy, dataset.columns).filter((feature) =>
    dataset.features.includes(feature.name),
  );
  const grids = await ports.data.freezeGrids({ files, columns: features }, work);
  const perDay: ReadonlyMap<string, Sketch>[] = [];
  for (const [index, day] of days.entries()) {
    work.progress('baseline', index, days.length);
    perDay.push(await sketchDay(ports, { day, grids, time: spec.data.observations.time }, work));
  }
  const sketches = Object.fromEntries(
    grids.map((grid) => [grid.feature, mergeSketches(perDay.flatMap((day) => day.get(grid.feature) ?? []))]),
  );
  const rows = Math.max(0, ...Object.values(sketches).map((sketch) => sketch.rows));
  const value: Baseline = { schemaVersion: 1, span, grids, sketches, columns: dataset.columns, rows };
  return putJson(ports.evidence, value);
}

/** Day partitions of the observations that begin before as-of, ascending. */
export async function observationDays(
  ports: Pick<Ports, 'data'>,
  applied: AppliedPolicy,
  asOf: string,
): Promise<readonly Partition[]> {
  const { spec } = applied.policy;
  const days = await ports.data.partitions({
    dataset: 'observations',
    path: under(applied.folder, spec.data.observations.path),
    bucketMs: spec.drift.bucket,
  });
  return days.filter((day) => Date.parse(day.bucket.from) < Date.parse(asOf));
}
