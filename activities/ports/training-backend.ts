import type { TestedResult } from '../../scorecards/contracts/tests.ts';
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
  /**
   * Returns when it is worth asking again, at once when there are news; rejects when the signal aborts. Absent: every half
   * second is no burden.
   */
  untilNews?(name: string, signal: AbortSignal): Promise<void>;
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
  /** What a scheduler must know; only backends that run on a cluster ask for it. */
  readonly placement?: Placement;
}

/** What a job asks of a cluster, in a team's words; the platform's template has the last one. */
export interface Placement {
  /** `name@sha256:…`, the trainer's image. */
  readonly image: string;
  /** The run it belongs to: everything of one run is collected together. */
  readonly run: string;
  readonly model: string;
  /** What a training is part of; absent for a job that only asks models or pulls data. */
  readonly lineage?: Lineage;
  readonly team?: string;
  readonly costCentre?: string;
  /** Cores. */
  readonly cpu: number;
  /** Bytes. */
  readonly memory: number;
  /** Bytes of `/dev/shm`; 0 for none. */
  readonly sharedMemory: number;
  /** Pods that train together. */
  readonly nodes: number;
  readonly gpu?: GpuKind;
  /** Name of a Kueue LocalQueue. */
  readonly queue?: string;
  readonly priorityClass?: string;
  /** Milliseconds that the job may wait for its first running pod. */
  readonly queueDeadlineMs: number;
  /** What this one job may use up of the run's budgets; absent: what the backend takes for sensible. */
  readonly disruptions?: DisruptionLimits;
}

/** By what a training is found again: written on its job for people and their tools, read by nobody here. */
export interface Lineage {
  /** Which of its run's trainings it is, from 1. */
  readonly generation: number;
  /** Digest of the scorecard by which the run is judged. */
  readonly scorecard: string;
  /** Digest of the snapshot that it trains on. */
  readonly snapshot: string;
}

/** How often a job may be taken off its node before it has failed. */
export interface DisruptionLimits {
  readonly evictions: number;
  readonly suspensions: number;
  /** So many in a row at one and the same checkpoint. */
  readonly sameStep: number;
}

/** One kind of accelerator that would do. */
export interface GpuKind {
  /** Extended resource: `nvidia.com/gpu`, `nvidia.com/mig-1g.10gb`; a DRA claim template when `claim` is set. */
  readonly resource: string;
  readonly count: number;
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** May run on nodes that can be taken away. */
  readonly spot: boolean;
  /** Name of a ResourceClaimTemplate; then `resource` and `count` are for the record only. */
  readonly claim?: string;
}

/** What a job used, for the run record and the bill. */
export interface ComputeUse {
  readonly backend: string;
  readonly jobUid: string;
  readonly pods: readonly string[];
  readonly nodes: readonly string[];
  /** From the job's creation to its first running pod, and from there to its end. */
  readonly queueSeconds: number;
  readonly runSeconds: number;
  /** Sum over pods of running seconds × accelerators. */
  readonly gpuSeconds: number;
  readonly evictions: number;
  readonly suspensions: number;
  readonly gpuModel?: string;
  readonly gpuDriver?: string;
  /** Of one accelerator, of one slice where slices were asked for. */
  readonly gpuMemoryBytes?: number;
}

export type JobState =
  | {
      readonly state: 'waiting';
      readonly why: string;
      /** Until now; a job that waits may have run before. */
      readonly compute?: ComputeUse;
    }
  | {
      readonly state: 'running';
      readonly startedAt: string;
      readonly attempt: number;
      readonly progress?: TrainingProgress;
      /** Until now. */
      readonly compute?: ComputeUse;
    }
  | {
      readonly state: 'succeeded';
      /** Directory that holds `result.json` and what it names; validated against the contract and every digest. */
      readonly output: string;
      /** Mode `test`: how the command ended, whatever its exit code. */
      readonly result: TrainerResult | TestedResult;
      readonly startedAt: string;
      readonly endedAt: string;
      readonly attempts: number;
      readonly logTail: string;
      readonly compute?: ComputeUse;
    }
  | {
      readonly state: 'failed';
      readonly code: PortFailureCode;
      /** What happened, in one sentence. */
      readonly message: string;
      readonly exitCode?: number;
      readonly attempts: number;
      /** Attempts that failed by themselves, however the job ended; absent: nobody counted. */
      readonly failures?: number;
      readonly logTail: string;
      readonly compute?: ComputeUse;
      readonly checkpoint?: CheckpointSeen;
    }
  | {
      readonly state: 'vanished';
      /** What is known of its end, in one sentence. */
      readonly why?: string;
      /** Attempts that failed by themselves before. */
      readonly failures?: number;
      /** What it used until it was seen last. */
      readonly compute?: ComputeUse;
      readonly checkpoint?: CheckpointSeen;
    };

/** How far a job that ended badly had come. */
export interface CheckpointSeen {
  /** The newest checkpoint; absent: there is none. */
  readonly step?: number;
  /** Disruptions in a row at that step. */
  readonly stuck: number;
}
