import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { getJson } from '../../activities/context.ts';
import type { PortFailure } from '../../activities/ports/port-failure.ts';
import type { ComputeUse, TrainingJob } from '../../activities/ports/training-backend.ts';
import { gatherReport } from '../../clients/report/gather.ts';
import { tell } from '../../clients/report/story.ts';
import type { RunRecord } from '../../scorecards/records/run-record.ts';
import type { EvidenceRef } from '../../scorecards/vocabulary.ts';
import { eventually } from '../eventually.ts';
import { trainedModel } from '../fakes/memory-training.ts';
import type { Attempt } from '../fakes/memory-training.ts';
import { present } from '../present.ts';
import { daysFrom, writeDays } from './data.ts';
import { badLine, queue, quota } from './bad-line.ts';
import { applied } from './policies.ts';
import { createWorld } from './world.ts';
import type { World } from './world.ts';

const MODEL = 'stubborn';
const AS_OF = '2001-01-10T06:00:00Z';
const GIB = 1024 ** 3;
const PRICES = {
  currency: 'EUR',
  gpuHour: { 'nvidia.com/gpu': 2, 'nvidia.com/mig-1g.10gb': 1 },
  cpuCoreHour: 0,
  gibHour: 0,
};
const IMAGE = `registry.example/train@sha256:${'a'.repeat(64)}`;
const ANY_OF = [
  { resource: 'nvidia.com/gpu', count: 1 },
  { resource: 'nvidia.com/mig-1g.10gb', count: 2 },
];

const hours = (count: number, more: Partial<ComputeUse> = {}): ComputeUse => ({
  backend: 'kubernetes',
  jobUid: 'uid',
  pods: [],
  nodes: [],
  queueSeconds: 0,
  runSeconds: count * 3600,
  gpuSeconds: count * 3600,
  evictions: 0,
  suspensions: 0,
  ...more,
});
const fails = (code: PortFailure['code'], more: Partial<Extract<Attempt, { does: 'fails' }>> = {}): Attempt => ({
  does: 'fails',
  code,
  message: `as ${code} ends`,
  compute: hours(0),
  ...more,
});
const trains = (): Attempt => trainedModel({ 'model.txt': 'good' }, { metrics: { rows: 1 } });

describe('a training that needs more than one job', () => {
  let world: World;
  let seen = 0;
  const trainings = (): readonly TrainingJob[] =>
    world.training.started.filter((job) => job.spec.mode === 'train').slice(seen);
  const start = async (...script: readonly Attempt[]): Promise<string> => {
    const left = [...script];
    world.script.training = () => left.shift() ?? trains();
    return world.newRun(MODEL, AS_OF, 'bootstrap');
  };
  const rejected = async (run: string) => {
    await world.decide(run, 'reject');
    return world.result(run);
  };
  const trainingLine = async (run: string): Promise<string> =>
    present((await world.sheetOf(run)).stages.find(({ stage }) => stage === 'training')).result;
  const apply = async (more: object = {}) =>
    world.apply(
      applied(MODEL, world.folder, {
        training: {
          backend: 'kubernetes',
          image: IMAGE,
          command: ['train'],
          deadline: '10h',
          lockfile: 'requirements.lock',
          retries: 1,
          resources: { memory: '4Gi', gpu: { anyOf: ANY_OF } },
          ...more,
        },
      }),
    );
  const metric = async (name: string): Promise<number> =>
    Number(
      (await world.telemetry.registry.metrics())
        .split('\n')
        .find((line) => line.startsWith(`${name}{`))
        ?.split(' ')[1] ?? 0,
    );

  beforeAll(async () => {
    world = await createWorld((ports) => ({ ...ports, training: badLine(ports.training) }), {
      prices: PRICES,
      memorySteps: [16 * GIB, 8 * GIB],
    });
    await writeDays(world.folder, daysFrom('2001-01-01', 10, 200));
    await apply();
  }, 60_000);
  afterAll(() => world.close());
  afterEach(() => {
    seen = world.training.started.filter((job) => job.spec.mode === 'train').length;
  });

  test('TN2: goes to the next kind of accelerator after the deadline of its queue, and the version predicts on that kind', async () => {
    const run = await start(fails('queue-deadline'));
    await rejected(run);
    const kinds = trainings().map(({ placement }) => placement?.gpu?.resource);
    expect(kinds).toEqual(['nvidia.com/gpu', 'nvidia.com/mig-1g.10gb']);
    expect(new Set(trainings().map(({ name }) => name)).size).toBe(2);
    expect(new Set(trainings().map(({ checkpoints }) => checkpoints)).size).toBe(1);
    const predicting = world.training.started.filter((job) => job.spec.mode === 'predict').at(-1);
    expect(predicting?.placement?.gpu?.resource).toBe('nvidia.com/mig-1g.10gb');
    expect(await trainingLine(run)).toMatch(
      /^v\d+, .*; QueueDeadlineExceeded: kind 2 of 2 accelerators is tried: job 2 of this run starts$/,
    );
  });

  test('fails when no other kind of accelerator is left, with the words of the last queue', async () => {
    const run = await start(fails('queue-deadline'), fails('unschedulable'));
    expect(await world.result(run)).toMatchObject({
      outcome: 'failed',
      stage: 'training',
      reason: expect.stringMatching(
        /^Unschedulable: as unschedulable ends; its log ends with: the last line · next: .* · Unschedulable: no other kind of accelerator is allowed$/,
      ),
    });
    expect(trainings()).toHaveLength(2);
    const { logs } = tell(present(await gatherReport(world, run)));
    expect(logs.map(({ text }) => text)).toEqual(['the last line', 'the last line']);
    expect(world.training.names()).toEqual([]);
  });

  test('TN7: gets one step more memory after it ran out of it, once', async () => {
    const run = await start(fails('out-of-memory'), fails('out-of-memory'));
    expect(await world.result(run)).toMatchObject({
      reason: expect.stringMatching(/^OutOfMemory: .*out of memory again with 8589934592 bytes, after one step more$/),
    });
    expect(trainings().map(({ placement }) => placement?.memory)).toEqual([4 * GIB, 8 * GIB]);
  });

  test('waits for a quota of Jobs as long as for a queue, then goes to the next kind of accelerator', async () => {
    quota.refusals = 2;
    const waited = await start(fails('trainer-data'));
    expect(await world.result(waited)).toMatchObject({
      outcome: 'blocked',
      reason: expect.stringMatching(/^TrainerData/),
    });
    expect(trainings().map(({ placement }) => placement?.gpu?.resource)).toEqual(['nvidia.com/gpu']);
    await apply({ queueDeadline: '0s' });
    quota.refusals = 1;
    const gone = await start(fails('trainer-data'));
    await world.result(gone);
    expect(trainings().at(-1)?.placement?.gpu?.resource).toBe('nvidia.com/mig-1g.10gb');
    await apply();
  });

  test('tries an image that cannot be pulled once more', async () => {
    const run = await start(fails('image-pull'), fails('image-pull'));
    expect(await world.result(run)).toMatchObject({
      reason: expect.stringMatching(/^ImagePullFailed: .*the image could not be pulled a second time$/),
    });
    expect(trainings()).toHaveLength(2);
  });

  test('TN3: goes on from its checkpoint when preempted, free of charge, with the rest of its deadline and of its retries', async () => {
    const lost = { compute: hours(1, { evictions: 4 }), checkpoint: { step: 40, stuck: 1 } };
    const resumed = trainedModel({ 'model.txt': 'good' }, { resumedFrom: 40 });
    const run = await start(fails('preempted', { ...lost, failures: 1 }), fails('preempted', lost), resumed);
    await rejected(run);
    const [first, , third] = trainings();
    expect(trainings().map(({ deadlineMs }) => deadlineMs)).toEqual([36e6, 324e5, 288e5]);
    expect(trainings().map(({ retries }) => retries)).toEqual([1, 0, 0]);
    expect(third?.placement?.disruptions).toEqual({ evictions: 3, suspensions: 10, sameStep: 3 });
    expect(third?.checkpoints).toBe(first?.checkpoints);
    expect(await trainingLine(run)).toContain('preempted at step 40 (8 of 20 evictions), free of charge');
  });

  test('a job that somebody deleted is final, unless the policy allows one other', async () => {
    const final = await start({ does: 'vanishes' });
    expect(await world.result(final)).toMatchObject({
      reason: expect.stringMatching(/^JobVanished: .*the policy allows no other one$/),
    });
    await apply({ attempts: { afterVanished: true } });
    const again = await start({ does: 'vanishes' });
    await rejected(again);
    expect(trainings()).toHaveLength(3);
    await apply();
  });

  test('CO1: every job is paid for once, at the price of its own accelerators, and the record tells of all', async () => {
    const before = await metric('understudy_training_cost_total');
    const run = await start(fails('trainer-error', { compute: hours(3) }), fails('queue-deadline'));
    await rejected(run);
    expect((await metric('understudy_training_cost_total')) - before).toBe(6);
    const { version } = present((await world.sheetOf(run)).challenger);
    const { tags } = present(await world.registry.version(MODEL, present(version)));
    const record = await getJson<RunRecord>(
      world.evidence,
      JSON.parse(present(tags['understudy.record'])) as EvidenceRef,
    );
    const names = trainings().map(({ name }) => name);
    expect(record.compute).toMatchObject({
      job: names[2],
      earlier: [
        { job: names[0], type: 'TrainerError', runSeconds: 10_800, sentence: expect.stringContaining('1 failed') },
        { job: names[1], type: 'QueueDeadlineExceeded', gpuSeconds: 0 },
      ],
    });
    expect(record.training).toMatchObject({ accelerator: ANY_OF[1], memory: 4 * GIB });
  });

  test('TN2: all that was fetched of the log of every job is kept, of one that went well too', async () => {
    const run = await start(fails('trainer-error'), Object.assign(trains(), { log: 'epoch\n'.repeat(200) }));
    await rejected(run);
    const { attempts = [], logs, record } = present(await gatherReport(world, run));
    expect(attempts).toMatchObject([{ job: trainings()[0]?.name, again: true, logTail: 'the last line' }]);
    const kept = [present(attempts[0]?.log), present(record?.compute.log)];
    const texts = await Promise.all(kept.map(async (ref) => String(Buffer.from(await world.evidence.get(ref)))));
    expect(texts).toEqual(['the last line', 'epoch\n'.repeat(200)]);
    expect(logs).toEqual(kept.map(({ sha256 }, index) => ({ job: index + 1, sha256 })));
  });

  test('while a job waits, the run says what for', async () => {
    const run = await start({ does: 'waits', why: 'queue gpu-a: 2 ahead, quota 8/8 nvidia.com/gpu used by team-x' });
    const line = await eventually(
      async () => trainingLine(run).catch(() => ''),
      (now) => now !== '',
    );
    expect(line).toBe('waits: queue gpu-a: 2 ahead, quota 8/8 nvidia.com/gpu used by team-x');
    await world.signal(run, 'abort', { by: 'bo@example', reason: 'too long' });
    expect(await world.result(run)).toMatchObject({ outcome: 'aborted' });
    expect(world.training.names()).toEqual([]);
  });

  test('a training that is done says what it made, and no longer what its job waited for', async () => {
    queue.why = 'queue gpu-a: 2 ahead';
    const run = await start(trains());
    const waits = await eventually(
      async () => trainingLine(run).catch(() => ''),
      (now) => now !== '',
    );
    expect(waits).toBe('waits: queue gpu-a: 2 ahead');
    delete queue.why;
    await rejected(run);
    expect(await trainingLine(run)).toMatch(/^v\d+, 1 attempt\(s\), \d+ s, artifact sha256:[0-9a-f]{12}$/);
  });
});
