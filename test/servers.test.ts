import { stat } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { connectWhenReady } from '../infra/stack/bootstrap.ts';
import { mlflowServer, temporalServer, timeSkippingBinary, traefikServer } from './servers.ts';

test('whoever asks for a shared server gets the same one', async () => {
  const [first, second] = await Promise.all([temporalServer(), temporalServer()]);
  expect(second).toEqual(first);
  const connection = await connectWhenReady(first.address, { withinMs: 5000 }, first.namespace);
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
  await connection.close();
  expect(customAttributes).toMatchObject({ RetrainModel: 2, RetrainNeedsHuman: 5, RetrainReasons: 7 });
}, 60_000);

test('the shared MLflow answers its API, not only its health check', async () => {
  const { uri } = await mlflowServer();
  const answer = await fetch(`${uri}/api/2.0/mlflow/experiments/get?experiment_id=0`);
  expect(await answer.json()).toMatchObject({ experiment: { name: 'Default' } });
}, 120_000);

test('the shared Traefik serves metrics', async () => {
  const { metricsUrl } = await traefikServer();
  expect(await (await fetch(metricsUrl)).text()).toContain('traefik_config_last_reload_success');
}, 30_000);

test('the time-skipping server is a program that may be run', async () => {
  expect((await stat(timeSkippingBinary())).mode & 0o111).not.toBe(0);
});
