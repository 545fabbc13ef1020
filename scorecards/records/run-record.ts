import type { Signature } from '../contracts/signature.ts';
import type { DataSource, TrainerUse } from '../contracts/trainer.ts';
import type { AskedFor } from '../cost/right-sizing.ts';
import type { BestF1, Unknown } from '../operating-point.ts';
import type { FilePlace, SignedScorecard } from '../sign-off.ts';
import type { EvidenceRef, Span, TriggerKind } from '../vocabulary.ts';

/**
 * How a version came to be, complete enough to make it again. Canonical JSON of it is the file, SHA-256 of that its
 * name. Written before the version is registered and never edited: what happens later is a new record whose `parent`
 * is this one.
 */
export interface RunRecord {
  readonly schemaVersion: 1;
  readonly parent?: EvidenceRef;
  readonly model: { readonly name: string; readonly version?: string };
  readonly run: {
    readonly id: string;
    readonly generation: number;
    readonly asOf: string;
    readonly startedAt: string;
    readonly finishedAt: string;
    /** The tracking run that the trainer logged into. */
    readonly trackingRunId?: string;
  };
  readonly trigger: {
    readonly kind: TriggerKind;
    readonly key: string;
    readonly by: string;
    readonly receivedAt: string;
    readonly reason?: string;
  };
  readonly policy: FilePlace & { readonly digest: string; readonly evidence?: EvidenceRef };
  readonly scorecard: SignedScorecard;
  /** What started the trainer: `predict` and `reproduce` use the command written here, not today's policy. */
  readonly training: {
    readonly command: readonly string[];
    readonly folder: string;
    /** Digest-pinned; absent when the trainer ran as a process. */
    readonly image?: string;
    /** Bytes that it was given, and the kind of accelerator, when it ran on a cluster: enough to predict with, too. */
    readonly memory?: number;
    readonly accelerator?: RecordedAccelerator;
    /** SHA-256 of what the trainer was told (TN6). */
    readonly specDigest: string;
  };
  readonly params?: Readonly<Record<string, string | number | boolean | null>>;
  readonly seeds: { readonly training: number };
  readonly data?: RecordedData;
  readonly environment?: RecordedEnvironment;
  /** Which of several models that one training handed in. */
  readonly variant?: string;
  readonly artifact?: RecordedArtifact;
  /** The columns it was trained on, in order. */
  readonly features?: readonly string[];
  /** What the model is sent and answers, as its trainer said; absent: it said nothing. */
  readonly signature?: Signature;
  /** How much the model rests on each of them, as its trainer said, in its unit; absent: it said nothing. */
  readonly importances?: Readonly<Record<string, number>>;
  /** The days it was trained and judged on, counted: what drift is measured against. */
  readonly baseline?: EvidenceRef;
  /** What it said of training rows that it did not learn from, and the threshold found on them; absent: nothing was handed in. */
  readonly outOfSample?: RecordedOutOfSample;
  /** What starts its server; absent for batch models. */
  readonly serving?: {
    /** Empty: that of the image. */
    readonly command: readonly string[];
    readonly folder: string;
    /** Digest-pinned; absent when its server is a process. */
    readonly image?: string;
    /** Where KServe fetches it from, with its placeholders; only when KServe serves it. */
    readonly storageUri?: string;
  };
  readonly metrics: Readonly<Record<string, number>>;
  readonly compute: {
    readonly backend: 'process' | 'kubernetes';
    readonly job: string;
    readonly attempts: number;
    readonly startedAt: string;
    readonly endedAt: string;
    readonly stepsDone: number;
    readonly resumedFrom: number | null;
    /** The last lines that the trainer printed, as they were fetched; absent when it printed none. */
    readonly log?: EvidenceRef;
    /** The platform's own name of the job, its pods and where they ran. */
    readonly jobUid?: string;
    readonly pods?: readonly string[];
    readonly nodes?: readonly string[];
    /** Until the first pod or process ran, and from there to the end. */
    readonly queueSeconds?: number;
    readonly runSeconds?: number;
    /** Running seconds × accelerators. */
    readonly gpuSeconds?: number;
    readonly evictions?: number;
    readonly suspensions?: number;
    readonly gpuModel?: string;
    readonly driver?: string;
    /** Of one accelerator, of one slice where slices were asked for; absent when its node may not be read or does not say. */
    readonly gpuMemoryBytes?: number;
    /** As the trainer counted it, beside what one pod asked for. */
    readonly used?: TrainerUse & { readonly of: AskedFor };
    /** What to ask for next time, in sentences; nothing where the request fitted. */
    readonly advice?: readonly string[];
    /** At the operator's prices of that day, earlier Jobs of the run included; absent when a part has no price. */
    readonly costEstimate?: { readonly amount: number; readonly currency: string };
    /** Jobs of the run before this one, and why each was not the last. */
    readonly earlier?: readonly RecordedJob[];
  };
  readonly parents: { readonly championVersion?: string };
}

export interface RecordedAccelerator {
  readonly resource: string;
  readonly count: number;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly spot: boolean;
  readonly claim?: string;
}

/** A Job that did not make the model but cost something. */
export interface RecordedJob {
  readonly job: string;
  /** Failure type, and why there was another Job. */
  readonly type: string;
  readonly sentence: string;
  readonly runSeconds?: number;
  readonly gpuSeconds?: number;
  readonly gpuModel?: string;
}

export interface RecordedData {
  /** The dataset version: SHA-256 over the canonical manifest. */
  readonly snapshotDigest: string;
  readonly manifest: EvidenceRef;
  readonly rows: number;
  readonly bytes: number;
  readonly span: Span;
  /** What was known then is in it, and nothing later. */
  readonly asOf: string;
  /** When the newest label of it became known, and the share of rows that have one. */
  readonly labelWatermark: string;
  readonly labelCoverage: number;
  /** Share of the labels that only stand in for the real one; absent where no column says so. */
  readonly labelSurrogates?: number;
  /** SHA-256 of the SQL or command that pulled the data. */
  readonly queryDigest?: string;
  /** SHA-256 over the ids that asked to be left out. */
  readonly exclusionsDigest?: string;
  /** Where the rows came from: what the pull read, or the files of the snapshot with their SHA-256 as etag. */
  readonly sources: readonly DataSource[];
}

export interface RecordedOutOfSample {
  readonly predictions: EvidenceRef;
  readonly bestF1: BestF1 | Unknown;
}

export interface RecordedEnvironment extends EnvironmentInput {
  /** SHA-256 over the canonical form of all other fields. */
  readonly hash: string;
}

/** What a run was computed with. Changing any field changes the environment hash (RP6). */
export interface EnvironmentInput {
  /** Digest-pinned image, or the absolute path and version of the program that ran the trainer. */
  readonly interpreter: string;
  /** SHA-256 of `training.lockfile`; null when the policy names none. */
  readonly lockfileDigest: string | null;
  /** As the trainer reported them in `result.json`. */
  readonly libraryVersions: Readonly<Record<string, string>>;
  readonly os: string;
  readonly arch: string;
  readonly gpuModel?: string;
  readonly gpuCount?: number;
  readonly driver?: string;
  readonly cuda?: string;
  readonly mig?: string;
}

export interface RecordedArtifact {
  readonly digest: string;
  /** Manifest of the stored tree. */
  readonly manifest: EvidenceRef;
  readonly bytes: number;
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
}

export type MandatoryField = 'params' | 'dataset' | 'environment' | 'artifact';

/**
 * Which of the four fields without which no version is registered (RP1) are absent or empty. An empty parameter set is
 * a parameter set: only its absence counts.
 */
export function missingFields(record: Partial<RunRecord>): MandatoryField[] {
  const present: Record<MandatoryField, boolean> = {
    params: record.params !== undefined,
    dataset: isDigest(record.data?.snapshotDigest),
    environment: isDigest(record.environment?.hash),
    artifact: isDigest(record.artifact?.digest) && record.artifact?.files.length !== 0,
  };
  return MANDATORY.filter((field) => !present[field]);
}

const MANDATORY = ['params', 'dataset', 'environment', 'artifact'] as const;

function isDigest(value: string | undefined): boolean {
  return value !== undefined && /^[0-9a-f]{64}$/.test(value);
}
