import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createMlflowRegistry } from '../../../../activities/adapters/mlflow/registry.ts';
import type { MlflowRegistry } from '../../../../activities/adapters/mlflow/registry.ts';
import { pythonBin } from '../../../../infra/python.ts';
import { requestFor, runFor } from '../../../contracts/model-registry.ts';
import { mlflowServer } from '../../../servers.ts';
import { restOf } from './rest.ts';

/** As people write them: it knows nothing of us. */
const SCRIPT = `
import mlflow

class Constant(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input: list[float]) -> list[float]:
        return [0.5 for _ in model_input]

with mlflow.start_run():
    mlflow.log_param("learning_rate", 0.1)
    mlflow.log_metric("auc", 0.71, step=3)
    mlflow.pyfunc.log_model(name="model", python_model=Constant(), pip_requirements=["mlflow"])
`;

let uri: string;
let registry: MlflowRegistry;
let root: string;
beforeAll(async () => {
  ({ uri } = await mlflowServer());
  registry = createMlflowRegistry({ uri, experiment: `python-${randomUUID()}` });
  root = await mkdtemp(join(tmpdir(), 'python-trainer-'));
}, 120_000);
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

test('RP7: an unmodified MLflow trainer logs into our run, and the model it logged becomes the version', async () => {
  const model = `python-${randomUUID()}`;
  const run = await registry.openRun(runFor(model, `${randomUUID()}/training/0`));
  const { PATH = '', HOME = '' } = process.env;
  const trainer = spawn(pythonBin('python'), ['-c', SCRIPT], {
    cwd: root,
    env: { PATH, HOME, ...run.environment },
    stdio: 'ignore',
  });
  expect(await once(trainer, 'exit')).toEqual([0, null]);

  const { json } = await restOf(uri).get('runs/get', { run_id: run.runId });
  expect(json).toMatchObject({
    run: {
      info: { status: 'FINISHED' },
      data: {
        params: expect.arrayContaining([
          { key: 'learning_rate', value: '0.1' },
          { key: 'num_leaves', value: '31' },
        ]),
        metrics: [expect.objectContaining({ key: 'auc', value: 0.71 })],
      },
      outputs: { model_outputs: [{ model_id: expect.stringMatching(/^m-/) }] },
    },
  });
  const [logged] = (json as { run: { outputs: { model_outputs: { model_id: string }[] } } }).run.outputs.model_outputs;
  const version = await registry.register(await requestFor(model, run.runId, { root }));
  expect(version).toMatchObject({ version: '1', source: `models:/${logged?.model_id}`, ready: true });
}, 120_000);
