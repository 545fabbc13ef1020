import { setTimeout as pause } from 'node:timers/promises';
import type { V1Pod } from '@kubernetes/client-node';
import { PortFailure } from '../../ports/port-failure.ts';
import type { JobState, TrainingBackend } from '../../ports/training-backend.ts';
import { judgeEnd } from '../../trainer-outcome.ts';
import { unless } from '../kubernetes/anchor.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { classify } from './classify.ts';
import { classifyPolicyOf } from './classify-policy.ts';
import { computeUse } from './compute-use.ts';
import { exchangeFolder } from './exchange-folder.ts';
import type { ExchangeFolder, ExchangeJob } from './exchange-folder.ts';
import { createJobLooks } from './job-looks.ts';
import { CONTAINERS } from './pod-template-containers.ts';
import type { PlatformTemplate } from './manifest-platform.ts';
import type { Classified, ClassifyPolicy, JobObservation } from './observation.ts';
import { disruptionsWithoutProgress, failedAttempts } from './observation-past.ts';
import { createNodeLook } from './node-look.ts';
import { observe } from './observe.ts';
import type { Sources } from './observe.ts';
import { createQueueLook } from './queue-look.ts';
import { removeJob } from './remove.ts';
import { submit } from './submit.ts';
import { paceOf, untilNews } from './until-news.ts';

export interface KubernetesTrainingOptions {
  readonly client: KubernetesClient;
  readonly platform: PlatformTemplate;
  /** The folder of the exchange that pods speak to (`createExchange`); all workers must share it. */
  readonly root: string;
  /** The secret of the exchange. */
  readonly secret: string;
  readonly policy?: Partial<ClassifyPolicy>;
  /** How long an ended Job's upload may be under way; default 15 s. */
  readonly uploadMs?: number;
  /** How long a Job of the same name that is being deleted is waited for at submit; default 30 s. */
  readonly leavingMs?: number;
  /** How long a removal may take beyond the grace of the pods; default 60 s. */
  readonly removalMs?: number;
  /** Least time between two looks at a Job whose trainer has handed in nothing; up to half as long again. Default 10 s, and three times that for one that has run for long. */
  readonly pollMs?: number;
}

const LOOK_EVERY_MS = 250;
const POLL_MS = 10_000;
const LOG_LINES = 200;

/**
 * Runs trainers as Jobs of Kubernetes. Everything that a Job needs is found by its name: the Job itself, the anchor that
 * owns it, and its folder in the exchange; a worker may die and another one goes on.
 */
export function createKubernetesTraining(options: KubernetesTrainingOptions): TrainingBackend {
  const folderOf = (name: string): ExchangeFolder => exchangeFolder(options.root, checkName(name));
  const queue = createQueueLook(options.client);
  const looks = createJobLooks(options.client);
  const nodesOf = createNodeLook(options.client);
  return {
    submit: async (job) => {
      await submit(options, folderOf(job.name), job);
    },
    inspect: async (name) => await inspect({ ...options, queue, looks, nodesOf }, folderOf(name), name),
    untilNews: async (name, signal) => {
      await untilNews(folderOf(name), (options.pollMs ?? POLL_MS) * paceOf(looks.steady(name)), signal);
    },
    remove: async (name) => {
      await removeJob(options, { folder: folderOf(name), name, looks });
      looks.forget(name);
    },
  };
}

type Inspecting = KubernetesTrainingOptions & Sources;

async function inspect(options: Inspecting, folder: ExchangeFolder, name: string): Promise<JobState> {
  const job = await folder.job();
  if (!job) return { state: 'vanished' };
  const policy = classifyPolicyOf(job, options.policy);
  const observation = await observe(options, folder, { name, job, policy });
  const seen = classify(observation, policy);
  switch (seen.kind) {
    case 'waiting':
      return withUse({ state: 'waiting', why: seen.why }, job, observation);
    case 'running': {
      const progress = await folder.progress();
      const { startedAt, attempt } = seen;
      return withUse({ state: 'running', startedAt, attempt, ...(progress ? { progress } : {}) }, job, observation);
    }
    case 'ended':
      await untilHandedIn(folder, options.uploadMs ?? 15_000);
      return withUse(await judge(seen, { options, folder, job, observation }), job, observation);
    case 'failed':
      return withUse(await explain(seen, { options, folder, job, observation }), job, observation);
    case 'vanished':
      return withUse(await lastWord(folder, job, seen.message), job, observation);
  }
}

interface Ended {
  readonly options: KubernetesTrainingOptions;
  readonly folder: ExchangeFolder;
  readonly job: ExchangeJob;
  readonly observation: JobObservation;
}

async function judge({ end }: Extract<Classified, { kind: 'ended' }>, ended: Ended): Promise<JobState> {
  const logTail = await logOf(ended);
  if (await ended.folder.isCommitted()) return await judgeEnd({ ...end, logTail }, ended.job, ended.folder.output);
  const { graceSeconds } = ended.options.platform;
  const message =
    `the trainer ended well, but nothing that it made arrived: the exchange could not be reached within the ` +
    `${graceSeconds} s that its pod had to hand in`;
  return { state: 'failed', code: 'trainer-dependency', message, attempts: end.attempts, logTail };
}

/** A trainer that handed in a result and still failed contradicts itself; every other failure is what the Job says. */
async function explain(seen: Extract<Classified, { kind: 'failed' }>, ended: Ended): Promise<JobState> {
  const { code, message, exitCode, attempts } = seen;
  const logTail = await logOf(ended);
  const now = ended.observation.now.toISOString();
  if (exitCode !== undefined && exitCode > 0 && exitCode < 128) {
    const end = { cause: 'exit' as const, exitCode, attempts, startedAt: now, endedAt: now, logTail };
    const judged = await judgeEnd(end, ended.job, ended.folder.output);
    if (judged.state === 'failed' && judged.code === 'trainer-contradiction') return judged;
  }
  return { state: 'failed', code, message, ...(exitCode === undefined ? {} : { exitCode }), attempts, logTail };
}

/** Somebody removed the Job. A result that was handed in before and proves itself still counts. */
async function lastWord(folder: ExchangeFolder, job: ExchangeJob, why: string): Promise<JobState> {
  if (!(await folder.isCommitted())) return { state: 'vanished', why };
  const past = await folder.past();
  const endedAt = new Date().toISOString();
  const pods = Object.values(past?.pods ?? {});
  const startedAt = pods.map((pod) => pod.startedAt).find((at) => at !== undefined) ?? past?.createdAt ?? endedAt;
  const end = { cause: 'exit' as const, exitCode: 0, attempts: Math.max(pods.length, 1), startedAt, endedAt };
  const judged = await judgeEnd({ ...end, logTail: '' }, job, folder.output);
  return judged.state === 'succeeded' ? judged : { state: 'vanished', why };
}

/** The courier hands in before its pod ends; only its last answer may still be on the way. */
async function untilHandedIn(folder: ExchangeFolder, waitMs: number): Promise<void> {
  const giveUpAt = Date.now() + waitMs;
  while (!(await folder.isCommitted()) && Date.now() < giveUpAt) await pause(LOOK_EVERY_MS);
}

/** Of the newest pod; what cannot be read any more is empty, never an error. */
async function logOf({ options, observation }: Ended): Promise<string> {
  const time = (pod: V1Pod): number => pod.metadata?.creationTimestamp?.getTime() ?? 0;
  const newest = observation.pods.toSorted((a, b) => time(b) - time(a))[0]?.metadata?.name;
  if (newest === undefined) return '';
  const failed = (error: unknown): boolean => error instanceof PortFailure;
  const read = async (): Promise<string> => await options.client.readLog(newest, CONTAINERS.trainer, LOG_LINES);
  return (await unless(failed, read)) ?? '';
}

/** With what the Job has used and, when it ended without a model, how far it had come. */
function withUse(state: JobState, job: ExchangeJob, observation: JobObservation): JobState {
  const { accelerators } = job;
  const asked = { backend: 'kubernetes', ...(accelerators === undefined ? {} : { accelerators }) };
  const compute = computeUse(observation, asked);
  const used = compute === undefined ? state : { ...state, compute };
  if (used.state !== 'failed' && used.state !== 'vanished') return used;
  const { checkpointStep: step, past } = observation;
  const stuck = disruptionsWithoutProgress(past).count;
  const failures = failedAttempts(past);
  return { ...used, failures, checkpoint: { stuck, ...(step === undefined ? {} : { step }) } };
}

function checkName(name: string): string {
  if (/^[a-z0-9-]{1,52}$/.test(name)) return name;
  throw new PortFailure(
    'bad-request',
    `"${name}" is no name of a job; expected at most 52 characters of a-z, 0-9 and -`,
  );
}
