import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { present } from '../../present.ts';
import type { JobState } from '../../../activities/ports/training-backend.ts';
import { imageOf } from '../cluster.ts';
import { endOf, expectPromised, settled, startAll, tell } from './row.ts';
import type { Row, Told } from './row.ts';
import {
  WITHIN_MS,
  MERGE,
  WAITING,
  checkpointOf,
  ended,
  isRunning,
  openFailures,
  quoted,
  resultFrom,
} from './world.ts';
import type { Failures } from './world.ts';

/** Reserves so much memory and touches all of it. */
const GREEDY = 'exec dd if=/dev/zero of=/dev/null bs=256M count=1';
const SAVES_AND_LEAVES = `trap ${quoted(`${checkpointOf(7)}; exit 75`)} TERM; ${WAITING}`;

/** How long a pod takes to start is not ours to say, so the deadline is set when the trainer runs. */
async function endSoon({ batch, space }: Failures, name: string): Promise<void> {
  const job = await batch.readNamespacedJob({ name, namespace: space.name });
  const elapsed = (Date.now() - present(job.status?.startTime).getTime()) / 1000;
  const body = { spec: { activeDeadlineSeconds: Math.ceil(elapsed) + 3 } };
  await batch.patchNamespacedJob({ name, namespace: space.name, body }, MERGE);
}

const exits: readonly (readonly [code: number, type: string, means: string, retry: RegExp])[] = [
  [64, 'TrainerUsage', 'usage or contract', /^no: TrainerUsage is final/],
  [65, 'TrainerData', 'data invalid', /^no: TrainerData is final/],
  [
    69,
    'TrainerDependency',
    'dependency unavailable',
    /^again: TrainerDependency: 1 failed attempts, 2 may be repeated/,
  ],
  [75, 'TrainerTemporary', 'temporary failure', /^again: TrainerTemporary: 1 failed attempts/],
  [77, 'TrainerPermission', 'permission denied', /^no: TrainerPermission is final/],
  [78, 'TrainerConfiguration', 'configuration', /^no: TrainerConfiguration is final/],
  [3, 'TrainerError', 'trainer error', /^again: TrainerError: 1 failed attempts/],
];

const rows: readonly Row[] = [
  {
    name: 'terminated OOMKilled by the limit of its cgroup',
    type: 'OutOfMemory',
    // A runtime that hears of the kill too late reports 137 without the word OOMKilled; what follows is the same.
    sentence:
      /^the trainer (ran out of memory|was killed \(137\), memory is the usual cause): limit 32Mi.* · PodFailurePolicy: Container trainer for pod \S+ failed with exit code 137 matching FailJob rule at index 3$/s,
    retry: /^again: out of memory with 33554432 bytes, one step larger is 67108864 bytes: job 2 of this run starts/,
    produce: async (world) => await endOf(world.backend(), world.job('greedy', GREEDY)),
  },
  {
    name: 'terminated 137 that no cgroup explains',
    type: 'OutOfMemory',
    sentence: /^the trainer was killed \(137\), memory is the usual cause: limit 32Mi/,
    retry: /^again: out of memory/,
    produce: async (world) => await endOf(world.backend(), world.job('killed', 'echo gone; exit 137')),
  },
  {
    name: 'terminated 143, told to stop by somebody',
    type: 'TrainerKilled',
    sentence: /^the trainer was told to stop \(143\) and did: stopping · BackoffLimitExceeded/,
    retry: /^again: TrainerKilled: 1 failed attempts/,
    produce: async (world) => await endOf(world.backend(), world.job('told', 'echo stopping; exit 143')),
  },
  ...exits.map(([code, type, means, retry]) => ({
    name: `exit code ${code}`,
    type,
    sentence: new RegExp(`^the trainer ended with exit code ${code} \\(${means}\\): last words of ${code} · \\w+: `),
    retry,
    produce: async (world: Failures) =>
      await endOf(world.backend(), world.job(`exit-${code}`, `echo last words of ${code}; exit ${code}`)),
  })),
  {
    name: 'the command is not in the image',
    type: 'CommandNotFound',
    sentence: /^the trainer could not be started: .*no-such-trainer.*no such file or directory/s,
    retry: /^no: CommandNotFound is final/,
    produce: async (world) =>
      await endOf(world.backend(), world.job('no-command', '', { command: ['/no-such-trainer'] })),
  },
  {
    name: 'Failed: DeadlineExceeded, after its grace',
    type: 'DeadlineExceeded',
    sentence:
      /^the job was stopped at its deadline: limit \d+ (?:s|min), \d+ (?:s|min) elapsed, of which 0 s suspended, [1-9]\d* s running in its longest pod, attempt 1$/,
    retry: /^no: DeadlineExceeded is final/,
    produce: async (world) => {
      const backend = world.backend();
      await backend.submit(world.job('too-slow', SAVES_AND_LEAVES));
      await world.podThat('too-slow', isRunning);
      await endSoon(world, 'too-slow');
      return tell(await ended(backend, 'too-slow'));
    },
  },
];

describe('training-and-registry 4.10: a trainer that ended', () => {
  let world: Failures;
  let outcome: (row: Row) => Promise<Told>;
  let instant: () => Promise<JobState>;
  beforeAll(async () => {
    world = await openFailures('end', { 'pod-security.kubernetes.io/enforce': 'restricted' });
    outcome = startAll(rows, world);
    instant = settled(endAtOnce(world));
  });
  afterAll(async () => world.close());

  expectPromised(rows, async (row) => outcome(row));

  test('TN3: a deadline gives the trainer its grace, and the checkpoint that it wrote in it is kept', async () => {
    expect(await world.checkpoint('too-slow')).toBe(7);
  });

  test(
    'TN2: a result is handed in though its trainer ended before a slow courier could look',
    async () => {
      expect(await instant()).toMatchObject({ state: 'succeeded', result: { metrics: { auc: 0.7 } } });
    },
    WITHIN_MS,
  );
});

async function endAtOnce(world: Failures): Promise<JobState> {
  const courier = { image: imageOf('worker'), exchange: world.exchange, cpu: 0.03, memory: '128Mi' };
  const backend = world.backend({ platform: { courier } });
  await backend.submit(world.job('instant', resultFrom(0)));
  return await ended(backend, 'instant');
}
