import { weightsOf } from '../scorecards/drift/importance.ts';
import { featuresOf } from '../scorecards/features.ts';
import type { Baseline } from '../scorecards/drift/baseline.ts';
import type { Grid, Partition } from '../scorecards/drift/sketch.ts';
import type { Champion, RunContext } from '../scorecards/run.ts';
import type { RunRecord } from '../scorecards/records/run-record.ts';
import type { AppliedPolicy } from '../scorecards/trigger.ts';
import type { EvidenceRef, Span } from '../scorecards/vocabulary.ts';
import { digestOf } from './artifact.ts';
import { appliedOf, beating, getJson, putJson, reusable } from './context.ts';
import type { Ports } from './context.ts';
import { planCounting } from './counting.ts';
import type { CountingPlan } from './counting.ts';
import type { Dataset } from './dataset.ts';
import { frozenGrids } from './grids.ts';
import { under } from './paths.ts';
import type { SketchColumn, Work } from './ports/data-store.ts';
import { PortFailure } from './ports/port-failure.ts';
import { sumDays } from './sketching.ts';
import { slicedGrids, watchedSlices } from './slices.ts';
import { sumBaseline } from './sum-baseline.ts';

type Stores = Pick<Ports, 'data' | 'evidence'>;

const CODE_VERSION = 4;

export interface ForDataset {
  readonly context: RunContext;
  readonly dataset: Dataset;
}

export function createBaseline(ports: Stores) {
  return {
    /** Agrees on the grids before anybody counts, and says what is to be counted for the baseline. */
    async planBaseline({ context, dataset }: ForDataset): Promise<CountingPlan> {
      const applied = await appliedOf(ports.evidence, context);
      return beating(async (work) => {
        const wanted = { applied, ...featuresIn(applied, dataset) };
        const counted = await daysAndGrids(ports, wanted, work);
        const watched = await watchedIn(ports, { ...counted, wanted }, work);
        const sliced = watched ? { sliced: slicedGrids(watched, counted.grids) } : {};
        return planCounting(ports, { ...counted, ...sliced, spans: [counted.days] }, work);
      });
    },

    /** Adds the days of training and holdout: the drift baseline of the version that this run makes. */
    async buildBaseline({ context, dataset }: ForDataset): Promise<EvidenceRef> {
      const applied = await appliedOf(ports.evidence, context);
      const node = {
        context,
        stage: 'dataset',
        step: 'baseline',
        codeVersion: CODE_VERSION,
        inputs: { snapshot: dataset.digest, features: dataset.features, ...askedBesides(applied) },
      } as const;
      return reusable(ports, node, () =>
        beating((work) => summed(ports, { applied, ...featuresIn(applied, dataset) }, work)),
      );
    },
  };
}

interface Wanted {
  readonly applied: AppliedPolicy;
  readonly span: Span;
  readonly features: readonly SketchColumn[];
  /** Columns and types of the training data. */
  readonly columns: Baseline['columns'];
  /** Features whose grids are frozen anew. */
  readonly anew?: readonly string[];
}

function featuresIn(
  applied: AppliedPolicy,
  { columns, features, holdoutSpan, trainSpan }: Dataset,
): Omit<Wanted, 'applied'> {
  const wanted = featuresOf(applied.policy, columns).filter(({ name }) => features.includes(name));
  return { span: { from: trainSpan.from, until: holdoutSpan.until }, features: wanted, columns };
}

async function daysAndGrids(
  ports: Stores,
  { anew = [], applied, features, span }: Wanted,
  work: Work,
): Promise<{ readonly days: readonly Partition[]; readonly grids: readonly Grid[]; readonly time: string }> {
  const { metadata, spec } = applied.policy;
  const path = under(applied.folder, spec.data.observations.path);
  const days = await ports.data.partitions({ dataset: 'observations', path, span, bucketMs: spec.drift.bucket });
  const files = [...new Set(days.flatMap((day) => day.files.map((file) => file.path)))];
  const columns = features.map(({ name, type }) => ({ name, type }));
  const grids = await frozenGrids(ports, { model: metadata.name, files, columns, anew }, work);
  return { days, grids, time: spec.data.observations.time };
}

async function summed(ports: Stores, wanted: Wanted, work: Work): Promise<EvidenceRef> {
  const { days, grids, time } = await daysAndGrids(ports, wanted, work);
  const { columns, span } = wanted;
  const slices = await countSlices(ports, { wanted, days, time }, work);
  const { policy } = wanted.applied;
  const value = await sumBaseline(ports, { policy, span, columns, days, grids, slices, time }, work);
  return putJson(ports.evidence, value);
}

/** What a baseline holds only where a policy asks for it. */
const askedBesides = ({ policy }: AppliedPolicy) => {
  const { learned, slices } = policy.spec.drift;
  return { ...(slices ? { slices } : {}), ...(learned ? { learned } : {}) };
};

interface CountedDays {
  readonly wanted: Wanted;
  readonly days: readonly Partition[];
  readonly grids: readonly Grid[];
  readonly time: string;
}

/** Which slices there are is known only when they are counted; that is one column of each. */
async function watchedIn(ports: Stores, { grids, wanted, ...counted }: CountedDays, work: Work) {
  const { policy } = wanted.applied;
  if (!policy.spec.drift.slices) return undefined;
  return watchedSlices(policy, { grids, slices: await countSlices(ports, { ...counted, wanted }, work) });
}

/** Slices are groups whatever they are to the model, so each value is counted by itself. */
async function countSlices(
  ports: Stores,
  { days, time, wanted }: Omit<CountedDays, 'grids'>,
  work: Work,
): Promise<NonNullable<Baseline['slices']>> {
  const { metadata, spec } = wanted.applied.policy;
  const files = [...new Set(days.flatMap((day) => day.files.map((file) => file.path)))];
  const columns = spec.data.slices.map((name) => ({ name, type: 'categorical' as const }));
  if (columns.length === 0) return { grids: [], sketches: {} };
  const grids = await frozenGrids(ports, { model: metadata.name, files, columns }, work);
  return { grids, sketches: Object.fromEntries(await sumDays(ports, { days, grids, time }, work)) };
}

/**
 * The baseline that a champion is held against: the newest that was counted again on new grids, else the one frozen with its
 * version; with the weights that its trainer gave the features. Throws `record-incomplete` when its record names none.
 */
export async function baselineOf(ports: Pick<Ports, 'evidence'>, champion: Champion): Promise<Baseline> {
  const ref = (await regridded(ports, champion)).newest ?? (await frozenWith(ports, champion));
  const counted = await getJson<Baseline>(ports.evidence, ref);
  // What the model rests on is known only after it was trained, so it stands in the record of the version.
  const { importances, features } = await getJson<RunRecord>(ports.evidence, champion.record);
  return importances && features ? { ...counted, weights: weightsOf(importances, features) } : counted;
}

/** Names the baseline in a version's record. Throws `record-incomplete` when it names none. */
export async function frozenWith(
  ports: Pick<Ports, 'evidence'>,
  { record, version }: Pick<Champion, 'record' | 'version'>,
): Promise<EvidenceRef> {
  const { baseline } = await getJson<RunRecord>(ports.evidence, record);
  if (baseline) return baseline;
  throw new PortFailure('record-incomplete', `version ${version} has no drift baseline in its run record`);
}

async function regridded({ evidence }: Pick<Ports, 'evidence'>, { record }: Champion) {
  let [edition, newest]: [number, EvidenceRef | undefined] = [1, undefined];
  const keyOf = (number: number): string => `regridded/${digestOf(record.sha256)}/${number}`;
  for (;;) {
    const next = await evidence.recall(keyOf(edition));
    if (next === undefined) return { newest, nextKey: keyOf(edition) };
    [edition, newest] = [edition + 1, next];
  }
}

/**
 * Freezes the grids of some features anew from the days that the champion was trained on, counts these days again and makes the
 * sum the champion's baseline; the one in its record stays as it is. Later versions use the new grids.
 * Throws `bad-request` for a name that is no feature, `data-missing` when a day of the baseline has no files any more.
 */
export async function regrid(
  ports: Stores,
  { applied, champion, features }: { applied: AppliedPolicy; champion: Champion; features: readonly string[] },
  work: Work,
): Promise<Baseline> {
  const before = await baselineOf(ports, champion);
  const types = new Map(before.grids.map(({ feature, kind }) => [feature, kind]));
  const unknown = features.filter((feature) => !types.has(feature));
  if (unknown.length > 0)
    throw new PortFailure(
      'bad-request',
      `${unknown.join(', ')}: not among the features of version ${champion.version}, which are ${[...types.keys()].join(', ')}`,
    );
  const columns = before.grids.map(({ feature, kind }): SketchColumn => ({
    name: feature,
    type: kind === 'categories' ? 'categorical' : kind === 'unit' ? 'score' : 'continuous',
  }));
  const wanted = { applied, span: before.span, features: columns, columns: before.columns };
  const still = await getJson<Baseline>(ports.evidence, await summed(ports, wanted, work));
  if (still.rows < before.rows)
    throw new PortFailure(
      'data-missing',
      `the baseline of version ${champion.version} was counted from ${before.rows} rows, of which ${still.rows} are still there; its grids stay`,
    );
  const ref = await summed(ports, { ...wanted, anew: features }, work);
  const { nextKey } = await regridded(ports, champion);
  await ports.evidence.remember(nextKey, ref);
  return getJson<Baseline>(ports.evidence, ref);
}
