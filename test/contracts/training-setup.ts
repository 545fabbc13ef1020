import type { TrainingBackend, TrainingJob } from '../../activities/ports/training-backend.ts';

/** What a trainer can do in the suite. Each start adds a line to the file `starts` in the checkpoints directory. */
export type Behaviour =
  /** Writes the artifact `model/weights.bin` (text `weights of <model>, seed <seed>`) and ends with 0. */
  | 'trains'
  /** Mode `predict`: writes `predictions.parquet` (any bytes) and ends with 0. */
  | 'predicts'
  /** Mode `pull`: writes `observations/all.parquet` and `labels/day=2026-02-28/all.parquet` (any bytes) and ends with 0. */
  | 'pulls'
  /** The same, but a label file is another than the one that the result names. */
  | 'pulls-another'
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

/** What mode `pull` has beyond a training. */
export const PULL = {
  mode: 'pull',
  span: { from: '2026-02-01T00:00:00.000Z', until: '2026-03-01T00:00:00.000Z' },
  labels: { id: 'flight', label: 'late', availableAt: 'landed_at' },
} as const;

/** A training of `flights` with seed 7. */
export function trainSpec(run: string): TrainingJob['spec'] {
  return {
    schemaVersion: 1,
    mode: 'train',
    model: 'flights',
    run,
    asOf: '2026-03-01T00:00:00.000Z',
    params: { num_leaves: 31 },
    seed: 7,
    columns: { id: 'flight', time: 'date', label: 'late', features: ['hour'], slices: [] },
    files: [],
  };
}
