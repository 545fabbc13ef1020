import { posix } from 'node:path';
import type { TrainerSpec } from '../../../scorecards/contracts/trainer.ts';
import type { TrainingJob } from '../../ports/training-backend.ts';

/** Where things lie in a training pod. The courier writes `spec`, `data` and `artifact` and reads all others. */
export const POD_PATHS = {
  root: '/understudy',
  spec: '/understudy/spec.json',
  /** Read-only for the trainer. */
  data: '/understudy/data',
  /** Mode `predict`: the candidate's artifact. */
  artifact: '/understudy/data/artifact',
  output: '/understudy/output',
  checkpoints: '/understudy/checkpoints',
  progress: '/understudy/progress.jsonl',
  /** Of a model server: its serving log until the courier has carried it out. */
  log: '/understudy/log',
} as const;

/** Where the side-car of a trainer listens once it hears signals; nothing is said there. */
export const COURIER_PORT = 29_499;

/**
 * The spec as the trainer reads it in its pod: every path is one of the pod. The exchange serves exactly the canonical
 * JSON of this, and `fetch` checks it against the digest that the manifest carries.
 */
export function podSpec({ spec }: Pick<TrainingJob, 'spec'>): TrainerSpec {
  return {
    ...spec,
    files: spec.files.map((file) => ({ ...file, path: posix.join(POD_PATHS.data, file.name) })),
    ...(spec.artifact === undefined ? {} : { artifact: POD_PATHS.artifact }),
    output: POD_PATHS.output,
  };
}
