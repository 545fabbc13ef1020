import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Placement, TrainingJob } from '../../../activities/ports/training-backend.ts';
import { severalTrainingBackends } from '../../../activities/adapters/several-training.ts';
import { trainSpec } from '../../contracts/training-setup.ts';
import { createMemoryTraining } from '../../fakes/memory-training.ts';
import type { MemoryTraining } from '../../fakes/memory-training.ts';

const PLACEMENT: Placement = {
  image: `trainer@sha256:${'a'.repeat(64)}`,
  run: 'retrain/flights/1',
  model: 'flights',
  cpu: 1,
  memory: 2 ** 30,
  sharedMemory: 0,
  nodes: 1,
  queueDeadlineMs: 60_000,
};

describe('backends behind one port', () => {
  let root: string;
  let local: MemoryTraining;
  let kubernetes: MemoryTraining;
  const job = (name: string, placement?: Placement): TrainingJob => ({
    name,
    command: ['train'],
    folder: root,
    spec: trainSpec(name),
    environment: {},
    checkpoints: join(root, 'checkpoints'),
    deadlineMs: 60_000,
    graceMs: 100,
    retries: 0,
    ...(placement ? { placement } : {}),
  });

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'backends-'));
    local = createMemoryTraining({ root: join(root, 'local'), play: () => ({ does: 'hangs' }) });
    kubernetes = createMemoryTraining({ root: join(root, 'cluster'), play: () => ({ does: 'hangs' }) });
  });
  afterEach(async () => await rm(root, { recursive: true, force: true }));

  test('TN2: a job with a placement runs on the cluster, one without on this machine', async () => {
    const both = severalTrainingBackends({ process: local, kubernetes });
    await both.submit(job('here'));
    await both.submit(job('there', PLACEMENT));
    expect([local.names(), kubernetes.names()]).toEqual([['here'], ['there']]);
  });

  test('whoever knows a job answers for it; one that nobody knows has vanished', async () => {
    const both = severalTrainingBackends({ process: local, kubernetes });
    await both.submit(job('here'));
    await both.submit(job('there', PLACEMENT));
    expect((await both.inspect('here')).state).toBe('running');
    expect((await both.inspect('there')).state).toBe('running');
    expect((await both.inspect('nowhere')).state).toBe('vanished');
  });

  test('a job is removed wherever it runs, and removing what is nowhere succeeds', async () => {
    const both = severalTrainingBackends({ process: local, kubernetes });
    await both.submit(job('here'));
    await both.submit(job('there', PLACEMENT));
    await both.remove('there');
    await both.remove('here');
    await both.remove('nowhere');
    expect([local.names(), kubernetes.names()]).toEqual([[], []]);
  });

  test('news of a job are waited for where it runs, and a stop ends the wait', async () => {
    const asked: string[] = [];
    const cluster = { ...kubernetes, untilNews: async (name: string) => void asked.push(name) };
    const both = severalTrainingBackends({ process: local, kubernetes: cluster });
    await both.submit(job('here'));
    await both.submit(job('there', PLACEMENT));
    const stop = new AbortController();
    await both.untilNews?.('there', stop.signal);
    expect(asked).toEqual(['there']);
    stop.abort();
    await expect(both.untilNews?.('here', stop.signal)).rejects.toThrow('aborted');
    expect(asked).toEqual(['there']);
  });

  test('a worker without a cluster refuses a job that needs one, and says which setting is missing', async () => {
    const only = severalTrainingBackends({ process: local });
    await expect(only.submit(job('there', PLACEMENT))).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('add a kubernetes section'),
    });
    await only.submit(job('here'));
    expect(local.names()).toEqual(['here']);
  });
});
