import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createDuckdbDataStore } from '../../activities/adapters/duckdb/data-store.ts';
import type { HoldoutMeasurements, MeasureRequest, Snapshot } from '../../activities/ports/data-store.ts';
import { loadPolicyFile } from '../../clients/policy-file.ts';
import type { PolicyFile } from '../../clients/policy-file.ts';
import { buildData } from '../../examples/flights/build-data.ts';
import { flights } from '../../examples/flights/folder.ts';
import type { TrainerSpec } from '../../scorecards/contracts/trainer.ts';
import type { FileRef } from '../../scorecards/vocabulary.ts';
import { kept } from './kept.ts';
import { runTrainer } from './trainer.ts';
import type { Window } from './weeks.ts';

const WORK = { signal: new AbortController().signal, progress: () => undefined };
type Data = ReturnType<typeof createDuckdbDataStore>;

/** A trained model: the folder of its artifact, and how many bytes that has. */
export interface Model {
  readonly name: string;
  readonly artifact: string;
  readonly bytes: number;
}

/** Snapshots, models and predictions, each made once from the example's data, policy and trainer. */
export interface Models {
  readonly file: PolicyFile;
  readonly data: Data;
  /** Where what was made is kept. */
  readonly folder: string;
  snapshot(window: Window): Promise<Snapshot>;
  /** With `rows` on these instead of all training rows of the window. */
  train(window: Window, rows?: { readonly name: string; readonly file: FileRef }): Promise<Model>;
  /** Scores of every row of the window's holdout, which are the same for all windows that are judged on that week. */
  predict(model: Model, on: Window): Promise<FileRef>;
  /** The store's own answer; bounds do not change it, so another bound measures nothing again. */
  measure(request: MeasureRequest): Promise<HoldoutMeasurements>;
}

/** `cache` is a folder; what it holds is used again as long as data, trainer and parameters are the same. */
export async function openModels(cache: string): Promise<Models> {
  const [{ loaded }, built] = await Promise.all([loadPolicyFile(path.join(flights, 'policy.yaml')), buildData()]);
  if (!loaded) throw new Error('policy.yaml is not valid: npx understudy lint -f examples/flights/policy.yaml');
  const { params, seed } = loaded.policy.spec.training;
  const trainer = ['train.py', 'flights_model.py', 'checkpoints.py'];
  const texts = await Promise.all(trainer.map(async (name) => readFile(path.join(flights, name), 'utf8')));
  const recipe = JSON.stringify([built.digest, params, seed, ...texts]);
  const root = path.join(cache, createHash('sha256').update(recipe).digest('hex').slice(0, 16));
  const data = createDuckdbDataStore({ temporaryDirectory: path.join(root, 'tmp'), threads: 1 });
  const snapshot = async (window: Window) => snapshotOf(loaded, { data, window, root });
  return {
    file: loaded,
    data,
    folder: root,
    snapshot,
    measure: async (request) =>
      kept(path.join(root, 'measured', `${keyOf(request)}.json`), async () => data.measure(request, WORK)),
    async train(window, rows) {
      const { train } = await snapshot(window);
      const name = rows ? `${window.name}-${rows.name}` : window.name;
      const output = path.join(root, 'models', name);
      await runTrainer(specOf(loaded, { mode: 'train', asOf: window.asOf, file: rows?.file ?? train }), output);
      const artifact = path.join(output, 'artifact');
      const files = await Promise.all(['model.txt', 'encoders.json'].map((one) => readFile(path.join(artifact, one))));
      return { name, artifact, bytes: files.reduce((sum, { length }) => sum + length, 0) };
    },
    async predict(model, on) {
      const { holdout, holdoutSpan } = await snapshot(on);
      const output = path.join(root, 'predictions', `${model.name}-on-${holdoutSpan.from.slice(0, 10)}`);
      const spec = specOf(loaded, { mode: 'predict', asOf: on.asOf, file: holdout });
      const result = await runTrainer({ ...spec, artifact: model.artifact }, output);
      if (result.mode !== 'predict') throw new Error(`${output} holds the result of ${result.mode}, expected predict`);
      const { path: name, rows, sha256 } = result.predictions;
      const file = path.join(output, name);
      return { name, path: file, bytes: (await readFile(file)).length, sha256, rows };
    },
  };
}

function keyOf({ scorecard, champion, challenger, holdout, labels }: MeasureRequest): string {
  const asked = scorecard.spec.criteria.map(
    ({ atLeast: _least, atMost: _most, versusChampion: _than, judge: _by, ...criterion }) => criterion,
  );
  const files = [holdout, labels, challenger, champion].map((file) => file?.sha256 ?? null);
  const question = JSON.stringify([scorecard.spec.operatingPoint, scorecard.spec.task, asked, files]);
  return createHash('sha256').update(question).digest('hex').slice(0, 32);
}

interface Asked {
  readonly data: Data;
  readonly window: Window;
  readonly root: string;
}

async function snapshotOf({ folder, policy }: PolicyFile, { data, root, window }: Asked): Promise<Snapshot> {
  const { data: section, dataset, drift } = policy.spec;
  const into = path.join(root, 'snapshots', window.name);
  const { asOf, bootstrap, holdoutMs, trainMs } = window;
  const wanted = { ...dataset, train: trainMs, holdout: holdoutMs };
  const features = featuresOf(policy);
  const request = { data: section, dataset: wanted, features, asOf, bucketMs: drift.bucket, folder, into, bootstrap };
  return kept(path.join(into, 'snapshot.json'), async () => data.snapshot(request, WORK));
}

const featuresOf = ({ spec }: PolicyFile['policy']) => (spec.data.features ?? []).map(({ name }) => name);

type Given = Pick<TrainerSpec, 'mode' | 'asOf'> & { readonly file: FileRef };

function specOf({ policy }: PolicyFile, { asOf, file, mode }: Given): Omit<TrainerSpec, 'output'> {
  const { data, training } = policy.spec;
  const { id, time } = data.observations;
  const { bytes, name, path: where, sha256 } = file;
  return {
    schemaVersion: 1,
    mode,
    model: policy.metadata.name,
    run: 'replay',
    asOf,
    params: { ...training.params },
    seed: training.seed,
    columns: { id, time, label: data.labels.label, features: featuresOf(policy), slices: data.slices },
    files: [{ name, path: where, bytes, sha256 }],
  };
}
