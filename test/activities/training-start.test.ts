import { expect, test } from '@jest/globals';
import { buildJob } from '../../activities/adapters/kubernetes-training/manifest.ts';
import { putJson } from '../../activities/context.ts';
import { attemptPolicyOf } from '../../activities/placement.ts';
import type { TrainingJob } from '../../activities/ports/training-backend.ts';
import { prepare, submitJob } from '../../activities/training-start.ts';
import { createMemoryEvidence } from '../fakes/memory-evidence.ts';
import { createMemoryRegistry } from '../fakes/memory-registry.ts';
import { applied } from '../lifecycle/policies.ts';
import { platform } from './adapters/kubernetes-training/jobs.ts';
import { oneFileDataset } from '../one-file-dataset.ts';

const IMAGE = `registry.example/ml/train@sha256:${'ab'.repeat(32)}`;
const SNAPSHOT = `sha256:${'5a'.repeat(32)}`;
const AS_OF = '2026-03-01T00:00:00.000Z';

test('TN2: the Job of a training names its run, which training of it it is, its scorecard and its snapshot', async () => {
  const evidence = createMemoryEvidence();
  const order = applied('flights', '/', { training: { backend: 'kubernetes', image: IMAGE, command: ['train'] } });
  const run = { run: 'retrain/flights/1', model: 'flights', asOf: AS_OF, folder: '/' };
  const context = { ...run, generation: 1, applied: await putJson(evidence, order), bootstrap: true };
  const dataset = oneFileDataset(SNAPSHOT, await putJson(evidence, {}), AS_OF);
  const submitted: TrainingJob[] = [];
  const training = {
    submit: async (job: TrainingJob) => void submitted.push(job),
    inspect: async () => ({ state: 'vanished' }) as const,
    remove: async () => undefined,
  };
  const ports = { training, evidence, registry: createMemoryRegistry() };
  const rules = attemptPolicyOf(order.policy);
  const { spent } = await prepare(ports, {}, { context, dataset, startedAt: AS_OF });
  const input = { context, dataset, startedAt: AS_OF, rules, node: 'training' };

  await submitJob(ports, { checkpoints: '/checkpoints' }, { ...input, spent });
  await submitJob(ports, { checkpoints: '/checkpoints' }, { ...input, spent: { ...spent, generation: 2 } });

  const jobs = submitted.map((one) => buildJob(one, platform()).job);
  const lineage = {
    'understudy.dev/run': 'retrain/flights/1',
    'understudy.dev/scorecard-sha256': order.scorecardDigest,
    'understudy.dev/snapshot-sha256': SNAPSHOT,
  };
  for (const [index, job] of jobs.entries()) {
    const labels = { 'understudy.dev/model': 'flights', 'understudy.dev/generation': String(index + 1) };
    expect(job.metadata).toMatchObject({ labels, annotations: lineage });
    expect(job.spec?.template.metadata).toMatchObject({ labels, annotations: lineage });
  }
  expect(new Set(jobs.map(({ metadata }) => metadata?.name)).size).toBe(2);
});
