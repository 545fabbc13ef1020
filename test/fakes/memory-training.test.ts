import { createHash } from 'node:crypto';
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrainingJob } from '../../activities/ports/training-backend.ts';
import { trainingBackendContract } from '../contracts/training-backend.ts';
import type { Behaviour } from '../contracts/training-setup.ts';
import { createMemoryTraining, predictions, trainedModel } from './memory-training.ts';
import type { Attempt } from './memory-training.ts';

trainingBackendContract('in memory', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'memory-training-'));
  const backend = createMemoryTraining({ root: join(directory, 'jobs'), play });
  return {
    backend,
    other: backend,
    folder: directory,
    checkpoints: join(directory, 'checkpoints'),
    command: (behaviour) => [behaviour],
    close: async () => await rm(directory, { recursive: true, force: true }),
  };
});

async function play(job: TrainingJob): Promise<Attempt> {
  await mkdir(job.checkpoints, { recursive: true });
  await appendFile(join(job.checkpoints, 'starts'), 'started\n');
  const starts = (await readFile(join(job.checkpoints, 'starts'), 'utf8')).trim().split('\n').length;
  const behaviour = job.command[0] ?? '';
  const exitCode = /^exit-(\d+)$/.exec(behaviour)?.[1];
  return exitCode ? { does: 'ends', exitCode: Number(exitCode) } : SCRIPT[behaviour as Behaviour](starts === 1);
}

const METRICS = { metrics: { auc: 0.75 } };
const FILES = { 'weights.bin': 'weights of flights, seed 7' };
const NOTHING: Attempt = { does: 'ends', exitCode: 0 };

/** The behaviours of the contract, as scripts of the fake. */
const SCRIPT: Record<Behaviour, (first: boolean) => Attempt> = {
  trains: () => trainedModel(FILES, METRICS),
  predicts: () => predictions('PAR1', 2),
  pulls: () => pulled('PAR1'),
  'pulls-another': () => pulled('other'),
  hangs: () => ({ does: 'hangs' }),
  'shows-progress': () => ({ does: 'hangs', progress: { step: 3, of: 10 } }),
  resumes: (first) => (first ? { does: 'ends', exitCode: 75 } : trainedModel(FILES, { resumedFrom: 40 })),
  'leans-on-earlier': (first) => (first ? { ...trainedModel(FILES), exitCode: 75 } : NOTHING),
  'writes-nothing': () => NOTHING,
  'writes-nonsense': () => afterwards(async (output) => await writeFile(join(output, 'result.json'), '{"mode"')),
  'says-predict': () => predictions('PAR1', 2),
  'says-other-seed': () => result((given) => given.replace('{', '{"seed":99,')),
  'names-wrong-digest': () =>
    afterwards(async (output) => await appendFile(join(output, 'model', 'weights.bin'), 'more')),
  'names-missing-file': () => result((given) => given.replace('weights.bin', 'gone.bin')),
  'names-outside-file': () =>
    afterwards(async (output) => {
      await writeFile(join(output, 'outside.bin'), FILES['weights.bin']);
      await rewrite(output, (given) => given.replace('weights.bin', '../outside.bin'));
    }),
  'leaves-unnamed-file': () =>
    afterwards(async (output) => await writeFile(join(output, 'model', 'notes.txt'), 'notes')),
  'trains-then-exits-65': () => ({ ...trainedModel(FILES), exitCode: 65 }),
  'kills-itself': () => ({ does: 'is-killed' }),
};

/** Observations and a day of labels, of which the result says that they are `PAR1`. */
function pulled(labels: string): Attempt {
  const write = async (output: string): Promise<void> => {
    const day = 'labels/day=2026-02-28';
    await Promise.all(['observations', day].map(async (name) => mkdir(join(output, name), { recursive: true })));
    await writeFile(join(output, 'observations/all.parquet'), 'PAR1');
    await writeFile(join(output, day, 'all.parquet'), labels);
    const sha256 = createHash('sha256').update('PAR1').digest('hex');
    const files = [
      { path: 'observations/all.parquet', sha256, rows: 2 },
      { path: `${day}/all.parquet`, sha256, rows: 1 },
    ];
    const sources = [{ uri: 'table:x' }];
    const answer = { mode: 'pull', observations: files.slice(0, 1), labels: files.slice(1), sources };
    await writeFile(join(output, 'result.json'), JSON.stringify(answer));
  };
  return { does: 'ends', exitCode: 0, write };
}

/** A trained model, then something done to its output. */
function afterwards(change: (output: string) => Promise<void>): Attempt {
  const trained = trainedModel(FILES, METRICS) as Extract<Attempt, { does: 'ends' }>;
  return {
    ...trained,
    write: async (output) => {
      await trained.write?.(output);
      await change(output);
    },
  };
}

function result(change: (given: string) => string): Attempt {
  return afterwards(async (output) => await rewrite(output, change));
}

async function rewrite(output: string, change: (given: string) => string): Promise<void> {
  const path = join(output, 'result.json');
  await writeFile(path, change(await readFile(path, 'utf8')));
}
