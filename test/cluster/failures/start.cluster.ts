import { afterAll, beforeAll, describe } from '@jest/globals';
import type { V1Container, V1Job, V1PodSpec, V1PolicyRule } from '@kubernetes/client-node';
import { PortFailure } from '../../../activities/ports/port-failure.ts';
import { present } from '../../present.ts';
import { until } from '../cluster.ts';
import { clientWith } from './account.ts';
import { endOf, expectPromised, refusal, startAll, tell } from './row.ts';
import type { Row, Told } from './row.ts';
import { look, openFailures, saying } from './world.ts';
import type { Failures } from './world.ts';

/** As an admission webhook of the platform changes what passes it. */
const pod =
  (change: (spec: V1PodSpec) => void) =>
  (job: V1Job): V1Job => {
    const copy = structuredClone(job);
    change(present(copy.spec?.template.spec));
    return copy;
  };
const trainer = (change: Partial<V1Container>) =>
  pod(({ containers }) => Object.assign(present(containers[0]), change));
const secretKey = (name: string, key: string) =>
  trainer({ env: [{ name: 'MLFLOW_TRACKING_PASSWORD', valueFrom: { secretKeyRef: { name, key } } }] });
const device = (resource: string, count: number) => ({ gpu: { resource, count, nodeSelector: {}, spot: false } });
const anchors: V1PolicyRule = { apiGroups: [''], resources: ['configmaps'], verbs: ['create', 'get', 'delete'] };
const jobs = (...verbs: string[]): V1PolicyRule => ({ apiGroups: ['batch'], resources: ['jobs'], verbs });
/** Nobody listens there: the registry answers at once that it does not. */
const noRegistry = `127.0.0.1:1/flights@sha256:${'a'.repeat(64)}`;

const rows: readonly Row[] = [
  {
    name: 'create 403: exceeded quota of Jobs',
    type: 'QuotaExceeded',
    sentence:
      /exceeded quota: no-jobs, requested: count\/jobs\.batch=1, used: count\/jobs\.batch=0, limited: count\/jobs\.batch=0/,
    retry: /^again: QuotaExceeded: kind 2 of 2 accelerators/,
    produce: async () => {
      const other = await openFailures('quota');
      await other.core.createNamespacedResourceQuota({
        namespace: other.space.name,
        body: { metadata: { name: 'no-jobs' }, spec: { hard: { 'count/jobs.batch': '0' } } },
      });
      // A quota holds once it has been counted.
      await until('the quota is counted', async () => {
        const where = { name: 'no-jobs', namespace: other.space.name };
        return (await other.core.readNamespacedResourceQuota(where)).status?.hard;
      });
      const told = await refusal(other.backend().submit(other.job('no-jobs', 'true')));
      await other.close();
      return told;
    },
  },
  {
    name: 'FailedCreate: exceeded quota that can never hold it',
    type: 'QuotaExceeded',
    sentence:
      /^quota slots is exceeded: requested requests\.example\.com\/slot=3, used requests\.example\.com\/slot=\d, hard requests\.example\.com\/slot=2; requests\.example\.com\/slot can never fit$/,
    retry: /^again: QuotaExceeded: kind 2 of 2 accelerators/,
    produce: async (world) =>
      await endOf(world.backend(), world.job('quota-never', 'true', {}, device('example.com/slot', 3))),
  },
  {
    name: 'FailedCreate: exceeded quota that others hold',
    type: 'waiting',
    sentence:
      /^quota slots is exceeded: requested requests\.example\.com\/slot=1, used requests\.example\.com\/slot=2, hard requests\.example\.com\/slot=2$/,
    retry: /this job goes on/,
    produce: async (world) => {
      const backend = world.backend();
      await backend.submit(world.job('quota-holder', 'true', {}, device('example.com/slot', 2)));
      await world.podThat('quota-holder', () => true);
      await backend.submit(world.job('quota-later', 'true', {}, device('example.com/slot', 1)));
      return tell(await saying(backend, 'quota-later', 'exceeded'));
    },
  },
  {
    name: 'create 403: RBAC, the worker may not create Jobs',
    type: 'Forbidden',
    sentence:
      /^create jobs \S+ in namespace \S+ was answered 403: .* · add to a Role in namespace \S+ bound to "\S+:no-create": - \{ apiGroups: \[batch\], resources: \[jobs\], verbs: \[create\] \}$/,
    retry: /^no: Forbidden is final/,
    produce: async (world) => {
      const client = await clientWith(world, 'no-create', [anchors, jobs('get')]);
      return await refusal(world.backend({ client }).submit(world.job('forbidden', 'true')));
    },
  },
  {
    name: 'list 403: RBAC, the worker may not look at pods',
    type: 'Forbidden',
    sentence:
      /^list pods in namespace \S+ was answered 403: .* - \{ apiGroups: \[""\], resources: \[pods\], verbs: \[list\] \}$/,
    retry: /^no: Forbidden is final/,
    produce: async (world) => {
      const client = await clientWith(world, 'no-pods', [anchors, jobs('create', 'get', 'delete')]);
      const backend = world.backend({ client });
      await backend.submit(world.job('unseen', 'true'));
      // Pods are looked at once the Job counts one.
      return await look('a look at its pods', async () => {
        const seen: unknown = await backend.inspect('unseen').catch((cause: unknown) => cause);
        return seen instanceof PortFailure ? await refusal(Promise.reject(seen)) : undefined;
      });
    },
  },
  {
    name: 'create 422',
    type: 'InvalidJobSpec',
    sentence: /was answered 422: .*spec\.template\.spec\.containers\[0\]\.image: Required value/,
    retry: /^no: InvalidJobSpec is final/,
    produce: async (world) =>
      await refusal(world.backend({ admit: trainer({ image: '' }) }).submit(world.job('invalid', 'true'))),
  },
  {
    name: 'FailedCreate: violates PodSecurity',
    type: 'PodSecurityViolation',
    sentence:
      /^pods of the job are refused: it violates PodSecurity "restricted:latest": allowPrivilegeEscalation.*unrestricted capabilities.*seccompProfile/s,
    retry: /^no: PodSecurityViolation is final/,
    produce: async (world) => {
      const admit = pod((spec) => {
        Object.assign(present(spec.containers[0]), { securityContext: {} });
        Object.assign(spec, { securityContext: {} });
      });
      return await endOf(world.backend({ admit }), world.job('insecure', 'true'));
    },
  },
  {
    name: 'PodScheduled=False, Unschedulable, beyond its grace',
    type: 'Unschedulable',
    sentence: /^no node takes the pod: 0\/\d+ nodes are available: .*Insufficient nvidia\.com\/gpu.* \(for \d+ s\)$/,
    retry: /^again: Unschedulable: kind 2 of 2 accelerators/,
    produce: async (world) => {
      const backend = world.backend({ policy: { unschedulableGraceMs: 3_000 } });
      return await endOf(backend, world.job('no-room', 'true', {}, device('nvidia.com/gpu', 9)));
    },
  },
  {
    name: 'Unschedulable until the queue deadline',
    type: 'QueueDeadlineExceeded',
    sentence:
      /^the job waited \d+ s without a running pod, 3 s allowed: no node takes the pod: .*Insufficient nvidia\.com\/gpu/,
    retry: /^again: QueueDeadlineExceeded: kind 2 of 2 accelerators/,
    produce: async (world) => {
      const placement = { ...device('nvidia.com/gpu', 9), queueDeadlineMs: 3_000 };
      return await endOf(world.backend(), world.job('too-late', 'true', {}, placement));
    },
  },
  {
    name: 'SchedulingGated',
    type: 'waiting',
    sentence: /^held back by a scheduling gate: Scheduling is blocked due to non-empty scheduling gates/,
    retry: /this job goes on/,
    produce: async (world) => {
      const backend = world.backend({
        admit: pod((spec) => Object.assign(spec, { schedulingGates: [{ name: 'example.com/quota' }] })),
      });
      await backend.submit(world.job('gated', 'true'));
      return tell(await saying(backend, 'gated', 'gate'));
    },
  },
  {
    name: 'waiting InvalidImageName',
    type: 'ImageOrConfigError',
    sentence: /^container trainer cannot start with image registry\.example\/Flights@sha256:a+: InvalidImageName: /,
    retry: /^no: ImageOrConfigError is final/,
    produce: async (world) => {
      const image = `registry.example/Flights@sha256:${'a'.repeat(64)}`;
      return await endOf(world.backend(), world.job('bad-name', 'true', {}, { image }));
    },
  },
  {
    name: 'waiting CreateContainerConfigError: a secret is missing',
    type: 'ImageOrConfigError',
    sentence: /CreateContainerConfigError: secret "mlflow-credentials" not found$/,
    retry: /^no: ImageOrConfigError is final/,
    produce: async (world) =>
      await endOf(
        world.backend({ admit: secretKey('mlflow-credentials', 'password') }),
        world.job('no-secret', 'true'),
      ),
  },
  {
    name: 'waiting CreateContainerConfigError: a key is missing',
    type: 'ImageOrConfigError',
    sentence: /CreateContainerConfigError: couldn't find key password in Secret \S+\/half$/,
    retry: /^no: ImageOrConfigError is final/,
    produce: async (world) => {
      const body = { metadata: { name: 'half' }, stringData: { user: 'trainer' } };
      await world.core.createNamespacedSecret({ namespace: world.space.name, body });
      return await endOf(world.backend({ admit: secretKey('half', 'password') }), world.job('no-key', 'true'));
    },
  },
  {
    name: 'waiting ErrImageNeverPull',
    type: 'ImageOrConfigError',
    sentence:
      /ErrImageNeverPull: Container image "127\.0\.0\.1:1\/flights@sha256:a+" is not present with pull policy of Never$/,
    retry: /^no: ImageOrConfigError is final/,
    produce: async (world) => {
      const backend = world.backend({ admit: trainer({ imagePullPolicy: 'Never' }) });
      return await endOf(backend, world.job('never-pulled', 'true', {}, { image: noRegistry }));
    },
  },
  {
    name: 'waiting ErrImagePull or ImagePullBackOff, beyond its grace',
    type: 'ImagePullFailed',
    sentence:
      /^container trainer cannot start with image 127\.0\.0\.1:1\/flights@sha256:a+: (ErrImagePull|ImagePullBackOff): .*connection refused.* \(for \d+ s\)$/s,
    retry: /^again: the image could not be pulled, a registry may come back: tried once more/,
    produce: async (world) => {
      const backend = world.backend({ policy: { imagePullGraceMs: 3_000 } });
      return await endOf(backend, world.job('no-image', 'true', {}, { image: noRegistry }));
    },
  },
  {
    name: 'FailedCreate: the ServiceAccount is missing',
    type: 'InvalidJobSpec',
    sentence:
      /^pods of the job are refused: error looking up service account \S+\/absent: serviceaccount "absent" not found$/,
    retry: /^no: InvalidJobSpec is final/,
    produce: async (world) =>
      await endOf(world.backend({ platform: { serviceAccountName: 'absent' } }), world.job('no-account', 'true')),
  },
];

describe('training-and-registry 4.10: a Job that cannot start', () => {
  let world: Failures;
  let outcome: (row: Row) => Promise<Told>;
  beforeAll(async () => {
    world = await openFailures('start', { 'pod-security.kubernetes.io/enforce': 'restricted' });
    await world.core.createNamespacedResourceQuota({
      namespace: world.space.name,
      body: { metadata: { name: 'slots' }, spec: { hard: { 'requests.example.com/slot': '2' } } },
    });
    outcome = startAll(rows, world);
  });
  afterAll(async () => world.close());

  expectPromised(rows, async (row) => outcome(row));
});
