import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { buildJob } from '../../../../activities/adapters/kubernetes-training/manifest.ts';
import { podSpec } from '../../../../activities/adapters/kubernetes-training/manifest-paths.ts';
import { digestOf } from '../../../../activities/artifact.ts';
import type { GpuKind } from '../../../../activities/ports/training-backend.ts';
import { GOLDEN, goldenFile } from './golden-cases.ts';
import { jobFor, placement, platform } from './jobs.ts';

const NVIDIA: GpuKind = { resource: 'nvidia.com/gpu', count: 1, nodeSelector: {}, spot: false };
const podOf = (built: ReturnType<typeof buildJob>) => built.job.spec?.template.spec;
const rulesOf = (built: ReturnType<typeof buildJob>) => built.job.spec?.podFailurePolicy?.rules ?? [];
const envOf = (built: ReturnType<typeof buildJob>, container: string) => {
  const all = [...(podOf(built)?.initContainers ?? []), ...(podOf(built)?.containers ?? [])];
  const found = all.find(({ name }) => name === container)?.env ?? [];
  return Object.fromEntries(found.map(({ name, value }) => [name, value]));
};

describe('TN2: the manifest', () => {
  test.each(Object.entries(GOLDEN))('of %s is the golden one, field by field', (name, build) => {
    expect(JSON.parse(JSON.stringify(build()))).toEqual(JSON.parse(readFileSync(goldenFile(name), 'utf8')));
  });

  test('TN5: runs the command as the team wrote it, and tells it what to do by one file', () => {
    const command = ['python3', 'train.py', '--their-own=flag'];
    const built = buildJob(jobFor({}, { command }), platform());
    expect(podOf(built)?.containers).toEqual([expect.objectContaining({ command })]);
    expect(podOf(built)?.containers).toEqual([expect.not.objectContaining({ args: expect.anything() })]);
    const told = Object.keys(envOf(built, 'trainer')).filter((name) => name.startsWith('UNDERSTUDY_'));
    expect(told.toSorted()).toEqual(['UNDERSTUDY_CHECKPOINTS', 'UNDERSTUDY_PROGRESS', 'UNDERSTUDY_SPEC']);
  });

  test('ignores disruptions before it takes a kill for one by memory', () => {
    expect(
      rulesOf(buildJob(jobFor(), platform())).map(({ action, onExitCodes, onPodConditions }) => [
        action,
        onPodConditions,
        onExitCodes?.values,
      ]),
    ).toEqual([
      ['Ignore', [{ type: 'DisruptionTarget', status: 'True' }], undefined],
      ['FailJob', undefined, [64, 65, 77, 78]],
      ['FailJob', undefined, [64, 65, 77, 78]],
      ['FailJob', undefined, [137]],
    ]);
  });

  test('leaves suspension to Kueue', () => {
    const { job } = buildJob(jobFor({ queue: 'gpu-a' }), platform());
    expect(job.metadata?.labels?.['kueue.x-k8s.io/queue-name']).toBe('gpu-a');
    expect(job.spec).not.toHaveProperty('suspend');
  });

  test('bounds the execution in a queue by the deadline, unless the platform has set a bound; none without a queue', () => {
    const bound = 'kueue.x-k8s.io/max-exec-time-seconds';
    const labelsOf = (queue: object, labels: object = {}) =>
      buildJob(jobFor(queue), platform({ labels })).job.metadata?.labels;
    expect(labelsOf({ queue: 'gpu-a' })).toMatchObject({ [bound]: '1800' });
    expect(labelsOf({ queue: 'gpu-a' }, { [bound]: '60' })).toMatchObject({ [bound]: '60' });
    expect(labelsOf({})).not.toHaveProperty([bound]);
  });

  test('says which training of its run it is, by which scorecard and on which snapshot; nothing for other jobs', () => {
    const { lineage, ...others } = placement();
    const on = (job: ReturnType<typeof jobFor>) => buildJob(job, platform()).job.metadata;
    expect(on(jobFor())?.labels).toMatchObject({ 'understudy.dev/generation': '2' });
    expect(on(jobFor())?.annotations).toMatchObject({
      'understudy.dev/scorecard-sha256': lineage?.scorecard,
      'understudy.dev/snapshot-sha256': lineage?.snapshot,
    });
    expect(JSON.stringify(on(jobFor({}, { placement: others })))).not.toMatch(/generation|scorecard|snapshot/);
  });

  test('starts no single pod of a collective again', () => {
    expect(buildJob(jobFor({ nodes: 2 }), platform()).job.spec?.backoffLimit).toBe(0);
    expect(buildJob(jobFor({ nodes: 1 }), platform()).job.spec?.backoffLimit).toBe(2);
  });

  test('gives several nodes one address to meet at, before anyone is ready', () => {
    const built = buildJob(jobFor({ nodes: 4 }), platform());
    expect(envOf(built, 'trainer')).toMatchObject({
      MASTER_ADDR: 'us-flights-train-0123456789ab-0.us-flights-train-0123456789ab',
    });
    expect(podOf(built)?.subdomain).toBe(built.service?.metadata?.name);
    expect(built.service?.spec).toMatchObject({ clusterIP: 'None', publishNotReadyAddresses: true });
  });

  test('TN7: bounds a job by its deadline and keeps the outcome for a day at least', () => {
    const { spec } = buildJob(jobFor({}, { deadlineMs: 90_500 }), platform()).job;
    expect(spec).toMatchObject({ activeDeadlineSeconds: 91, ttlSecondsAfterFinished: 86_400 });
  });

  test('CO1: names team, cost centre and model on the Job and on its pods', () => {
    const { job } = buildJob(jobFor(), platform());
    const bill = {
      'understudy.dev/team': 'operations',
      'understudy.dev/cost-centre': 'CC-7-u',
      'understudy.dev/model': 'flights',
    };
    expect(job.metadata?.labels).toMatchObject(bill);
    expect(job.spec?.template.metadata?.labels).toMatchObject(bill);
  });
});

describe('SE5: the token of the exchange', () => {
  const built = buildJob(jobFor(), platform(), { token: 'only-for-this-job' });

  test('reaches the courier and never the trainer', () => {
    expect(envOf(built, 'fetch')).toMatchObject({ EXCHANGE_TOKEN: 'only-for-this-job' });
    expect(envOf(built, 'courier')).toMatchObject({ EXCHANGE_TOKEN: 'only-for-this-job' });
    expect(JSON.stringify(podOf(built)?.containers)).not.toMatch(/only-for-this-job|EXCHANGE/);
  });

  test('stands nowhere but in those two', () => {
    expect(JSON.stringify(built).split('only-for-this-job')).toHaveLength(3);
  });
});

describe('the digest of a manifest', () => {
  const digest = (...given: Parameters<typeof buildJob>) => buildJob(...given).specSha256;
  const first = digest(jobFor(), platform());

  test('does not depend on token, owner, the trainer’s environment or where files lie on the worker', () => {
    const elsewhere = jobFor({}, { environment: { MLFLOW_TRACKING_TOKEN: 'new' }, folder: '/else', checkpoints: '/c' });
    const [file] = elsewhere.spec.files;
    const moved = {
      ...elsewhere,
      spec: { ...elsewhere.spec, files: [{ ...file, path: '/moved' }] as typeof elsewhere.spec.files },
    };
    expect(digest(moved, platform(), { token: 't', anchor: { name: 'a', uid: 'u' } })).toBe(first);
  });

  test('stands in the annotations', () => {
    expect(buildJob(jobFor(), platform()).job.metadata?.annotations).toMatchObject({
      'understudy.dev/spec-sha256': first,
    });
  });

  test.each([
    ['another image', jobFor({ image: placement().image.replace('ab', 'ba') }), platform()],
    ['more memory', jobFor({ memory: 8 * 1024 ** 3 }), platform()],
    ['another seed', jobFor({}, { spec: { ...jobFor().spec, seed: 8 } }), platform()],
    ['another platform', jobFor(), platform({ graceSeconds: 60 })],
  ])('changes with %s', (_, job, template) => {
    expect(digest(job, template)).not.toBe(first);
  });

  test('of the spec file is the one that the courier must find', () => {
    const built = buildJob(jobFor(), platform());
    expect(envOf(built, 'fetch')).toMatchObject({ EXCHANGE_SPEC_SHA256: digestOf(podSpec(jobFor())) });
  });
});

describe('the platform', () => {
  test('wins every merge', () => {
    const job = jobFor(
      { queue: 'team', priorityClass: 'team', gpu: { ...NVIDIA, nodeSelector: { pool: 'team', zone: 'a' } } },
      { environment: { HOME: '/team', HTTPS_PROXY: 'team' } },
    );
    const built = buildJob(
      job,
      platform({
        queue: 'ours',
        priorityClassName: 'ours',
        nodeSelector: { pool: 'ours' },
        env: { HTTPS_PROXY: 'ours' },
      }),
    );
    expect(built.job.metadata?.labels).toMatchObject({ 'kueue.x-k8s.io/queue-name': 'ours' });
    expect(podOf(built)).toMatchObject({ priorityClassName: 'ours', nodeSelector: { pool: 'ours', zone: 'a' } });
    expect(envOf(built, 'trainer')).toMatchObject({ HOME: '/team', HTTPS_PROXY: 'ours' });
  });
});

test('the spec in the pod names only paths of the pod', () => {
  const predict = { ...jobFor().spec, mode: 'predict' as const, artifact: '/somewhere/artifact' };
  expect(JSON.stringify(podSpec({ spec: predict }))).not.toMatch(/somewhere|\/data\/x/);
  expect(podSpec({ spec: predict })).toMatchObject({
    artifact: '/understudy/data/artifact',
    output: '/understudy/output',
  });
});
