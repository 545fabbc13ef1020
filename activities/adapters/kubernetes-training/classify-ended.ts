import type { V1JobCondition, V1Pod } from '@kubernetes/client-node';
import { lastLine } from '../../last-line.ts';
import { meaningOfExit } from '../../trainer-outcome.ts';
import type { PortFailureCode } from '../../ports/port-failure.ts';
import { runningSeconds } from './compute-use.ts';
import type { JobObservation, PodPast } from './observation.ts';
import { remember } from './observation-past.ts';
import { attemptsOf, disruptionOf, failedByItself, failureOf, known, msOf, nameOf, spell } from './observation-pods.ts';

export interface Failure {
  readonly code: PortFailureCode;
  readonly message: string;
  readonly exitCode?: number;
}

/** Why a Job failed whose condition `Failed` is there. The condition names the rule; the pods name the cause. */
export function explainFailedJob(observation: JobObservation, condition: V1JobCondition): Failure {
  if (condition.reason === 'DeadlineExceeded') return explainDeadline(observation, condition);
  const failed = failedPods(observation.pods);
  const named = failed.find((pod) => new RegExp(`/${nameOf(pod)}\\b`).test(condition.message ?? ''));
  const decisive = named ?? failed.at(-1);
  const rule = `${condition.reason ?? 'Failed'}: ${condition.message ?? 'no message'}`;
  if (decisive === undefined) return explainWithoutPod(observation, rule);
  const failure = explainPod(decisive);
  const attempts = failed.length > 1 ? ` · ${summary(failed)}` : '';
  return { ...failure, message: `${failure.message} · ${rule}${attempts}` };
}

/** Pods that failed by themselves, oldest first. `status.failed` counts others too and is never read. */
export function failedPods(pods: readonly V1Pod[]): readonly V1Pod[] {
  return pods.filter(failedByItself).toSorted((a, b) => endOf(a) - endOf(b));
}

function endOf(pod: V1Pod): number {
  return msOf(failureOf(pod)?.ended.finishedAt) ?? msOf(pod.metadata?.creationTimestamp) ?? 0;
}

/** What one failed pod says of itself, in one sentence. */
export function explainPod(pod: V1Pod): Failure {
  const { reason, message = '' } = pod.status ?? {};
  const node = pod.spec?.nodeName ?? 'an unknown node';
  if (reason === 'Evicted') {
    return { code: 'evicted-own-limit', message: `${nameOf(pod)} was evicted over its own limit: ${message.trim()}` };
  }
  if (reason === 'UnexpectedAdmissionError') {
    return { code: 'node-device', message: `node ${node} refused ${nameOf(pod)}: ${message}` };
  }
  const found = failureOf(pod);
  if (found === undefined) {
    const why = message === '' ? (reason ?? 'no reason is given') : message;
    return { code: 'trainer-error', message: `${nameOf(pod)} on node ${node} failed: ${why}` };
  }
  const who = found.container === 'trainer' ? 'the trainer' : `container ${found.container}`;
  return explainExit(pod, who, found);
}

/** The termination message is, with `FallbackToLogsOnError`, the end of the log: the rest of it is in the log's tail. */
function explainExit(
  pod: V1Pod,
  who: string,
  { container, ended }: NonNullable<ReturnType<typeof failureOf>>,
): Failure {
  const { exitCode, message } = ended;
  const said = after(lastLine(message));
  if (ended.reason === 'OOMKilled' || exitCode === 137) {
    const limit = pod.spec?.containers.find((one) => one.name === container)?.resources?.limits?.['memory'];
    const how = ended.reason === 'OOMKilled' ? 'ran out of memory' : 'was killed (137), memory is the usual cause';
    return { code: 'out-of-memory', exitCode, message: `${who} ${how}: limit ${limit ?? 'none'}${said}` };
  }
  if (ended.reason === 'StartError' || ended.reason === 'ContainerCannotRun') {
    // Not a log: the runtime says in one long line which program it did not find.
    return { code: 'command-not-found', exitCode, message: `${who} could not be started${after(message)}` };
  }
  if (exitCode === 143) {
    return { code: 'trainer-killed', exitCode, message: `${who} was told to stop (143) and did${said}` };
  }
  const { code, means } = meaningOfExit(exitCode);
  return { code, exitCode, message: `${who} ended with exit code ${exitCode} (${means})${said}` };
}

function after(words = ''): string {
  return words.trim() === '' ? '' : `: ${words.trim()}`;
}

function summary(failed: readonly V1Pod[]): string {
  const attempts = failed.map((pod, index) => {
    const found = failureOf(pod);
    const how = found === undefined ? (pod.status?.reason ?? 'failed') : `exit code ${found.ended.exitCode}`;
    return `attempt ${index + 1}: ${how}`;
  });
  return attempts.join(', ');
}

/**
 * The pods are gone (somebody cleaned up, or only disruptions ended them): the rule's own words must do. A pod that ran
 * out of memory would still be there; one that is deleted and does not leave in its grace is killed with the same 137.
 */
function explainWithoutPod({ pods }: JobObservation, rule: string): Failure {
  const exit = /failed with exit code (\d+)/.exec(rule)?.[1];
  if (exit !== undefined) {
    const exitCode = Number(exit);
    if (exitCode !== 137) return { code: meaningOfExit(exitCode).code, exitCode, message: `the job failed · ${rule}` };
    const message = `its pod was deleted, and the trainer did not leave within its grace · ${rule}`;
    return { code: 'trainer-killed', exitCode, message };
  }
  const disrupted = pods.find((pod) => disruptionOf(pod) !== undefined);
  if (disrupted === undefined) return { code: 'trainer-error', message: `the job failed · ${rule}` };
  return { code: 'preempted', message: `${disruptionWords(disrupted, undefined)} · ${rule}` };
}

/** `us-a-0-x was taken off node gpu-3 (PreemptionByScheduler: …), newest checkpoint at step 1200`. */
export function disruptionWords(pod: V1Pod, step: number | undefined): string {
  const { reason = '', message = '' } = disruptionOf(pod) ?? {};
  return takenWords({ name: nameOf(pod), ...known({ node: pod.spec?.nodeName }) }, `${reason}: ${message}`, step);
}

/** The same of a pod that is only remembered. */
export function takenWords({ name, node }: Pick<PodPast, 'name' | 'node'>, why: string, step?: number): string {
  const checkpoint = step === undefined ? 'no checkpoint is known' : `newest checkpoint at step ${step}`;
  return `${name} was taken off node ${node ?? 'unknown'} (${why}), ${checkpoint}`;
}

/**
 * Kubernetes measures the deadline in wall time since `startTime`, suspensions included (measured on 1.34), so the
 * sentence says what was running and what was not.
 */
function explainDeadline(observation: JobObservation, condition: V1JobCondition): Failure {
  const { job } = observation;
  const end = msOf(condition.lastTransitionTime) ?? observation.now.getTime();
  const elapsed = end - (msOf(job?.status?.startTime) ?? end);
  const suspended = suspendedMs(observation, end);
  const limit = (job?.spec?.activeDeadlineSeconds ?? 0) * 1000;
  const attempts = attemptsOf(observation.pods);
  const trap =
    suspended > 0 && elapsed - suspended < limit
      ? '; Kubernetes counts suspension as running: extend activeDeadlineSeconds before a resume'
      : '';
  return {
    code: 'deadline',
    message:
      `the job was stopped at its deadline: limit ${spell(limit)}, ${spell(elapsed)} elapsed, of which ` +
      `${spell(suspended)} suspended${runningWords(observation, end)}, attempt ${attempts}${trap}`,
  };
}

function runningWords(observation: JobObservation, end: number): string {
  const ran = Object.values(remember(observation)?.pods ?? {}).map((pod) => runningSeconds(pod, new Date(end)));
  return ran.length === 0 ? '' : `, ${spell(Math.max(...ran) * 1000)} running in its longest pod`;
}

function suspendedMs(observation: JobObservation, end: number): number {
  const past = remember(observation);
  const open = msOf(past?.suspendedAt);
  return (past?.suspendedSeconds ?? 0) * 1000 + (open === undefined ? 0 : Math.max(0, end - open));
}
