import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openWorkerPod } from './worker-pod.ts';
import type { WorkerPod } from './worker-pod.ts';

let world: WorkerPod;
beforeAll(async () => {
  world = await openWorkerPod();
}, 180_000);
afterAll(async () => {
  await world.close();
}, 120_000);

test('SE5: the worker becomes ready as a pod from the shipped manifests and polls Temporal', async () => {
  expect(world.answers.filter(({ status }) => status !== 201)).toEqual([]);
  const pod = await world.readyPod();
  const metrics = await (await fetch(`http://${pod.status?.podIP}:9464/metrics`)).text();
  expect(metrics.match(/^understudy_worker_polling\{.*\} 1$/gmu)).toHaveLength(5);
}, 150_000);
