import { decideBudget } from '../scorecards/cost/budget.ts';
import { hours, priceOf } from '../scorecards/cost/price.ts';
import type { Cost, PriceList, Priced, Requested, Usage } from '../scorecards/cost/price.ts';
import { LAST_RUNS, project } from '../scorecards/cost/projection.ts';
import type { Policy } from '../scorecards/policy/schema.ts';
import type { RunContext } from '../scorecards/run.ts';
import type { AttemptsSpent } from '../scorecards/training-attempts.ts';
import type { TriggerKind } from '../scorecards/vocabulary.ts';
import { digestOf } from './artifact.ts';
import { appliedOf, getJson, putJson } from './context.ts';
import type { ActivitySettings, Ports } from './context.ts';
import { openedOf } from './opening.ts';
import { PortFailure } from './ports/port-failure.ts';
import type { ComputeUse, JobState } from './ports/training-backend.ts';
import type { Telemetry } from './telemetry.ts';

/** One Job in the books, whether it left a model or not. Kept as evidence under `costs/MODEL/BEGIN-JOB`. */
export interface Booking {
  readonly run: string;
  readonly job: string;
  readonly requested: Requested;
  readonly usage: Usage;
  readonly finished: boolean;
  /** At the prices of that day; absent when they were incomplete. */
  readonly cost?: Cost;
}

type Evidence = Pick<Ports, 'evidence'>;
type Prices = Pick<ActivitySettings, 'prices'>;

/** Triggers that a person makes: each is a person's answer when a budget asks. */
const BY_A_PERSON: readonly TriggerKind[] = ['manual', 'bootstrap', 'retry'];

/**
 * Holds the Job that is about to begin against the policy's budgets, together with what earlier Jobs of the same run have
 * used. Throws `budget-exceeded` with the numbers, before the Job exists. A policy without budgets is not looked at.
 */
export async function checkBudget(
  ports: Evidence,
  settings: Prices,
  context: RunContext,
  spent?: AttemptsSpent,
): Promise<void> {
  const { policy } = await appliedOf(ports.evidence, context);
  const { budget: money, training } = policy.spec;
  if (money === undefined && training.budget === undefined) return;
  const { receivedAt, trigger } = await begunBy(ports, context);
  const month = receivedAt.slice(0, 'yyyy-mm'.length);
  const booked = await ports.evidence.keys(`costs/${context.model}/`);
  const past = await read(ports, booked.slice(-READ_BACK));
  const ofMonth = await read(
    ports,
    booked.filter((key) => key.startsWith(`costs/${context.model}/${month}-`)),
  );
  const ofRun = ofMonth.filter(({ run }) => run === context.run);
  const planned = { requested: requestedBy(policy, spent), deadlineSeconds: training.deadline / 1000 };
  const { decision, sentence } = decideBudget(
    { over: 'refuse', ...money, ...training.budget },
    project(past, planned, settings.prices),
    {
      month,
      cost: sumOf(ofMonth, settings.prices),
      ofRun: { gpuHours: hours(gpuSecondsOf(ofRun)), cost: sumOf(ofRun, settings.prices), jobs: ofRun.length },
    },
  );
  if (decision === 'allowed' || (decision === 'ask' && BY_A_PERSON.includes(trigger.kind))) return;
  const asks = decision === 'ask' ? '; a person may start it all the same' : '';
  throw new PortFailure('budget-exceeded', `${context.model} would be too expensive: ${sentence}${asks}`);
}

/** Far enough back to find the last finished runs between broken ones. */
const READ_BACK = 4 * LAST_RUNS;

/** A Job that is to be booked. `spent` says which kind of accelerator and how much memory it had. */
export interface JobUsed {
  readonly context: RunContext;
  readonly job: string;
  readonly spent?: AttemptsSpent;
  readonly usage: Usage;
  readonly finished: boolean;
}

/** Books what a Job used and counts it, once: whoever comes later finds it booked. */
export async function bookTraining(
  ports: Evidence,
  settings: Prices,
  telemetry: Pick<Telemetry, 'trainingBooked'>,
  { context, job, spent, usage, finished }: JobUsed,
): Promise<void> {
  const key = await bookingKey(ports, context, job);
  if (await ports.evidence.recall(key)) return;
  const { policy } = await appliedOf(ports.evidence, context);
  const requested = requestedBy(policy, spent);
  const priced = priceOf(usage, requested, settings.prices);
  const booking: Booking = {
    run: context.run,
    job,
    requested,
    usage,
    finished,
    ...('cost' in priced ? { cost: priced.cost } : {}),
  };
  await ports.evidence.remember(key, await putJson(ports.evidence, booking));
  const { model } = context;
  const team = policy.metadata.team ?? 'none';
  const { runSeconds, gpuSeconds } = usage;
  const cost = 'cost' in priced ? { cost: priced.cost } : {};
  telemetry.trainingBooked({ model, team, runSeconds, gpuSeconds, ...cost });
}

/** Whether a Job of this run is booked already. */
export async function isBooked(ports: Evidence, context: RunContext, job: string): Promise<boolean> {
  return (await ports.evidence.recall(await bookingKey(ports, context, job))) !== undefined;
}

/** What was booked for a Job of this run; nothing when nothing was. */
export async function bookingOf(ports: Evidence, context: RunContext, job: string): Promise<Booking | undefined> {
  const ref = await ports.evidence.recall(await bookingKey(ports, context, job));
  return ref && getJson<Booking>(ports.evidence, ref);
}

async function bookingKey(ports: Evidence, context: RunContext, job: string): Promise<string> {
  const { receivedAt } = await begunBy(ports, context);
  return `costs/${context.model}/${receivedAt}-${digestOf([context.run, context.generation, job]).slice(0, 12)}`;
}

/** What a job used, as it is priced: measured by its backend, or reckoned from its start while it runs. */
export function usageOf(state: JobState, requested: Requested, nowMs: number): Usage | undefined {
  if (state.compute !== undefined) return measured(state.compute);
  if (state.state !== 'running') return undefined;
  const runSeconds = Math.max(0, nowMs - Date.parse(state.startedAt)) / 1000;
  return { runSeconds, gpuSeconds: runSeconds * requested.gpus };
}

/** The part of a backend's measurement that has a price. */
export function measured({ runSeconds, gpuSeconds, gpuModel }: ComputeUse): Usage {
  return { runSeconds, gpuSeconds, ...(gpuModel === undefined ? {} : { gpuModel }) };
}

/** What a policy asks for over all pods. Of several kinds of accelerators the one at hand, before that the one with the most. */
export function requestedBy(policy: Policy, spent?: Pick<AttemptsSpent, 'gpuKind' | 'memory'>): Requested {
  const { backend, nodes, resources } = policy.spec.training;
  const { cpu, gpu } = resources;
  const memory = spent?.memory ?? resources.memory;
  const kinds = typeof gpu === 'number' ? [{ resource: 'nvidia.com/gpu', count: gpu }] : gpu.anyOf;
  const most = kinds[spent?.gpuKind ?? -1] ?? kinds.toSorted((one, other) => other.count - one.count)[0];
  // A process takes the accelerators that it finds: nobody assigns or counts them.
  const gpus = backend === 'process' ? 0 : (most?.count ?? 0) * nodes;
  return {
    cpuCores: cpu * nodes,
    memoryBytes: memory * nodes,
    gpus,
    ...(gpus > 0 && most ? { gpuResource: most.resource } : {}),
  };
}

function gpuSecondsOf(bookings: readonly Booking[]): number {
  return bookings.reduce((sum, { usage }) => sum + usage.gpuSeconds, 0);
}

async function read(ports: Evidence, keys: readonly string[]): Promise<Booking[]> {
  const refs = await Promise.all(keys.map(async (key) => ports.evidence.recall(key)));
  return Promise.all(refs.filter((ref) => ref !== undefined).map(async (ref) => getJson<Booking>(ports.evidence, ref)));
}

/** As recorded; what had no price then, or one in another currency, at today's. */
function sumOf(bookings: readonly Booking[], prices: PriceList | undefined): Priced {
  if (prices === undefined) return { unpriced: 'the operator’s settings have no prices' };
  let amount = 0;
  for (const { cost, usage, requested } of bookings) {
    const priced: Priced = cost?.currency === prices.currency ? { cost } : priceOf(usage, requested, prices);
    if ('unpriced' in priced) return priced;
    amount += priced.cost.amount;
  }
  return { cost: { amount, currency: prices.currency } };
}

/** How the run began, with its time in one form: it is part of a key. */
async function begunBy(ports: Evidence, { run }: RunContext) {
  const opened = await openedOf(ports, run);
  if (!opened) throw new PortFailure('evidence-corrupt', `there is no record of how ${run} began`);
  return { ...opened, receivedAt: new Date(opened.receivedAt).toISOString() };
}
