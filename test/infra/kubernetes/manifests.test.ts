import { beforeAll, describe, expect, test } from '@jest/globals';
import type {
  V1Deployment,
  V1Namespace,
  V1NetworkPolicy,
  V1PodSpec,
  V1Role,
  V1Service,
  V1ServiceAccount,
  V1ValidatingAdmissionPolicy,
  V1ValidatingAdmissionPolicyBinding,
} from '@kubernetes/client-node';
import { parse } from 'yaml';
import { readPlatform } from '../../../activities/adapters/kubernetes-training/manifest-platform.ts';
import { settingsSchema } from '../../../scorecards/settings.ts';
import { present } from '../../present.ts';
import {
  configMap,
  excesses,
  laxities,
  mountedObjects,
  rulesOf,
  loose,
  namedFiles,
  ofKind,
  presentFiles,
  readManifests,
} from './manifests.ts';
import type { Manifest } from './manifests.ts';

let manifests: readonly Manifest[];
let deployment: V1Deployment;
let worker: V1PodSpec;

beforeAll(async () => {
  manifests = await readManifests();
  deployment = present(ofKind<V1Deployment>(manifests, 'Deployment')[0]);
  worker = present(deployment.spec?.template.spec);
});

test('every file of the folder is named by kustomization.yaml, once', async () => {
  expect([...(await namedFiles())].sort()).toEqual([...(await presentFiles())].sort());
});

test('every object has a label that says whose it is', () => {
  const owners = manifests.map(({ metadata }) => metadata.labels?.['app.kubernetes.io/part-of']);
  expect(new Set(owners)).toEqual(new Set(['understudy']));
});

describe('rights', () => {
  test('SE5: no ClusterRole, no wildcard, no secrets, nothing that grants more', () => {
    expect(excesses(manifests)).toEqual([]);
  });

  test.each<[string, Partial<Manifest> & { rules?: V1Role['rules'] }, string]>([
    ['a ClusterRole', { kind: 'ClusterRole' }, 'ClusterRole planted reaches the whole cluster'],
    ['a ClusterRoleBinding', { kind: 'ClusterRoleBinding' }, 'ClusterRoleBinding planted reaches the whole cluster'],
    ['secrets', { rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }] }, 'planted grants secrets'],
    ['any verb', { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['*'] }] }, 'planted has a wildcard'],
    [
      'a whole collection',
      { rules: [{ resources: ['jobs'], verbs: ['deletecollection'] }] },
      'planted grants deletecollection',
    ],
  ])('planted, %s is found', (_what, planted, sentence) => {
    const role = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'planted' },
      ...planted,
    };
    expect(excesses([...manifests, role])).toEqual([sentence]);
  });

  test('every binding binds a Role of its namespace to an account that exists', () => {
    expect(loose(manifests)).toEqual([]);
    expect(loose(manifests.filter(({ kind }) => kind !== 'ServiceAccount'))).toHaveLength(3);
    expect(loose(manifests.filter(({ kind }) => kind !== 'Role'))).toHaveLength(3);
  });

  test('no account mounts its token by itself, and the trainer is bound to nothing', () => {
    const accounts = ofKind<V1ServiceAccount>(manifests, 'ServiceAccount');
    expect(accounts.map(({ automountServiceAccountToken: mounts }) => mounts)).toEqual([false, false]);
    expect(JSON.stringify(ofKind(manifests, 'RoleBinding'))).not.toContain('"trainer"');
  });

  test('a route is written by its name only', () => {
    const routes = rulesOf(manifests).filter(({ resources }) => resources?.includes('httproutes') === true);
    expect(routes.map(({ resourceNames }) => resourceNames)).toEqual([['flights'], ['flights-mirror-probe']]);
  });

  test('the worker has no right in its own namespace, where its settings lie', () => {
    expect(ofKind<V1Role>(manifests, 'Role').map(({ metadata }) => metadata.namespace)).not.toContain(
      'understudy-system',
    );
  });
});

describe('the worker', () => {
  test('is restricted, by digest, and bounded', () => {
    expect(laxities(worker)).toEqual([]);
  });

  test('planted, a lax container is found', () => {
    const lax = { containers: [{ name: 'a', image: 'a:latest' }], hostNetwork: true };
    expect(laxities(lax)).toHaveLength(9);
  });

  test('is asked for its health at the port it listens on, at an address that a pod answers', () => {
    const [container] = worker.containers;
    const probes = [container?.startupProbe, container?.readinessProbe, container?.livenessProbe];
    expect(probes.map((probe) => probe?.httpGet?.path)).toEqual(['/healthz', '/readyz', '/healthz']);
    expect(probes.map((probe) => probe?.httpGet?.port)).toEqual(['metrics', 'metrics', 'metrics']);
    const settings = settingsSchema.parse(
      parse(present(configMap(manifests, 'understudy-settings')['understudy.config.yaml'])),
    );
    const ports = Object.fromEntries(present(container?.ports).map(({ name, containerPort }) => [name, containerPort]));
    expect(settings.worker).toMatchObject({
      bind: '0.0.0.0',
      metricsPort: ports['metrics'],
      webhookPort: ports['webhook'],
      exchangePort: ports['exchange'],
    });
    expect(container?.volumeMounts?.map(({ mountPath }) => mountPath)).toContain(settings.state);
  });

  test('has a template for training Jobs that is read, and names what is shipped beside it', () => {
    const files = configMap(manifests, 'understudy-settings');
    const settings = settingsSchema.parse(parse(present(files['understudy.config.yaml'])));
    const platform = readPlatform(present(files[present(settings.kubernetes).platform]), 'training-platform.yaml');
    const names = manifests.map(({ kind, metadata }) => `${kind} ${metadata.namespace} ${metadata.name}`);
    expect(names).toEqual(
      expect.arrayContaining([
        `Namespace undefined ${platform.namespace}`,
        `ServiceAccount ${platform.namespace} ${platform.serviceAccountName}`,
        `PriorityClass undefined ${platform.priorityClassName}`,
      ]),
    );
    const [service] = ofKind<V1Service>(manifests, 'Service');
    const exchange = service?.spec?.ports?.find(({ name }) => name === 'exchange');
    expect(platform.courier.exchange).toBe(
      `http://${service?.metadata.name}.${service?.metadata.namespace}.svc:${exchange?.port}`,
    );
  });

  test('is never two over one volume', () => {
    expect([deployment.spec?.replicas, deployment.spec?.strategy?.type]).toEqual([1, 'Recreate']);
  });

  test('mounts only what is shipped beside it', () => {
    const names = manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    const mounted = mountedObjects(worker);
    expect(mounted).toHaveLength(2);
    expect(names).toEqual(expect.arrayContaining([...mounted, `ServiceAccount ${worker.serviceAccountName}`]));
  });
});

test('every namespace enforces the restricted profile of Pod Security', () => {
  const enforced = ofKind<V1Namespace>(manifests, 'Namespace').map(
    ({ metadata }) => metadata.labels?.['pod-security.kubernetes.io/enforce'],
  );
  expect(enforced).toEqual(['restricted', 'restricted', 'restricted']);
});

test('the two namespaces of ours deny all traffic that no other policy allows', () => {
  const denying = ofKind<V1NetworkPolicy>(manifests, 'NetworkPolicy').filter(
    ({ metadata }) => metadata.name === 'default-deny',
  );
  expect(denying.map(({ metadata }) => metadata.namespace)).toEqual(['understudy-system', 'understudy-train']);
  expect(denying.map(({ spec }) => spec)).toEqual([
    { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
  ]);
});

test('what a training Job may be is denied, not warned of, also when the policy itself fails', () => {
  const policy = present(ofKind<V1ValidatingAdmissionPolicy>(manifests, 'ValidatingAdmissionPolicy')[0]);
  const binding = present(ofKind<V1ValidatingAdmissionPolicyBinding>(manifests, 'ValidatingAdmissionPolicyBinding')[0]);
  expect(policy.spec?.failurePolicy).toBe('Fail');
  expect(binding.spec).toMatchObject({
    policyName: policy.metadata.name,
    validationActions: ['Deny'],
  });
  // Parameters of a native kind are lost by the API server when a policy is made again (Kubernetes 1.34).
  expect(policy.spec?.paramKind).toBeUndefined();
  expect(policy.spec?.validations).toHaveLength(7);
  expect(
    policy.spec?.validations?.filter(({ expression }) => expression.includes("'understudy-anchor-'")),
  ).toHaveLength(1);
});
