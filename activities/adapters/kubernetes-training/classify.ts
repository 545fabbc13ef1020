import type { V1Job, V1JobCondition, V1Pod } from '@kubernetes/client-node';
import { createProblem, timeOf } from './classify-events.ts';
import { disruptionWords, explainFailedJob, explainPod, failedPods, takenWords } from './classify-ended.ts';
import type { Failure } from './classify-ended.ts';
import { queueWords, readWorkload } from './kueue.ts';
import type { Classified, ClassifyPolicy, JobObservation, JobPast, PodPast } from './observation.ts';
import { UNSEEN, disruptionsWithoutProgress, evictedPods, isEnding, remember } from './observation-past.ts';
import { attemptsOf, disruptionOf, isLive, isoOf, msOf, nameOf, spell } from './observation-pods.ts';
import { podWait } from './waiting.ts';
import type { PodWait } from './waiting.ts';

/** What a Job may do before it is called failed, when nobody says otherwise. */
export const CLASSIFY_DEFAULTS: ClassifyPolicy = {
  unschedulableGraceMs: 15 * 60_000,
  imagePullGraceMs: 3 * 60_000,
  eventsAfterMs: 30_000,
  queueDeadlineMs: 24 * 3600_000,
  evictions: 20,
  suspensions: 10,
  sameStep: 3,
  retries: 2,
};

interface Look {
  readonly observation: JobObservation;
  readonly job: V1Job;
  readonly past: JobPast | undefined;
  readonly policy: ClassifyPolicy;
}

/**
 * What the objects of one Job mean, in one sentence. Pure. Only `Complete` and `Failed` end a Job: the conditions
 * `SuccessCriteriaMet` and `FailureTarget` come while pods still run. Nothing that cannot start is ever `running`.
 */
export function classify(observation: JobObservation, policy: ClassifyPolicy = CLASSIFY_DEFAULTS): Classified {
  const { job } = observation;
  if (job === undefined || failedByLeaving(observation, job)) {
    return { kind: 'vanished', message: explainVanished(observation) };
  }
  const look: Look = { observation, job, past: remember(observation), policy };
  const ended = end(look);
  if (ended !== undefined) return ended;
  const leaving = stopping(look);
  if (leaving !== undefined) return leaving;
  return overBudget(look) ?? queued(look) ?? podless(look) ?? started(look);
}

/** Whether it is time to ask for events: a Job without a pod says why nowhere else. */
export function needsEvents({ job, pods, now }: JobObservation, policy: ClassifyPolicy = CLASSIFY_DEFAULTS): boolean {
  if (job === undefined) return true;
  // One that ends, leaves or is suspended says so itself.
  if (isEnding(job)) return false;
  const since = Math.max(msOf(job.metadata?.creationTimestamp) ?? 0, resumedAt(job));
  return !pods.some(isLive) && now.getTime() - since >= policy.eventsAfterMs;
}

/** A namespace that goes kills the pods first, and their Job calls that a failure. */
function failedByLeaving({ namespaceGone, pods }: JobObservation, job: V1Job): boolean {
  return namespaceGone === true && conditionOf(job, 'Failed') !== undefined && failedPods(pods).length === 0;
}

function explainVanished({ namespaceGone, events, past }: JobObservation): string {
  const known = past === undefined ? '' : ` (uid ${past.jobUid})`;
  const where = namespaceGone === true ? 'its namespace was deleted' : 'somebody deleted it';
  const last = events.toSorted((a, b) => timeOf(a) - timeOf(b)).at(-1);
  const heard =
    last === undefined
      ? 'no event says who'
      : `the last event is ${last.reason ?? 'without a reason'}: ${last.message ?? ''}`;
  return `the job${known} is gone: ${where}, ${heard}`;
}

function conditionOf(job: V1Job, type: string): V1JobCondition | undefined {
  return job.status?.conditions?.find((one) => one.type === type && one.status === 'True');
}

function end({ observation, job }: Look): Classified | undefined {
  const failed = conditionOf(job, 'Failed');
  const attempts = attemptsOf(observation.pods);
  if (failed !== undefined) {
    return { kind: 'failed', ...explainFailedJob(observation, failed), mustRemove: false, attempts };
  }
  const complete = conditionOf(job, 'Complete');
  if (complete === undefined) return undefined;
  const endedAt = isoOf(job.status?.completionTime ?? complete.lastTransitionTime) ?? observation.now.toISOString();
  const startedAt = firstStart(observation) ?? isoOf(job.status?.startTime) ?? endedAt;
  return { kind: 'ended', end: { cause: 'exit', exitCode: 0, attempts, startedAt, endedAt } };
}

function firstStart(observation: JobObservation): string | undefined {
  const starts = Object.values(remember(observation)?.pods ?? {}).flatMap((pod) => pod.startedAt ?? []);
  return starts.toSorted().at(0);
}

/** A Job on its way out is neither running nor ended: its pods have their grace to write a checkpoint. */
function stopping({ job, observation }: Look): Classified | undefined {
  const deleted = job.metadata?.deletionTimestamp;
  // A namespace takes its pods before it takes the Job, which looks alive until then.
  if (deleted !== undefined || observation.namespaceGone === true) {
    const place = observation.namespaceGone === true ? 'with its namespace' : 'by somebody else';
    return waiting(`the job is being deleted ${place}; its pods have their grace to stop`, msOf(deleted), observation);
  }
  const target = conditionOf(job, 'FailureTarget') ?? conditionOf(job, 'SuccessCriteriaMet');
  if (target === undefined) return undefined;
  const why = `the job ends (${target.reason ?? target.type}: ${target.message ?? ''}); its pods have their grace to stop`;
  return waiting(why, msOf(target.lastTransitionTime), observation);
}

function waiting(why: string, since: number | undefined, { now }: JobObservation): Classified {
  return { kind: 'waiting', why, since: new Date(since ?? now.getTime()).toISOString() };
}

function failed(look: Look, failure: Failure): Classified {
  // Last: what a queue says is of a kind of its own.
  return { ...failure, kind: 'failed', mustRemove: true, attempts: attemptsOf(look.observation.pods) };
}

/** Disruptions and suspensions are free of charge, but not without end, and not without progress. */
function overBudget(look: Look): Classified | undefined {
  const { past, policy } = look;
  const evictions = evictedPods(past).length;
  const stuck = disruptionsWithoutProgress(past);
  const last = evictedPods(past).at(-1);
  const told = last === undefined ? '' : `: ${lossWords(last, look.observation)}`;
  if (stuck.count >= policy.sameStep) {
    const at = stuck.step === undefined ? 'without any checkpoint' : `at step ${stuck.step}`;
    return failed(look, {
      code: 'preempted',
      message: `the job was disrupted ${stuck.count} times in a row ${at}: it makes no progress in between${told}`,
    });
  }
  if (evictions > policy.evictions) {
    return failed(look, {
      code: 'preempted',
      message: `the job was disrupted ${evictions} times, more than the ${policy.evictions} allowed${told}`,
    });
  }
  const suspensions = past?.suspensions ?? 0;
  if (suspensions <= policy.suspensions) return undefined;
  const message = `the job was suspended ${suspensions} times, more than the ${policy.suspensions} allowed`;
  return failed(look, { code: 'preempted', message });
}

/** Suspended, by Kueue or by hand. */
function queued(look: Look): Classified | undefined {
  const { observation, job } = look;
  const state = observation.workload === undefined ? undefined : readWorkload(observation.workload);
  if (state?.kind === 'refused') return failed(look, state);
  if (state?.kind === 'waiting') {
    const words = queueWords(observation);
    return unlessTooLate(look, `${state.why}${words === '' ? '' : `, ${words}`}`, msOf(state.since));
  }
  if (job.spec?.suspend !== true) return undefined;
  const at = msOf(conditionOf(job, 'Suspended')?.lastTransitionTime);
  const again = look.past?.suspendedAt === undefined ? '' : ' after it ran';
  return unlessTooLate(look, `the job is suspended${again}: it waits for its queue, or for somebody to resume it`, at);
}

/** The queue deadline counts until a first pod ran; whatever waits later has had its turn. */
function unlessTooLate(look: Look, why: string, since: number | undefined): Classified {
  const { observation, past, policy } = look;
  const waited = observation.now.getTime() - (msOf(past?.createdAt) ?? observation.now.getTime());
  if (waited < policy.queueDeadlineMs || firstStart(observation) !== undefined) return waiting(why, since, observation);
  const message = `the job waited ${spell(waited)} without a running pod, ${spell(policy.queueDeadlineMs)} allowed: ${why}`;
  return failed(look, { code: 'queue-deadline', message });
}

/** No pod lives: between two attempts, or none can be created. */
function podless(look: Look): Classified | undefined {
  const { observation, job } = look;
  const { pods, events } = observation;
  if (pods.some(isLive)) return undefined;
  const newestPod = Math.max(0, ...pods.map((pod) => msOf(pod.metadata?.creationTimestamp) ?? 0));
  const problem = createProblem(events, Math.max(newestPod, resumedAt(job)));
  if (problem?.refused === true) return failed(look, problem);
  if (problem !== undefined) return unlessTooLate(look, problem.message, problem.since);
  return between(look) ?? unlessTooLate(look, 'no pod has been created yet, and no event says why', createdAt(job));
}

function resumedAt(job: V1Job): number {
  const condition = job.status?.conditions?.find((one) => one.type === 'Suspended' && one.status === 'False');
  return msOf(condition?.lastTransitionTime) ?? 0;
}

function createdAt(job: V1Job): number | undefined {
  return msOf(job.metadata?.creationTimestamp);
}

function between(look: Look): Classified | undefined {
  const { observation, policy } = look;
  const failedLast = failedPods(observation.pods).at(-1);
  const taken = evictedPods(look.past).at(-1);
  if (failedLast !== undefined && !isNewer(taken, failedLast)) {
    const cause = explainPod(failedLast);
    if (cause.code === 'evicted-own-limit') return failed(look, cause);
    const attempt = attemptsOf(observation.pods);
    return waiting(`${cause.message}; attempt ${attempt + 1} of ${policy.retries + 1} follows`, undefined, observation);
  }
  if (taken === undefined) return undefined;
  const times = evictedPods(look.past).length;
  const why = `${lossWords(taken, observation)}; another pod follows, free of charge`;
  const slow = times > 1 ? ` (after ${times} disruptions the delay grows, up to 10 min)` : '';
  return waiting(why + slow, msOf(taken.endedAt), observation);
}

/** Whether a pod that was taken away began after this one, which failed by itself. */
function isNewer(taken: PodPast | undefined, pod: V1Pod): boolean {
  return (msOf(taken?.startedAt) ?? 0) > (msOf(pod.metadata?.creationTimestamp) ?? 0);
}

/** The pod itself says why it was taken away, as long as it is there; a replacement may take ten minutes. */
function lossWords(taken: PodPast, { pods, checkpointStep }: JobObservation): string {
  const pod = pods.find((one) => nameOf(one) === taken.name && disruptionOf(one) !== undefined);
  if (pod !== undefined) return disruptionWords(pod, checkpointStep);
  const why = taken.evicted === UNSEEN ? 'it was gone before it could be asked why' : (taken.evicted ?? '');
  return takenWords(taken, why, checkpointStep);
}

/** Live pods: the worst of them speaks for all. */
function started(look: Look): Classified {
  const { observation, job, policy } = look;
  const live = observation.pods.filter(isLive);
  const waits = live.flatMap((pod) => podWait(pod, policy, observation.now) ?? []);
  const hopeless = waits.flatMap((wait) => tooLong(look, wait) ?? []).at(0);
  if (hopeless !== undefined) return hopeless;
  const wanted = job.spec?.parallelism ?? 1;
  const running = live.filter((pod) => pod.status?.phase === 'Running');
  const done = observation.pods.filter((pod) => pod.status?.phase === 'Succeeded').length;
  const missing = waits[0]?.why ?? (running.length + done < wanted ? 'another pod is yet to be created' : undefined);
  if (missing !== undefined) {
    const share = wanted > 1 ? `${running.length} of ${wanted} pods run; ` : '';
    return unlessTooLate(look, `${share}${missing}`, waits[0]?.since);
  }
  return runningOrDone(look, running.length);
}

function tooLong(look: Look, { code, why, since }: PodWait): Classified | undefined {
  if (code === undefined) return undefined;
  // Before a first pod ran, the deadline that the policy names is the better word for it.
  const late = code === 'unschedulable' ? unlessTooLate(look, why, since) : undefined;
  return late?.kind === 'failed' ? late : failed(look, { code, message: why });
}

function runningOrDone({ observation, job, past }: Look, running: number): Classified {
  if (running === 0) return waiting('the pods have ended, the job has yet to say so', undefined, observation);
  const startedAt = firstStart(observation) ?? isoOf(job.status?.startTime) ?? observation.now.toISOString();
  const evictions = evictedPods(past).length;
  return { kind: 'running', startedAt, attempt: attemptsOf(observation.pods), evictions };
}
