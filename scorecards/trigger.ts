import type { Policy } from './policy/schema.ts';
import type { Scorecard } from './scorecard-schema.ts';
import type { RuleFiles } from './sign-off.ts';
import type { Outcome, Stage, TriggerKind } from './vocabulary.ts';

/** What `understudy apply` puts in force for one model. Everything a run needs to know of files is read at that moment. */
export interface AppliedPolicy {
  readonly policy: Policy;
  /** SHA-256 of the canonical resolved policy. */
  readonly policyDigest: string;
  readonly scorecard: Scorecard;
  readonly scorecardDigest: string;
  /** Absent in policies that were applied before git was asked. */
  readonly files?: RuleFiles;
  readonly pullSql?: string;
  /** Folder of the policy file: relative paths and commands resolve against it. */
  readonly folder: string;
  readonly appliedBy: string;
  readonly appliedAt: string;
}

/** One knock on the door: schedule, alert or person. */
export interface TriggerRequest {
  readonly kind: TriggerKind;
  /** Deduplicates: the same key within a day is the same trigger. */
  readonly key: string;
  /** Data time: windows, cuts, cooldown. */
  readonly asOf: string;
  readonly by: string;
  readonly reason?: string;
  readonly ignoreCooldown?: boolean;
  readonly retryOf?: { readonly run: string; readonly from: Stage };
}

/** What the door answers, always and at once. */
export type TriggerAnswer =
  | { readonly answer: 'started'; readonly run: string }
  | { readonly answer: 'joined'; readonly run: string }
  | { readonly answer: 'cooling-down'; readonly until: string; readonly reason: string }
  | { readonly answer: 'suppressed'; readonly reason: string }
  | { readonly answer: 'paused'; readonly by: string; readonly reason: string };

/** Every trigger ends in exactly one of these (TR3). */
export type TriggerDecision = 'candidate' | 'gate-failed' | 'blocked' | 'failed' | 'suppressed' | 'duplicate';

export interface DecisionRecord {
  readonly model: string;
  readonly trigger: TriggerRequest;
  readonly receivedAt: string;
  readonly decidedAt: string;
  readonly decision: TriggerDecision;
  readonly reason: string;
  readonly run?: string;
  readonly outcome?: Outcome;
}

/** How a run ended, as it tells its model. */
export interface RunEnded {
  readonly run: string;
  readonly outcome: Outcome;
  readonly stage: Stage;
  readonly reason: string;
  /** Whether a training was started: only such runs count for cooldown and limits. */
  readonly trained: boolean;
  readonly endedAt: string;
}

/** The decision that a run's end means for the trigger that started it. */
export function decisionOf({ outcome, stage }: Pick<RunEnded, 'outcome' | 'stage'>): TriggerDecision {
  const decision = DECISION_OF[outcome];
  return typeof decision === 'function' ? decision(stage) : decision;
}

const gate = (stage: Stage): TriggerDecision =>
  stage === 'drift' ? 'suppressed' : stage === 'approval' ? 'candidate' : 'gate-failed';

const DECISION_OF: Readonly<Record<Outcome, TriggerDecision | ((stage: Stage) => TriggerDecision)>> = {
  promoted: 'candidate',
  'rolled-back': 'candidate',
  expired: 'candidate',
  'no-drift': 'suppressed',
  blocked: 'blocked',
  failed: 'failed',
  lost: 'failed',
  rejected: gate,
  inconclusive: gate,
  aborted: (stage) => (isPastGate(stage) ? 'candidate' : 'suppressed'),
};

function isPastGate(stage: Stage): boolean {
  return stage === 'shadow' || stage === 'approval' || stage === 'rollout' || stage === 'promotion';
}
