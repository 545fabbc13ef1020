import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { V1Job } from '@kubernetes/client-node';
import { until } from '../cluster.ts';
import { install } from './install.ts';
import type { Installation } from './install.ts';
import { rawCall } from './raw-call.ts';

const IMAGE = `registry.example/ml/flights@sha256:${'a'.repeat(64)}`;

let here: Installation;

beforeAll(async () => {
  here = await install();
  // The API server takes a new policy in after a moment.
  await until('the policy is in force', async () => {
    const said = await denial((job) => void (job.spec.template.spec.serviceAccountName = 'default'));
    return said?.includes('service account') === true ? true : undefined;
  });
});

afterAll(async () => {
  await here.remove();
});

test('every shipped object is accepted by server-side apply with strict validation', () => {
  expect(here.answers.filter(({ status }) => status !== 201)).toEqual([]);
});

test('a Job as we build them is admitted', async () => {
  expect(await denial(() => undefined)).toBeUndefined();
});

describe('a training Job is denied, with one sentence, when', () => {
  test.each<[string, (job: Draft) => void, string]>([
    [
      'it runs as another account',
      ({ spec }) => void (spec.template.spec.serviceAccountName = 'default'),
      'service account must be trainer',
    ],
    [
      'it mounts a token',
      ({ spec }) => void delete spec.template.spec.automountServiceAccountToken,
      'no API token in training pods',
    ],
    [
      'its image is a tag',
      ({ spec }) => void (first(spec).image = 'registry.example/ml/flights:latest'),
      'registry.example/ml/flights:latest does not match',
    ],
    [
      'its image is from elsewhere',
      ({ spec }) => void (first(spec).image = IMAGE.replace('registry.', 'elsewhere.')),
      'image must be on the allow-list and pinned by digest',
    ],
    [
      'the image of an init container is from elsewhere',
      ({ spec }) => void (spec.template.spec.initContainers = [{ name: 'fetch', image: 'busybox' }]),
      'busybox does not match',
    ],
    [
      'it mounts the host',
      ({ spec }) => void (spec.template.spec.volumes = [{ name: 'host', hostPath: { path: '/' } }]),
      'no host access',
    ],
    ['it is on the host network', ({ spec }) => void (spec.template.spec.hostNetwork = true), 'no host access'],
    [
      'it has no deadline',
      ({ spec }) => void delete spec.activeDeadlineSeconds,
      'activeDeadlineSeconds is required and at most 172800',
    ],
    [
      'its deadline is too far',
      ({ spec }) => void (spec.activeDeadlineSeconds = 172_801),
      'activeDeadlineSeconds is required and at most 172800',
    ],
    [
      'its pods hold too many GPUs together',
      ({ spec }) => void Object.assign(spec, { parallelism: 3, completions: 3 }),
      'at most 8 accelerators a Job, this one asks for 12',
    ],
    [
      'it asks for too many slices of a GPU',
      ({ spec }) => void (first(spec).resources = { limits: { 'nvidia.com/mig-1g.10gb': '9' } }),
      'at most 8 accelerators a Job, this one asks for 9',
    ],
    ['no anchor owns it', ({ metadata }) => void delete metadata.ownerReferences, 'owner anchor missing'],
  ])('%s', async (_when, spoil, sentence) => {
    expect(await denial(spoil)).toContain(sentence);
  });
});

type Draft = V1Job & {
  readonly metadata: NonNullable<V1Job['metadata']>;
  readonly spec: NonNullable<V1Job['spec']> & {
    readonly template: { readonly spec: NonNullable<NonNullable<V1Job['spec']>['template']['spec']> };
  };
};

function first({ template }: Draft['spec']): Draft['spec']['template']['spec']['containers'][number] {
  const [container] = template.spec.containers;
  if (container === undefined) throw new Error('the Job has no container');
  return container;
}

/** What a dry run of this Job is refused with; undefined when it is admitted. */
async function denial(spoil: (job: Draft) => void): Promise<string | undefined> {
  const job = goodJob();
  spoil(job);
  const { status, body } = await rawCall(here.config, {
    method: 'POST',
    path: `/apis/batch/v1/namespaces/${here.train}/jobs?dryRun=All&fieldValidation=Strict`,
    body: job,
  });
  return status === 201 ? undefined : `${status} ${body.message}`;
}

function goodJob(): Draft {
  return {
    metadata: {
      name: 'us-flights-000000000000',
      ownerReferences: [
        {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          name: 'understudy-anchor-1',
          uid: '00000000-0000-4000-8000-000000000000',
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: {
      activeDeadlineSeconds: 3600,
      backoffLimit: 2,
      template: {
        spec: {
          restartPolicy: 'Never',
          serviceAccountName: 'trainer',
          automountServiceAccountToken: false,
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              name: 'trainer',
              image: IMAGE,
              resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { 'nvidia.com/gpu': '4' } },
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
            },
          ],
        },
      },
    },
  };
}
