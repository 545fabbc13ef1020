import type { TrainerResult, TrainerSpec, TrainingProgress } from '../../scorecards/contracts/trainer.ts';
import type { PortFailureCode } from './port-failure.ts';

/** Who runs the user's trainer. A job outlives the worker that submitted it; whoever asks later finds it by name. */
export interface TrainingBackend {
  /**
   * Starts the job, or adopts it when a job of that name and spec digest exists (running or ended). A job of that name
   * with another digest is `job-conflict`. Never starts a second process for one name.
   */
  submit(job: TrainingJob): Promise<void>;
  /** What the job does now. A job that nobody knows is `{ state: 'vanished' }`, never an error. */
  inspect(name: string): Promise<JobState>;
  /** Stops the job (SIGTERM, grace, SIGKILL to the whole group) and forgets it. Nothing there is success. */
  remove(name: string): Promise<void>;
}

export interface TrainingJob {
  /** Deterministic, at most 52 characters of `[a-z0-9-]`. */
  readonly name: string;
  readonly command: readonly string[];
  /** Working directory: the folder of the policy file. */
  readonly folder: string;
  /** Written to a file that `UNDERSTUDY_SPEC` names. `output` is set by the backend. */
  readonly spec: Omit<TrainerSpec, 'output'>;
  /** MLFLOW_* and whatever else the trainer needs; never recorded. */
  readonly environment: Readonly<Record<string, string>>;
  /** Keyed by run, survives retries and evictions; `UNDERSTUDY_CHECKPOINTS`. */
  readonly checkpoints: string;
  /** Milliseconds from the first start; then SIGTERM, `graceMs`, SIGKILL. */
  readonly deadlineMs: number;
  readonly graceMs: number;
  /** How often an exit that may be retried is started again. */
  readonly retries: number;
}

export type JobState =
  | { readonly state: 'waiting'; readonly why: string }
  | {
      readonly state: 'running';
      readonly startedAt: string;
      readonly attempt: number;
      readonly progress?: TrainingProgress;
    }
  | {
      readonly state: 'succeeded';
      /** Directory that holds `result.json` and what it names; validated against the contract and every digest. */
      readonly output: string;
      readonly result: TrainerResult;
      readonly startedAt: string;
      readonly endedAt: string;
      readonly attempts: number;
      readonly logTail: string;
    }
  | {
      readonly state: 'failed';
      readonly code: PortFailureCode;
      /** What happened, in one sentence. */
      readonly message: string;
      readonly exitCode?: number;
      readonly attempts: number;
      readonly logTail: string;
    }
  | { readonly state: 'vanished' };
