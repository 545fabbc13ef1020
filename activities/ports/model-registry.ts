/** Which version of a model is which, and how it came to be. The alias `champion` is the pointer. */
export interface ModelRegistry {
  /** A tracking run for the trainer to log into. Idempotent by `key`: a lost answer never makes a second run. */
  openRun(request: OpenRun): Promise<TrackingRun>;
  /** Ends the run whatever the trainer left it as; adds tags. Idempotent. */
  closeRun(
    runId: string,
    status: 'FINISHED' | 'FAILED' | 'KILLED',
    tags: Readonly<Record<string, string>>,
  ): Promise<void>;
  /**
   * Registers the artifact as a version. Idempotent by `key`; adoption checks that the artifact digest is the same, else
   * `registry-conflict`. Without any of the four fields of `record` it is refused with `record-incomplete`, naming them.
   */
  register(request: RegisterVersion): Promise<RegisteredVersion>;
  /** No such version is `undefined`. */
  version(model: string, version: string): Promise<RegisteredVersion | undefined>;
  /** All aliases of the model; a model that does not exist has none. */
  aliases(model: string): Promise<Readonly<Record<string, string>>>;
  /** Overwrites; ordering and expected-version checks are the caller's (`activities/promotion.ts`). Idempotent. */
  setAlias(model: string, alias: string, version: string): Promise<void>;
  removeAlias(model: string, alias: string): Promise<void>;
  /** Values over 5,000 characters are refused (`bad-request`), never truncated. Idempotent. */
  setVersionTags(model: string, version: string, tags: Readonly<Record<string, string>>): Promise<void>;
  setModelTags(model: string, tags: Readonly<Record<string, string>>): Promise<void>;
}

export interface OpenRun {
  readonly model: string;
  /** Idempotency key: workflow id, stage, generation. */
  readonly key: string;
  readonly name: string;
  readonly startedAtMs: number;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly dataset: { readonly name: string; readonly digest: string; readonly source: string };
}

export interface TrackingRun {
  readonly runId: string;
  readonly experimentId: string;
  /** What the trainer's environment needs to log into this run: MLFLOW_TRACKING_URI, MLFLOW_RUN_ID, … */
  readonly environment: Readonly<Record<string, string>>;
}

/** The four mandatory fields of a reproducible version (RP1). */
export interface FourFields {
  readonly paramsDigest: string;
  readonly datasetDigest: string;
  readonly environmentHash: string;
  readonly artifactDigest: string;
}

export interface RegisterVersion {
  readonly model: string;
  readonly key: string;
  readonly runId: string;
  /** Local directory and its files; uploaded when the trainer logged no model of its own to the run. */
  readonly artifact: {
    readonly directory: string;
    readonly files: readonly { readonly path: string; readonly sha256: string }[];
  };
  readonly mlflowModelId?: string;
  readonly record: Partial<FourFields>;
  readonly tags: Readonly<Record<string, string>>;
}

export interface RegisteredVersion {
  readonly model: string;
  readonly version: string;
  readonly artifactDigest: string;
  readonly source: string;
  readonly runId: string;
  readonly ready: boolean;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt: string;
}
