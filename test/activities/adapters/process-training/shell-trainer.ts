import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createProcessTraining } from '../../../../activities/adapters/process-training/training-backend.ts';
import type { TrainingSetup } from '../../../contracts/training-setup.ts';

export const TRAINER = fileURLToPath(new URL('./trainer.sh', import.meta.url));

export interface ShellSetup extends Omit<TrainingSetup, 'command'> {
  readonly root: string;
  command(behaviour: string): readonly string[];
}

/** The process backend in a directory of its own, with a trainer written in shell. */
export async function shellTraining(): Promise<ShellSetup> {
  const directory = await mkdtemp(join(tmpdir(), 'process-training-'));
  const root = join(directory, 'jobs');
  const backend = () => createProcessTraining({ root, hostEnvironment: process.env, backoffMs: 10 });
  return {
    root,
    backend: backend(),
    other: backend(),
    folder: directory,
    checkpoints: join(directory, 'checkpoints'),
    command: (behaviour) => ['sh', TRAINER, behaviour],
    close: async () => {
      const left = (await readdir(root)).filter((name) => !name.startsWith('.'));
      await Promise.all(left.map(async (name) => await backend().remove(name)));
      await rm(directory, { recursive: true, force: true });
    },
  };
}
