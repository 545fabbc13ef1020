import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { canonicalJson } from '../scorecards/canonical-json.ts';
import type { PriceList } from '../scorecards/cost/price.ts';
import type { RunContext } from '../scorecards/run.ts';
import type { AppliedPolicy } from '../scorecards/trigger.ts';
import { STAGES } from '../scorecards/vocabulary.ts';
import type { EvidenceRef, Stage } from '../scorecards/vocabulary.ts';
import { digestOf } from './artifact.ts';
import type { DataStore, Work } from './ports/data-store.ts';
import type { EvidenceStore } from './ports/evidence-store.ts';
import type { ChooseGateway } from './ports/gateway.ts';
import type { LoadGenerator } from './ports/load-generator.ts';
import type { MetricsQuery } from './ports/metrics-query.ts';
import type { ModelRegistry } from './ports/model-registry.ts';
import type { Notifier } from './ports/notifier.ts';
import type { Preflight } from './ports/preflight.ts';
import type { Serving } from './ports/serving.ts';
import type { TrainingBackend } from './ports/training-backend.ts';

/** Everything a run needs of the world, one adapter each. */
export interface Ports {
  readonly data: DataStore;
  readonly training: TrainingBackend;
  readonly registry: ModelRegistry;
  readonly serving: Serving;
  readonly gateway: ChooseGateway;
  readonly load: LoadGenerator;
  readonly evidence: EvidenceStore;
  readonly notifier: Notifier;
  /** Absent where the worker knows no Prometheus. */
  readonly metrics?: MetricsQuery;
  /** Absent where nothing outside of the worker's own machine is used. */
  readonly preflight?: Preflight;
}

/** What belongs to whoever runs the worker. */
export interface ActivitySettings {
  /** Absolute directories for snapshots and checkpoints. */
  readonly datasets: string;
  readonly checkpoints: string;
  /** Members of `group:NAME`. */
  readonly groups: Readonly<Record<string, readonly string[]>>;
  readonly trust: 'namespace' | 'signed';
  /** URL templates with `{model}` and `{run}`, shown in run sheets. */
  readonly links: Readonly<Record<string, string>>;
  readonly maxLoad: { readonly rate: number; readonly forMs: number };
  /** What an hour of machine costs; absent: no run has a price. */
  readonly prices?: PriceList;
  /** Whether this worker runs tests of teams whose trainers run on the cluster; absent: it does not. */
  readonly testCommands?: boolean;
  /** Bytes of memory that a training on the cluster may be given after it ran out of it; absent: none. */
  readonly memorySteps?: readonly number[];
}

export async function putJson(evidence: EvidenceStore, value: unknown): Promise<EvidenceRef> {
  return evidence.put(canonicalJson(value), 'application/json');
}

/** What was stored by `putJson`. The type is the writer's: evidence is immutable and verified by digest. */
export async function getJson<T>(evidence: EvidenceStore, ref: EvidenceRef): Promise<T> {
  return JSON.parse(new TextDecoder().decode(await evidence.get(ref))) as T;
}

export async function appliedOf(evidence: EvidenceStore, context: RunContext): Promise<AppliedPolicy> {
  return getJson<AppliedPolicy>(evidence, context.applied);
}

/** Keeps a stage's result with the run, so that reports need no workflow history. */
export async function noteStage(
  evidence: EvidenceStore,
  context: RunContext,
  name: string,
  result: unknown,
): Promise<void> {
  await evidence.remember(`runs/${context.run}/${name}-${context.generation}`, await putJson(evidence, result));
}

/**
 * Work that is named by its inputs. A retry of a run from a later stage finds the finished value under the same name and
 * does nothing; otherwise the work is done and its value remembered.
 */
export async function reusable<T>(ports: Pick<Ports, 'evidence'>, node: Node, work: () => Promise<T>): Promise<T> {
  if (isReused(node)) {
    const known = await knownOf<T>(ports, node);
    if (known !== undefined) return known;
  }
  const value = await work();
  await ports.evidence.remember(nodeKey(node), await putJson(ports.evidence, value));
  return value;
}

/** Names a piece of work by what goes into it. */
export interface Node {
  readonly context: RunContext;
  readonly stage: Stage;
  readonly step: string;
  readonly codeVersion: number;
  readonly inputs: unknown;
}

const nodeKey = ({ codeVersion, context, inputs, stage, step }: Node) =>
  `nodes/${digestOf({ model: context.model, stage, step, codeVersion, inputs })}`;

/** What the work came to when it was done before; undefined when it never was. */
export async function knownOf<T>({ evidence }: Pick<Ports, 'evidence'>, node: Node): Promise<T | undefined> {
  const known = await evidence.recall(nodeKey(node));
  return known && getJson<T>(evidence, known);
}

/** Whether the run takes over what was done before. */
export const isReused = ({ context, stage }: Node): boolean => isBefore(stage, context.reuseBefore);

function isBefore(stage: Stage, from: Stage | undefined): boolean {
  return from !== undefined && STAGES.indexOf(stage) < STAGES.indexOf(from);
}

/** Heartbeats about every two seconds while `work` goes on, whatever it is doing, with its latest progress. */
export async function beating<T>(run: (work: Work) => Promise<T>): Promise<T> {
  const context = activityContext();
  if (!context) return run({ signal: new AbortController().signal, progress: () => undefined });
  let latest: unknown = { step: 'starting' };
  const timer = setInterval(() => context.heartbeat(latest), 2000);
  const progress = (step: string, done: number, of: number) => {
    latest = { step, done, of };
  };
  try {
    return await run({ signal: context.cancellationSignal, progress });
  } finally {
    clearInterval(timer);
  }
}

/** The same activities, each with the heartbeat of a living worker: a slow dependency is not taken for a dead one. */
export function allBeating<A extends object>(activities: A): A {
  const beaten = Object.entries(activities).map(([name, activity]: [string, (input: unknown) => Promise<unknown>]) => [
    name,
    async (input: unknown) => beating(async () => activity(input)),
  ]);
  return Object.fromEntries(beaten) as A;
}

/** Offline commands call activities outside Temporal: there is no context then. */
function activityContext(): Context | undefined {
  try {
    return Context.current();
  } catch {
    return undefined;
  }
}

const MAX_PAYLOAD = 64 * 1024;

/** Refuses results that would bloat the history; big things are evidence. */
export function small<T>(activity: string, value: T): T {
  const bytes = Buffer.byteLength(JSON.stringify(value ?? null));
  if (bytes <= MAX_PAYLOAD) return value;
  throw ApplicationFailure.nonRetryable(
    `${activity} answered ${bytes} bytes, at most ${MAX_PAYLOAD} are allowed in history`,
    'PayloadTooLarge',
  );
}
