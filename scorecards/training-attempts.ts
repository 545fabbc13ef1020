/** How often a run may start its training again, by cause. Separate budgets: a busy spot pool is no failing trainer. */
export interface AttemptPolicy {
  /** Failed attempts that may be followed by another one, whether the Job's controller or the run starts it. */
  readonly failures: number;
  readonly evictions: number;
  readonly suspensions: number;
  /** So many disruptions in a row at one and the same checkpoint end the run. */
  readonly sameStep: number;
  /** Memory in bytes that the platform allows after an out-of-memory, ascending. Empty: none. */
  readonly memorySteps: readonly number[];
  /** How many kinds of accelerators the policy names, best first; 0 for none. */
  readonly gpuKinds: number;
  /** Of them those on nodes that can be taken away, as indexes. */
  readonly spotKinds: readonly number[];
  /** Whether a Job that somebody deleted may be followed by one of another name. */
  readonly afterVanished: boolean;
  /** Longest that all Jobs of the run together may run; what waits in a queue does not count. */
  readonly deadlineSeconds: number;
}

export const ATTEMPT_DEFAULTS: AttemptPolicy = {
  failures: 2,
  evictions: 20,
  suspensions: 10,
  sameStep: 3,
  memorySteps: [],
  gpuKinds: 0,
  spotKinds: [],
  afterVanished: false,
  deadlineSeconds: 4 * 3600,
};

/** What the Jobs of this run have used up so far. Plain: it lives in the workflow. */
export interface AttemptsSpent {
  /** Part of the Job's name: no name is ever used twice. */
  readonly generation: number;
  readonly failures: number;
  readonly evictions: number;
  readonly suspensions: number;
  readonly imagePulls: number;
  readonly vanished: number;
  /** Bytes asked for now. */
  readonly memory: number;
  readonly memoryRaised: boolean;
  /** Index of the kind of accelerator asked for now. */
  readonly gpuKind: number;
  /** Disruptions in a row at `lastStep`. */
  readonly stuck: number;
  readonly lastStep?: number;
  /** From the first running pod of each Job to its end. */
  readonly runSeconds: number;
}

/** How the last Job ended: a failure type of `activities/failures.ts`, and what the Job counted. */
export interface AttemptFailure {
  readonly type: string;
  /** Attempts that the Job's own controller made. */
  readonly attempts: number;
  /** Those of them that failed by themselves, where somebody counted: also a Job that was preempted may have such. */
  readonly failures?: number;
  readonly evictions: number;
  readonly suspensions: number;
  /** The newest checkpoint. */
  readonly checkpointStep?: number;
  /** Disruptions in a row at that checkpoint inside this Job; 1 when nobody counted. */
  readonly stuck?: number;
  /** From its first running pod to its end; absent when none ever ran. */
  readonly runSeconds?: number;
}

export type AttemptDecision =
  | { readonly again: true; readonly spent: AttemptsSpent; readonly sentence: string }
  | { readonly again: false; readonly spent: AttemptsSpent; readonly sentence: string };

export function firstAttempt(memory: number): AttemptsSpent {
  return {
    generation: 1,
    failures: 0,
    evictions: 0,
    suspensions: 0,
    imagePulls: 0,
    vanished: 0,
    memory,
    memoryRaised: false,
    gpuKind: 0,
    stuck: 0,
    runSeconds: 0,
  };
}

/** One Job of a run that did not make the model, for the records. */
export interface EarlierJob {
  /** Its name follows from it. */
  readonly generation: number;
  readonly type: string;
  /** Why there was another one. */
  readonly sentence: string;
}

type Rule = (failure: AttemptFailure, spent: AttemptsSpent, policy: AttemptPolicy) => AttemptDecision;

const RULES: Readonly<Record<string, Rule>> = {
  Preempted: afterPreemption,
  NodeDeviceError: afterFailure,
  TrainerDependency: afterFailure,
  TrainerTemporary: afterFailure,
  TrainerError: afterFailure,
  TrainerKilled: afterFailure,
  OutOfMemory: afterOutOfMemory,
  ImagePullFailed: afterImagePull,
  QueueDeadlineExceeded: afterQueue,
  Unschedulable: afterQueue,
  QuotaExceeded: afterQueue,
  JobVanished: afterVanished,
};

/**
 * Whether the run starts another Job after one that failed, and why. Whatever is not listed is final: no other try can
 * mend it. The answer carries the new count; the next Job's own limits are what is left of each budget.
 */
export function decideAttempt(failure: AttemptFailure, before: AttemptsSpent, policy: AttemptPolicy): AttemptDecision {
  const own = ownFailures(failure);
  const spent = {
    ...before,
    failures: before.failures + own,
    evictions: before.evictions + failure.evictions,
    suspensions: before.suspensions + failure.suspensions,
    runSeconds: before.runSeconds + (failure.runSeconds ?? 0),
  };
  const rule = Object.hasOwn(RULES, failure.type) ? RULES[failure.type] : undefined;
  if (rule === undefined) return no(spent, `${failure.type} is final: another attempt cannot mend it`);
  const decision = rule(failure, spent, policy);
  if (!decision.again) return decision;
  if (own > 0 && spent.failures > policy.failures) return no(spent, failuresUsedUp(failure.type, spent, policy));
  if (spent.runSeconds < policy.deadlineSeconds) return decision;
  const ran = `${Math.round(spent.runSeconds)} s of ${Math.round(policy.deadlineSeconds)} s`;
  return no(spent, `${failure.type}: the deadline is used up, the jobs of this run ran ${ran}`);
}

/** Of this one Job: what failed in it counts however it ended, and its end as well where that was a failure. */
function ownFailures({ type, attempts, failures = 0 }: AttemptFailure): number {
  const rule = RULES[type];
  return rule === afterFailure || rule === afterOutOfMemory ? Math.max(attempts, failures) : failures;
}

function failuresUsedUp(type: string, spent: AttemptsSpent, policy: AttemptPolicy): string {
  return `${type}: the budget of failures is used up (${failuresSaid(spent, policy)})`;
}

function failuresSaid({ failures }: AttemptsSpent, policy: AttemptPolicy): string {
  return `${failures} failed attempts, ${policy.failures} may be repeated`;
}

/** What the next Job may use: the rest of each budget, never below 0; of the deadline at least a second. */
export function budgetLeft(
  spent: AttemptsSpent,
  policy: AttemptPolicy,
): { retries: number; evictions: number; suspensions: number; deadlineSeconds: number } {
  return {
    retries: Math.max(0, policy.failures - spent.failures),
    evictions: Math.max(0, policy.evictions - spent.evictions),
    suspensions: Math.max(0, policy.suspensions - spent.suspensions),
    deadlineSeconds: Math.max(1, policy.deadlineSeconds - spent.runSeconds),
  };
}

function no(spent: AttemptsSpent, sentence: string): AttemptDecision {
  return { again: false, spent, sentence };
}

function yes(spent: AttemptsSpent, sentence: string): AttemptDecision {
  const next = { ...spent, generation: spent.generation + 1 };
  return { again: true, spent: next, sentence: `${sentence}: job ${next.generation} of this run starts` };
}

function afterFailure({ type }: AttemptFailure, spent: AttemptsSpent, policy: AttemptPolicy): AttemptDecision {
  if (spent.failures > policy.failures) return no(spent, failuresUsedUp(type, spent, policy));
  return yes(spent, `${type}: ${failuresSaid(spent, policy)}`);
}

function afterPreemption(failure: AttemptFailure, before: AttemptsSpent, policy: AttemptPolicy): AttemptDecision {
  const step = failure.checkpointStep;
  const { lastStep: _, ...rest } = before;
  const same = before.stuck > 0 && before.lastStep === step;
  // A queue may give up a Job that never ran: nothing is counted there, and without end no Job would be the last.
  const nothing = failure.evictions + failure.suspensions === 0;
  const stuck = Math.max(nothing ? 1 : 0, failure.stuck ?? 1);
  const spent = {
    ...rest,
    stuck: stuck + (same ? before.stuck : 0),
    ...(step === undefined ? {} : { lastStep: step }),
  };
  const { evictions, suspensions } = spent;
  if (evictions >= policy.evictions) {
    return no(spent, `the budget of evictions is used up (${evictions} of ${policy.evictions})`);
  }
  if (suspensions >= policy.suspensions) {
    return no(spent, `the budget of suspensions is used up (${suspensions} of ${policy.suspensions})`);
  }
  const at = step === undefined ? 'without any checkpoint' : `at step ${step}`;
  if (spent.stuck >= policy.sameStep)
    return no(spent, `preempted ${spent.stuck} times in a row ${at}: there is no progress`);
  const told = `preempted ${at} (${evictions} of ${policy.evictions} evictions), free of charge`;
  const safe = offSpot(spent.gpuKind, policy);
  if (safe === undefined) return yes(spent, told);
  const kind = `kind ${safe + 1} of ${policy.gpuKinds} accelerators, which nobody takes away, is tried`;
  return yes({ ...spent, gpuKind: safe }, `${told}; ${kind}`);
}

/** The next kind on nodes that stay, for a Job that was taken off its node too often. */
function offSpot(now: number, { gpuKinds, spotKinds }: AttemptPolicy): number | undefined {
  if (!spotKinds.includes(now)) return undefined;
  const later = Array.from({ length: gpuKinds - now - 1 }, (_, index) => now + 1 + index);
  return later.find((kind) => !spotKinds.includes(kind));
}

/** One step larger, once: memory that grows without end hides a leak. */
function afterOutOfMemory(_: AttemptFailure, spent: AttemptsSpent, policy: AttemptPolicy): AttemptDecision {
  const { memory } = spent;
  if (spent.memoryRaised) return no(spent, `out of memory again with ${memory} bytes, after one step more`);
  const larger = policy.memorySteps.find((step) => step > memory);
  if (larger === undefined) return no(spent, `out of memory with ${memory} bytes, and no larger step is allowed`);
  if (spent.failures > policy.failures) return no(spent, 'out of memory, and the budget of failures is used up');
  const next = { ...spent, memory: larger, memoryRaised: true };
  return yes(next, `out of memory with ${memory} bytes, one step larger is ${larger} bytes`);
}

function afterImagePull(_: AttemptFailure, before: AttemptsSpent): AttemptDecision {
  const spent = { ...before, imagePulls: before.imagePulls + 1 };
  if (spent.imagePulls > 1) return no(spent, 'the image could not be pulled a second time');
  return yes(spent, 'the image could not be pulled, a registry may come back: tried once more');
}

function afterQueue({ type }: AttemptFailure, spent: AttemptsSpent, { gpuKinds }: AttemptPolicy): AttemptDecision {
  const next = spent.gpuKind + 1;
  if (next >= gpuKinds) return no(spent, `${type}: no other kind of accelerator is allowed`);
  return yes({ ...spent, gpuKind: next }, `${type}: kind ${next + 1} of ${gpuKinds} accelerators is tried`);
}

function afterVanished(
  _: AttemptFailure,
  before: AttemptsSpent,
  { afterVanished: may }: AttemptPolicy,
): AttemptDecision {
  const spent = { ...before, vanished: before.vanished + 1 };
  if (!may) return no(spent, 'somebody deleted the job, and the policy allows no other one');
  if (spent.vanished > 1) return no(spent, 'somebody deleted the job a second time');
  return yes(spent, 'somebody deleted the job, and the policy allows one other');
}
