import { expect, test } from '@jest/globals';
import { pullTrialsOf, trialsOf } from '../../../../activities/adapters/kubernetes-preflight/trial.ts';
import { platformSchema } from '../../../../activities/adapters/kubernetes-training/manifest-platform.ts';
import { applied } from '../../../lifecycle/policies.ts';

const DIGEST = `sha256:${'b'.repeat(64)}`;
const courier = { image: `registry.example/worker@${DIGEST}`, exchange: 'http://worker.example:9466' };
const platform = platformSchema.parse({ namespace: 'train', courier });
const image = `registry.example/pull@${DIGEST}`;
const { policy } = applied('churn', '/', {
  data: {
    observations: { path: 'data/observations/day=*/*.parquet', time: 'seen', id: 'id' },
    labels: { path: 'data/labels/day=*/*.parquet', id: 'id', label: 'y', availableAt: 'known_at' },
    pull: { command: ['python', 'pull.py'], image },
  },
});

test('OP10: a pull in an image is tried as a Job with its own image and command, though the trainer is a process', () => {
  expect(trialsOf(platform, policy)).toEqual([]);
  expect(pullTrialsOf(platform, policy)).toMatchObject([
    { name: 'pull job', pod: { containers: [{ image, command: ['python', 'pull.py'] }] } },
  ]);
});

test('an image of a pull that is not pinned by its digest cannot even be written', () => {
  const { data } = policy.spec;
  const pull = {
    command: ['python', 'pull.py'],
    deadline: 60_000,
    ...data.pull,
    image: 'registry.example/pull:latest',
  };
  const byTag = { ...policy, spec: { ...policy.spec, data: { ...data, pull } } };
  expect(pullTrialsOf(platform, byTag)).toEqual([
    {
      name: 'pull job',
      what: 'a pull Job',
      refused: expect.stringContaining('registry.example/pull:latest'),
      next: expect.stringMatching(/in spec\.data\.pull, .*\nimage: registry\.example\/pull@sha256:<digest>$/),
    },
  ]);
});

test('a policy without an image for its pull has no such trial', () => {
  expect(pullTrialsOf(platform, applied('churn', '/').policy)).toEqual([]);
  expect(pullTrialsOf(platform)).toEqual([]);
});
