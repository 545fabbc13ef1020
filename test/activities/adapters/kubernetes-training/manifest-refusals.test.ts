import { describe, expect, test } from '@jest/globals';
import { buildJob } from '../../../../activities/adapters/kubernetes-training/manifest.ts';
import { readPlatform } from '../../../../activities/adapters/kubernetes-training/manifest-platform.ts';
import type { GpuKind, Placement, TrainingJob } from '../../../../activities/ports/training-backend.ts';
import { codeOf, DIGEST, jobFor, platform } from './jobs.ts';

const NVIDIA: GpuKind = { resource: 'nvidia.com/gpu', count: 1, nodeSelector: {}, spot: false };
const refusal = (where: Partial<Placement>, more: Partial<TrainingJob> = {}, template = platform()) =>
  codeOf(() => buildJob(jobFor(where, more), template));

describe('a job that cannot be submitted', () => {
  test('without a placement is a bad request', () => {
    const { placement: _, ...job } = jobFor();
    expect(codeOf(() => buildJob(job, platform()))).toEqual(['bad-request', expect.stringContaining('placement')]);
  });

  test.each<[string, Partial<Placement>, Partial<TrainingJob>]>([
    ['training.image: "train:latest" is not pinned', { image: 'train:latest' }, {}],
    ['name: "us-UPPER"', {}, { name: 'us-UPPER' }],
    ['at most 52 characters', {}, { name: `us-${'x'.repeat(50)}` }],
    ['training.command: is empty', {}, { command: [] }],
    ["training.grace: 10m is above the platform's ceiling of 120s", {}, { graceMs: 600_000 }],
    ['environment.EXCHANGE_TOKEN: is set by the product', {}, { environment: { EXCHANGE_TOKEN: 'x' } }],
    ['environment.A B: is no name', {}, { environment: { 'A B': 'x' } }],
    ['metadata.costCentre: "!!" holds nothing that a label can', { costCentre: '!!' }, {}],
    ['training.resources.cpu: 0 is not above 0', { cpu: 0 }, {}],
    ['training.nodes: 0 is not', { nodes: 0 }, {}],
    ['4Gi of shared memory count as memory; expected less than 4Gi', { sharedMemory: 4 * 1024 ** 3 }, {}],
    ['training.queue: "Gpu A" is no name', { queue: 'Gpu A' }, {}],
    ['training.priorityClass: "a/b" is no name', { priorityClass: 'a/b' }, {}],
    ['training.resources.gpu: 0 is not', { gpu: { ...NVIDIA, count: 0 } }, {}],
    ['training.resources.gpu.resource: "gpu" is no extended resource', { gpu: { ...NVIDIA, resource: 'gpu' } }, {}],
    ['"kubernetes.io/gpu" is no extended', { gpu: { ...NVIDIA, resource: 'kubernetes.io/gpu' } }, {}],
    ['training.resources.gpu.claim: "A" is no name', { gpu: { ...NVIDIA, claim: 'A' } }, {}],
    ['training.resources.gpu.nodeSelector: zone: "a b"', { gpu: { ...NVIDIA, nodeSelector: { zone: 'a b' } } }, {}],
  ])('says %s', (message, where, more) => {
    expect(refusal(where, more)).toEqual(['job-invalid', expect.stringContaining(message)]);
  });

  test.each(['../x', '/etc/passwd', 'a/../../x', ''])('has no data file called "%s"', (name) => {
    const file = { name, path: '/p', bytes: 1, sha256: 'cd'.repeat(32) };
    const spec = { ...jobFor().spec, files: [file] };
    expect(refusal({}, { spec })).toEqual(['job-invalid', expect.stringContaining('spec.files')]);
  });

  test('is told of everything at once', () => {
    const said = refusal({ image: 'train:latest', nodes: 0 }, { command: [] })?.[1];
    expect(said).toMatch(/training\.command.*training\.image.*training\.nodes/);
  });
});

describe('CO2: a ceiling of the platform', () => {
  const ceilings = { cpu: 4, memory: '8Gi', sharedMemory: '1Gi', gpu: 4, nodes: 4, deadline: '1h' };
  const bounded = platform({ ceilings });
  const most = { cpu: 4, memory: 8 * 1024 ** 3, sharedMemory: 1024 ** 3, nodes: 4, gpu: NVIDIA };

  test('may be reached', () => {
    expect(refusal(most, { deadlineMs: 3_600_000 }, bounded)).toBeUndefined();
  });

  test.each<[string, Partial<Placement>, Partial<TrainingJob>]>([
    ["training.resources.cpu: 4.5 is above the platform's ceiling of 4", { cpu: 4.5 }, {}],
    ["training.resources.memory: 9Gi is above the platform's ceiling of 8Gi", { memory: 9 * 1024 ** 3 }, {}],
    ['training.resources.sharedMemory: 2Gi', { sharedMemory: 2 * 1024 ** 3 }, {}],
    ['training.resources.gpu: 5 is above', { gpu: { ...NVIDIA, count: 5 } }, {}],
    ['training.resources.gpu: 2 on each of 3 nodes is above', { nodes: 3, gpu: { ...NVIDIA, count: 2 } }, {}],
    ['training.nodes: 5 is above', { nodes: 5 }, {}],
    ["training.deadline: 61m is above the platform's ceiling of 1h", {}, { deadlineMs: 3_660_000 }],
  ])('may not be passed: %s', (message, where, more) => {
    expect(refusal(where, more, bounded)).toEqual(['job-invalid', expect.stringContaining(message)]);
  });
});

describe('a platform template', () => {
  const courier = { image: `courier@${DIGEST}`, exchange: 'http://exchange:9470' };
  const read = (more: object) =>
    codeOf(() => readPlatform(JSON.stringify({ namespace: 'train', courier, ...more }), 'p.yaml'));

  test('is read from YAML, and what it leaves out has a safe value', () => {
    const text = `namespace: train\ncourier: { image: courier@${DIGEST}, exchange: "http://exchange:9470" }\n`;
    expect(readPlatform(text, 'p.yaml')).toMatchObject({
      serviceAccountName: 'trainer',
      graceSeconds: 120,
      ttlSeconds: 86_400,
      requireDigests: true,
      user: 65_532,
    });
  });

  test('may take tags where digests are not demanded', () => {
    expect(read({ requireDigests: false, courier: { ...courier, image: 'courier:dev' } })).toBeUndefined();
    expect(refusal({ image: 'train:dev' }, {}, platform({ requireDigests: false }))).toBeUndefined();
  });

  test.each<[string, object]>([
    [
      'courier.image: "courier:dev" is not pinned; expected name@sha256:…',
      { courier: { ...courier, image: 'courier:dev' } },
    ],
    ['courier.exchange: expected the http(s) URL', { courier: { ...courier, exchange: 'exchange' } }],
    ['ttlSeconds: expected at least 86400', { ttlSeconds: 60 }],
    ['labels: keys of understudy.dev/', { labels: { 'understudy.dev/run': 'x' } }],
    ['env: UNDERSTUDY_* and EXCHANGE_*', { env: { UNDERSTUDY_SPEC: '/x' } }],
    ['user: expected a user other than root', { user: 0 }],
    ['hostPath', { hostPath: '/' }],
  ])('is refused with %s', (message, more) => {
    expect(read(more)).toEqual(['bad-request', expect.stringContaining(message)]);
  });

  test('that is no YAML is refused by its name', () => {
    expect(codeOf(() => readPlatform('{', 'p.yaml'))).toEqual([
      'bad-request',
      expect.stringContaining('p.yaml is not YAML'),
    ]);
  });
});
