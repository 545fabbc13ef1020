import { describe, expect, test } from '@jest/globals';
import type { V1Container, V1Job, V1PodFailurePolicyOnExitCodesRequirement } from '@kubernetes/client-node';
import fc from 'fast-check';
import { buildJob } from '../../../../activities/adapters/kubernetes-training/manifest.ts';
import { identityLabel, LABEL_VALUE, labelValue } from '../../../../activities/adapters/kubernetes-training/labels.ts';
import { byteQuantity, cpuQuantity } from '../../../../activities/adapters/kubernetes-training/manifest-quantities.ts';
import type { Placement } from '../../../../activities/ports/training-backend.ts';
import { DIGEST, jobFor, platform } from './jobs.ts';

const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/);
const text = fc.string({ minLength: 1, maxLength: 120, unit: 'grapheme' }).map((some) => `x${some}`);
const optional = <T>(key: string, values: fc.Arbitrary<T>) =>
  fc.option(
    values.map((value) => ({ [key]: value })),
    { nil: {} },
  );

const gpu = fc
  .record({
    resource: fc.constantFrom('nvidia.com/gpu', 'nvidia.com/mig-1g.10gb', 'amd.com/gpu'),
    count: fc.integer({ min: 1, max: 16 }),
    nodeSelector: fc.dictionary(name, name, { maxKeys: 3 }),
    spot: fc.boolean(),
  })
  .chain((kind) => optional('claim', name).map((claim) => ({ ...kind, ...claim })));

const placements: fc.Arbitrary<Placement> = fc
  .tuple(
    fc.record({
      image: fc.constant(`registry.example/train@${DIGEST}`),
      run: text,
      model: text,
      cpu: fc.double({ min: 0.001, max: 96, noNaN: true }),
      memory: fc.integer({ min: 2, max: 2 ** 45 }),
      sharedMemory: fc.constantFrom(0, 1),
      nodes: fc.integer({ min: 1, max: 64 }),
      queueDeadlineMs: fc.integer({ min: 1 }),
    }),
    optional('team', text),
    optional('costCentre', text),
    optional('queue', name),
    optional('priorityClass', name),
    optional('gpu', gpu),
  )
  .map(([base, ...more]) => Object.assign({}, base, ...more) as Placement);

const rulesOf = (job: V1Job) => job.spec?.podFailurePolicy?.rules ?? [];
const containersOf = (job: V1Job): V1Container[] => [
  ...(job.spec?.template.spec?.initContainers ?? []),
  ...(job.spec?.template.spec?.containers ?? []),
];

/** Every object within a value. */
function objectsIn(value: unknown): object[] {
  return typeof value === 'object' && value !== null ? [value, ...Object.values(value).flatMap(objectsIn)] : [];
}
const keysIn = (value: unknown) => new Set(objectsIn(value).flatMap((one) => Object.keys(one)));

const resourcesOf = (job: V1Job) =>
  Object.keys(job.spec?.template.spec?.containers[0]?.resources?.limits ?? {}).filter((key) => key.includes('/'));
const claimsOf = (job: V1Job) => job.spec?.template.spec?.resourceClaims ?? [];
const CLAIMS = [undefined, [{ name: 'accelerator' }]];
const waysOf = (asked: Placement['gpu']) =>
  asked === undefined
    ? { resource: 0, claim: 0 }
    : { resource: Number(!asked.claim), claim: Number(Boolean(asked.claim)) };

describe('TN2, SE5: whatever a team asks for, the manifest', () => {
  const holds = (check: (job: V1Job, asked: Placement) => void) =>
    fc.assert(
      fc.property(placements, (asked) => {
        check(buildJob(jobFor(asked), platform(), { anchor: { name: 'a', uid: 'u' }, token: 't' }).job, asked);
      }),
      { seed: 4, numRuns: 300 },
    );

  test('obeys what the API server demands of a Job', () => {
    holds(({ metadata, spec }, asked) => {
      expect(metadata?.name?.length).toBeLessThanOrEqual(52);
      expect([spec?.completionMode, spec?.completions, spec?.parallelism]).toEqual([
        'Indexed',
        asked.nodes,
        asked.nodes,
      ]);
      expect([spec?.podReplacementPolicy, spec?.template.spec?.restartPolicy]).toEqual(['Failed', 'Never']);
      expect(spec?.podFailurePolicy?.rules.length).toBeLessThanOrEqual(20);
    });
  });

  test('has exit codes that are sorted, differ, are not 0, and name a container that exists', () => {
    holds((job) => {
      const names = containersOf(job).map((one) => one.name);
      for (const { onExitCodes } of rulesOf(job).slice(1)) {
        const { values, containerName } = onExitCodes as V1PodFailurePolicyOnExitCodesRequirement;
        expect(values).toEqual([...new Set(values)].filter((code) => code > 0).toSorted((a, b) => a - b));
        expect(values).not.toHaveLength(0);
        expect(names).toContain(containerName);
      }
    });
  });

  test('mounts nothing of the host, carries no API token and is never privileged', () => {
    holds((job) => {
      const keys = keysIn(job);
      const forbidden = [
        'hostPath',
        'hostNetwork',
        'hostPID',
        'hostIPC',
        'hostPort',
        'privileged',
        'shareProcessNamespace',
      ];
      expect(forbidden.filter((key) => keys.has(key))).toEqual([]);
      expect(job.spec?.template.spec?.automountServiceAccountToken).toBe(false);
      expect(job.spec?.template.spec?.securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      for (const { securityContext } of containersOf(job)) {
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
        });
      }
    });
  });

  test('has labels that are labels, and requests that equal limits', () => {
    holds((job) => {
      const labels = { ...job.metadata?.labels, ...job.spec?.template.metadata?.labels };
      expect(Object.values(labels).filter((value) => !LABEL_VALUE.test(value))).toEqual([]);
      for (const { resources } of containersOf(job)) expect(resources?.requests).toEqual(resources?.limits);
    });
  });

  test('asks for the accelerator either by resource or by claim', () => {
    holds((job, { gpu: asked }) => {
      const ways = { resource: resourcesOf(job).length, claim: claimsOf(job).length };
      expect(ways).toEqual(waysOf(asked));
      expect(job.spec?.template.spec?.containers[0]?.resources?.claims).toEqual(CLAIMS[ways.claim]);
    });
  });

  test('is the same each time', () => {
    holds((job, asked) => {
      expect(buildJob(jobFor(asked), platform(), { anchor: { name: 'a', uid: 'u' }, token: 't' }).job).toEqual(job);
    });
  });
});

describe('labels', () => {
  test('keep what a label can hold', () => {
    expect(labelValue('Growth & Ops')).toBe('Growth-Ops');
    expect(labelValue('x'.repeat(80))).toBe('x'.repeat(63));
    expect(labelValue(`${'x'.repeat(62)}-y`)).toBe('x'.repeat(62));
    expect(labelValue('!!')).toBe('');
  });

  test('of identities differ when the identities differ', () => {
    expect(identityLabel('run-1')).toBe('run-1');
    expect(identityLabel('a/b')).not.toBe(identityLabel('a-b'));
    expect(identityLabel('x'.repeat(80))).not.toBe(identityLabel('x'.repeat(81)));
    expect(identityLabel('x'.repeat(80))).toHaveLength(63);
  });
});

test('quantities are exact', () => {
  expect([4 * 1024 ** 3, 1536 * 1024 ** 2, 1000].map(byteQuantity)).toEqual(['4Gi', '1536Mi', '1000']);
  expect([2, 0.25, 7.5, 0.0001].map(cpuQuantity)).toEqual(['2', '250m', '7500m', '1m']);
});
