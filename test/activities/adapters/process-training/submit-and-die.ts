import { createProcessTraining } from '../../../../activities/adapters/process-training/training-backend.ts';
import type { TrainingJob } from '../../../../activities/ports/training-backend.ts';

/** A worker for tests: submits the job of its first argument and then stays, until somebody kills it. */
const { root, job } = JSON.parse(process.argv[2] ?? '{}') as { root: string; job: TrainingJob };
await createProcessTraining({ root, hostEnvironment: process.env, backoffMs: 10 }).submit(job);
process.stdout.write('submitted\n');
setInterval(() => undefined, 60_000);
