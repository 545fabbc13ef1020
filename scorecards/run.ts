import type { AppliedPolicy, TriggerRequest } from './trigger.ts';
import type { EvidenceRef, Outcome, Stage } from './vocabulary.ts';

/** What `retrainModel` is started with. */
export interface RetrainInput {
  readonly schemaVersion: 1;
  readonly run: string;
  readonly model: string;
  readonly trigger: TriggerRequest;
  readonly receivedAt: string;
  readonly applied: AppliedPolicy;
}

/** What every activity of a run is given: names and references, never contents. */
export interface RunContext {
  readonly run: string;
  readonly model: string;
  readonly asOf: string;
  readonly folder: string;
  /** Counts re-entries of a stage after an operator's reset; part of every idempotency key. */
  readonly generation: number;
  /** The applied policy as evidence. */
  readonly applied: EvidenceRef;
  /** Stages before this one may be recalled from an earlier run; absent: none. */
  readonly reuseBefore?: Stage;
  readonly bootstrap: boolean;
}

/** The version behind the pointer when the run began. */
export interface Champion {
  readonly version: string;
  readonly digest: string;
  /** Its run record: command, artifact, baseline. */
  readonly record: EvidenceRef;
}

/** How a run ended; the result of the workflow. */
export interface RunResult {
  readonly run: string;
  readonly outcome: Outcome;
  readonly stage: Stage;
  readonly reason: string;
  readonly champion?: string;
  readonly challenger?: string;
  readonly record?: EvidenceRef;
}
