import { stat } from 'node:fs/promises';
import type { DataSource, PulledResult } from '../scorecards/contracts/trainer.ts';
import type { RunContext } from '../scorecards/run.ts';
import type { AppliedPolicy } from '../scorecards/trigger.ts';
import type { Span } from '../scorecards/vocabulary.ts';
import { digestOf, fileDigest } from './artifact.ts';
import { appliedOf, beating, getJson, noteStage } from './context.ts';
import type { ActivitySettings, Ports } from './context.ts';
import { finishedJob, jobName, untilEnded } from './job.ts';
import { under } from './paths.ts';
import { pullPlacement } from './placement.ts';
import type { Work } from './ports/data-store.ts';
import type { EvidenceStore } from './ports/evidence-store.ts';
import { PortFailure } from './ports/port-failure.ts';
import type { TrainingJob } from './ports/training-backend.ts';

/** What the history says of a pull. */
export interface PulledData {
  readonly queryDigest?: string;
  readonly days: number;
}

/** What the dataset's manifest says of it (DA6). */
export interface PullRecord {
  /** SHA-256 of the SQL; or of the command, its image and the files of the policy's folder that the command names. */
  readonly queryDigest: string;
  readonly span: Span;
  readonly days: number;
  readonly sources: readonly DataSource[];
}

const NODE = 'pull';
/** A timer of more counts as one of 1 ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const DAY_MS = 86_400_000;

export function createPull(
  ports: Pick<Ports, 'data' | 'evidence' | 'training'>,
  settings: Pick<ActivitySettings, 'checkpoints'>,
) {
  return {
    /** Runs the policy's query or program, if it has one, so that the day partitions up to as-of exist. */
    async pullData(input: { readonly context: RunContext }): Promise<PulledData> {
      const { context } = input;
      const applied = await appliedOf(ports.evidence, context);
      const { pull } = applied.policy.spec.data;
      if (pull === undefined) return { days: 0 };
      const record = await beating(async (work) => {
        const late = AbortSignal.timeout(Math.min(pull.deadline, LONGEST_TIMER_MS));
        const bounded = { ...work, signal: AbortSignal.any([work.signal, late]) };
        const given = { applied, context, span: spanOf(applied, context) };
        const pulled = pull.command === undefined ? byQuery(ports, given, bounded) : byProgram(given, bounded);
        return await pulled.catch((error: unknown) => {
          throw late.aborted && !work.signal.aborted ? tooLate(pull.deadline, error) : error;
        });
      });
      await noteStage(ports.evidence, context, NODE, record);
      return { queryDigest: record.queryDigest, days: record.days };
    },
  };

  async function byProgram(given: Given, work: Work): Promise<PullRecord> {
    const job = await jobOf(given, settings);
    const queryDigest = await programDigest(given.applied);
    await ports.training.submit(job);
    try {
      await untilEnded(ports.training, job.name, 'the program of data.pull runs', work);
      const { output, result } = await finishedJob(ports, job.name);
      if (result.mode !== 'pull')
        throw new PortFailure('trainer-contradiction', `result.json says mode ${result.mode}; expected pull`);
      const days = await takeOver(ports, given, { output, result }, work);
      return { queryDigest, span: given.span, days, sources: result.sources };
    } catch (error) {
      throw error instanceof PortFailure ? ofPull(error) : error;
    } finally {
      // What it made lies in the partitions now; what failed must not be adopted by the next try.
      await ports.training.remove(job.name);
    }
  }
}

/** What the pull of a run brought, if its policy has one. */
export async function pullOf(evidence: EvidenceStore, context: RunContext): Promise<PullRecord | undefined> {
  const ref = await evidence.recall(`runs/${context.run}/${NODE}-${context.generation}`);
  return ref && getJson<PullRecord>(evidence, ref);
}

interface Given {
  readonly applied: AppliedPolicy;
  readonly context: RunContext;
  readonly span: Span;
}

/**
 * As far back as training, the holdout and the drift windows look, and one bucket more; from midnight, since a day that is
 * pulled is written anew.
 */
function spanOf({ policy }: AppliedPolicy, { asOf }: RunContext): Span {
  const { dataset, data, drift } = policy.spec;
  const reach = Math.max(dataset.train + dataset.holdout + data.labels.maturity, drift.window * drift.persistence.of);
  const from = Math.floor((Date.parse(asOf) - reach - drift.bucket) / DAY_MS) * DAY_MS;
  return { from: new Date(from).toISOString(), until: asOf };
}

/** The folder above the day partitions of a path. */
function rootOf(context: RunContext, path: string): string {
  return under(context.folder, path.split('/day=')[0] ?? '.');
}

async function byQuery(ports: Pick<Ports, 'data'>, { applied, context, span }: Given, work: Work): Promise<PullRecord> {
  const { observations } = applied.policy.spec.data;
  const { queryDigest, files, sources } = await ports.data.pull(
    {
      sql: applied.pullSql ?? '',
      asOf: context.asOf,
      span,
      folder: context.folder,
      into: rootOf(context, observations.path),
      time: observations.time,
    },
    work,
  );
  return { queryDigest, span, days: files.length, sources };
}

async function jobOf(
  { applied, context, span }: Given,
  settings: Pick<ActivitySettings, 'checkpoints'>,
): Promise<TrainingJob> {
  const { data, training } = applied.policy.spec;
  const { id, label, availableAt } = data.labels;
  const name = jobName(context, NODE);
  const placement = pullPlacement(applied.policy, context.run);
  return {
    name,
    command: data.pull?.command ?? [],
    folder: context.folder,
    spec: {
      schemaVersion: 1,
      mode: 'pull',
      model: context.model,
      run: name,
      asOf: context.asOf,
      params: {},
      seed: training.seed,
      columns: {
        id: data.observations.id,
        time: data.observations.time,
        label,
        features: (data.features ?? []).map((feature) => feature.name),
        slices: [...data.slices],
      },
      span,
      labels: { id, label, availableAt },
      files: [],
    },
    environment: {},
    checkpoints: `${settings.checkpoints}/${digestOf([name]).slice(0, 24)}`,
    deadlineMs: data.pull?.deadline ?? training.deadline,
    graceMs: training.grace,
    retries: training.retries,
    ...(placement ? { placement } : {}),
  };
}

/** The program's own text counts, where the command names it as a file of the policy's folder. */
async function programDigest({ policy, folder }: AppliedPolicy): Promise<string> {
  const { command = [], image } = policy.spec.data.pull ?? {};
  const files: { name: string; sha256: string }[] = [];
  for (const name of command) {
    const path = under(folder, name);
    const isFile = await stat(path).then(
      (found) => found.isFile(),
      () => false,
    );
    if (isFile) files.push({ name, sha256: await fileDigest(path) });
  }
  return digestOf({ command, image, files });
}

async function takeOver(
  ports: Pick<Ports, 'data'>,
  { applied, context, span }: Given,
  { output, result }: { readonly output: string; readonly result: PulledResult },
  work: Work,
): Promise<number> {
  const { observations, labels } = applied.policy.spec.data;
  const paths = (files: PulledResult['labels']) => files.map(({ path }) => under(output, path));
  const rows = { files: paths(result.observations), into: rootOf(context, observations.path), time: observations.time };
  const days = await ports.data.deliver({ ...rows, as: { observations: span } }, work);
  if (result.labels.length === 0) return days.length;
  const known = { files: paths(result.labels), into: rootOf(context, labels.path), time: labels.availableAt };
  await ports.data.deliver({ ...known, as: { labels: { asOf: context.asOf } } }, work);
  return days.length;
}

/** The backend speaks of a trainer, because it runs nothing else. */
function ofPull(failure: PortFailure): PortFailure {
  const { code, message, details, cause } = failure;
  return new PortFailure(code, `spec.data.pull: ${message}`, { cause: cause ?? failure, details });
}

function tooLate(deadlineMs: number, cause: unknown): PortFailure {
  const message = `spec.data.pull took longer than its deadline of ${deadlineMs / 1000} s and was stopped`;
  return new PortFailure('deadline', message, { cause, details: { field: 'spec.data.pull.deadline' } });
}
