import type { Activities } from '../activities/index.ts';
import type { ApprovalRequest, ApprovalState } from '../scorecards/decision.ts';
import type { RunSheet } from '../scorecards/run-sheet.ts';
import type { Stage } from '../scorecards/vocabulary.ts';
import type { RolloutInput, RolloutResult } from './rollout.ts';

/**
 * All that the order of a run needs from outside. `retrainModel` binds it to Temporal; a simulator can bind it to a world
 * with faults. Nothing behind it may be imported by the order.
 */
export interface Hands {
  /** Every call is at-least-once; the summary says object and number. */
  act(summary: string): Activities;
  /** Time of the orchestrator, milliseconds. */
  now(): number;
  /** Waits until it holds; `false` when the time is over first. */
  until(holds: () => boolean, ms: number, summary: string): Promise<boolean>;
  /** Does all at once and answers in order. One that fails calls the others off; nothing is left running after it. */
  together<T extends readonly unknown[] | []>(works: { [K in keyof T]: () => Promise<T[K]> }): Promise<T>;
  /** Cleanup that a cancellation cannot stop. */
  shielded<T>(work: () => Promise<T>): Promise<T>;
  /** What went wrong, in the product's words. */
  explain(error: unknown): Fault;
  /** The child that walks the weights. */
  rollOut(input: RolloutInput): Promise<RolloutResult>;
  readonly desk: Desk;
}

export type Fault =
  | { readonly kind: 'stopped'; readonly by: string; readonly reason: string }
  | {
      readonly kind: 'failed';
      readonly type: string;
      readonly message: string;
      /** What the one who failed knows besides: a job's attempts, an exit code. */
      readonly details: Readonly<Record<string, unknown>>;
    };

/** Where people's words arrive and where they read how the run goes. */
export interface Desk {
  /** Asks for a decision; from now on `decide` is heard. */
  ask(request: ApprovalRequest): void;
  approval(): ApprovalState;
  /** Silence for too long is a reject. */
  expire(): void;
  begin(stage: Stage): void;
  done(result: string): void;
  /** What has happened in the stage at hand, shown until it is done. */
  say(text: string): void;
  skip(stage: Stage, why: string): void;
  tell(
    news: Partial<Pick<RunSheet, 'champion' | 'challenger' | 'weightPercent' | 'next' | 'links'>> & {
      readonly driftScore?: number;
      readonly reasons?: readonly string[];
    },
  ): void;
  sheet(): RunSheet;
}
