import type { TrainingBackend } from '../../activities/ports/training-backend.ts';

/** What a trainer can do in the suite. Each start adds a line to the file `starts` in the checkpoints directory. */
export type Behaviour =
  /** Writes the artifact `model/weights.bin` (text `weights of <model>, seed <seed>`) and ends with 0. */
  | 'trains'
  /** Mode `predict`: writes `predictions.parquet` (any bytes) and ends with 0. */
  | 'predicts'
  /** Runs until it is told to stop. */
  | 'hangs'
  /** Appends `{"step":3,"of":10}` to its progress, then hangs. */
  | 'shows-progress'
  /** First attempt: writes `result.json` and the checkpoint 40, exit 75. Second: trains, `resumedFrom` the checkpoint. */
  | 'resumes'
  /** First attempt: writes a good result, exit 75. Second: exit 0 without writing anything. */
  | 'leans-on-earlier'
  | 'writes-nothing'
  | 'writes-nonsense'
  | 'says-predict'
  | 'names-wrong-digest'
  | 'names-missing-file'
  | 'names-outside-file'
  | 'leaves-unnamed-file'
  | 'says-other-seed'
  | 'trains-then-exits-65'
  | 'kills-itself';

export interface TrainingSetup {
  readonly backend: TrainingBackend;
  /** A second adapter over the same jobs, as another worker has. */
  readonly other: TrainingBackend;
  readonly folder: string;
  /** Parent of the checkpoints directories. */
  readonly checkpoints: string;
  /** The command of a trainer that behaves so, or ends with `exit-<code>`. */
  command(behaviour: Behaviour | `exit-${number}`): readonly string[];
  close(): Promise<void>;
}
