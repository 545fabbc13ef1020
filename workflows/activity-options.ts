import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';

type QueueKind = 'control' | 'data' | 'training' | 'rollout' | 'rollback';
type ActivityClass = Omit<ActivityOptions, 'taskQueue'> & { readonly queue: QueueKind };

/**
 * The one place with time-outs and retries, by side effect. Retries have no limit on attempts: what another try cannot mend
 * leaves the activity as non-retryable, and what is merely away for an hour is waited for.
 */
const retry = { initialInterval: '500 ms', backoffCoefficient: 2, maximumInterval: '10 s' } as const;
const steady = { initialInterval: '1 s', backoffCoefficient: 1 } as const;

const CLASSES = {
  /** Reads. May be cut off at any moment. */
  probe: { queue: 'control', startToCloseTimeout: '30 s', retry, cancellationType: 'TRY_CANCEL' },
  /** DuckDB on large files: beats every two seconds, so a minute of silence means a dead worker. */
  compute: {
    queue: 'data',
    startToCloseTimeout: '4 h',
    heartbeatTimeout: '1 m',
    retry,
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  },
  /** One of many parts, counted on any worker: a dead one is noticed soon, because the rest waits for its part. */
  count: {
    queue: 'data',
    startToCloseTimeout: '1 h',
    heartbeatTimeout: '10 s',
    retry,
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  },
  /** Creates by name; repeating it adopts what the lost attempt made. */
  submit: { queue: 'training', startToCloseTimeout: '5 m', retry, cancellationType: 'WAIT_CANCELLATION_COMPLETED' },
  /** Follows a job for days. Half a minute of silence hands it to another worker. */
  watch: {
    queue: 'training',
    startToCloseTimeout: '30 d',
    heartbeatTimeout: '30 s',
    retry: steady,
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  },
  /** Judges live traffic: ten seconds of silence bound a rollback after a crash. */
  canary: {
    queue: 'rollout',
    startToCloseTimeout: '30 d',
    heartbeatTimeout: '10 s',
    retry: steady,
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  },
  /** Stops servers and writes routes and aliases; every attempt reads the world first. */
  mutate: {
    queue: 'rollout',
    startToCloseTimeout: '5 m',
    heartbeatTimeout: '30 s',
    retry,
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  },
  /** Waits for a server as long as the policy lets it (`serving.readyWithin`), and ends that wait itself. */
  serve: {
    queue: 'rollout',
    startToCloseTimeout: '1 d',
    heartbeatTimeout: '30 s',
    retry,
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  },
  /** Nothing else is on this queue, so a rollback never waits behind other work. */
  rollback: {
    queue: 'rollback',
    startToCloseTimeout: '1 m',
    heartbeatTimeout: '10 s',
    retry: { initialInterval: '100 ms', backoffCoefficient: 1.5, maximumInterval: '2 s' },
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  },
  /** Tells people; after five tries it is given up and the run goes on. */
  notify: {
    queue: 'control',
    startToCloseTimeout: '30 s',
    retry: { ...retry, maximumAttempts: 5 },
    cancellationType: 'TRY_CANCEL',
  },
} as const satisfies Record<string, ActivityClass>;

/** Which class each activity belongs to; the compiler refuses a gap. */
const CLASS_OF: Readonly<Record<keyof Activities, keyof typeof CLASSES>> = {
  knockOnDoor: 'probe',
  recordDecision: 'probe',
  probeRun: 'probe',
  openRun: 'probe',
  planDrift: 'compute',
  countUnit: 'count',
  sumUnit: 'count',
  measureDrift: 'compute',
  pullData: 'compute',
  buildDataset: 'compute',
  checkDataset: 'compute',
  planBaseline: 'compute',
  buildBaseline: 'compute',
  recallTraining: 'probe',
  prepareTraining: 'submit',
  noteAttempt: 'probe',
  submitTraining: 'submit',
  collectTraining: 'submit',
  registerCandidate: 'submit',
  closeTracking: 'submit',
  watchJob: 'watch',
  removeJob: 'submit',
  submitPrediction: 'submit',
  collectPrediction: 'submit',
  ensureServer: 'serve',
  stopServer: 'mutate',
  measureLatency: 'compute',
  judgeScorecard: 'compute',
  keepScorecard: 'compute',
  checkGateway: 'probe',
  setRoute: 'mutate',
  removeRoute: 'mutate',
  routeAddress: 'probe',
  watchShadow: 'canary',
  judgeSkew: 'compute',
  newestDay: 'compute',
  compareNewest: 'compute',
  openApproval: 'probe',
  recordApproval: 'probe',
  countRefusal: 'probe',
  watchPhase: 'canary',
  returnTraffic: 'rollback',
  verifyRollback: 'rollback',
  markStage: 'mutate',
  promote: 'mutate',
  withdraw: 'mutate',
  markRolledBack: 'mutate',
  repoint: 'mutate',
  closeRun: 'probe',
  tellOwner: 'notify',
  escalate: 'notify',
  tellMissedCheck: 'notify',
  tellHeld: 'notify',
  askForDecision: 'notify',
};

/** The activities with a summary for the Temporal UI: object and number, such as `set 25 %`. */
export function act(summary: string): Activities {
  return new Proxy({} as Activities, { get: (_, name) => bound(name as keyof Activities, summary) });
}

function bound(name: keyof Activities, summary: string): Activities[keyof Activities] {
  const { queue, ...options } = CLASSES[CLASS_OF[name]];
  const proxies = proxyActivities<Activities>({ ...options, taskQueue: siblingQueue(queue), summary });
  return proxies[name];
}

/** Queues of one installation share a prefix: `retrain-control`, `retrain-rollback`, … */
export function siblingQueue(kind: QueueKind): string {
  return workflowInfo().taskQueue.replace(/[a-z]+$/, kind);
}
