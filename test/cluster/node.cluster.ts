import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AppsV1Api, BatchV1Api, CoreV1Api, CustomObjectsApi } from '@kubernetes/client-node';
import { gatewayReloads, gatewayUrl, imageOf, jobWith, makeNamespace, until, type TestNamespace } from './cluster.ts';

const port = 8080;
const host = 'split.test';

let space: TestNamespace;

beforeAll(async () => {
  space = await makeNamespace('node', { 'pod-security.kubernetes.io/enforce': 'restricted' });
});

afterAll(async () => {
  await space.remove();
});

describe('the test cluster', () => {
  test('has a ready node that offers eight GPUs', async () => {
    const { items } = await space.config.makeApiClient(CoreV1Api).listNode();
    const node = items.find(({ status }) => status?.allocatable?.['nvidia.com/gpu'] === '8');
    expect(node?.status?.conditions?.find(({ type }) => type === 'Ready')?.status).toBe('True');
    expect(node?.metadata?.labels).toMatchObject({ 'nvidia.com/gpu.product': expect.any(String) });
  });

  test('fails a Job by its podFailurePolicy when the container exits 65, without a second pod', async () => {
    const namespace = space.name;
    await space.config
      .makeApiClient(BatchV1Api)
      .createNamespacedJob({ namespace, body: jobThatExits('wrong-data', 65) });

    const job = await jobWith(space, 'wrong-data', 'Failed');

    const condition = job.status?.conditions?.find(({ type }) => type === 'Failed');
    expect(condition).toMatchObject({ reason: 'PodFailurePolicy', message: expect.stringContaining('exit code 65') });
    const pods = await space.config
      .makeApiClient(CoreV1Api)
      .listNamespacedPod({ namespace, labelSelector: 'job-name=wrong-data' });
    expect(pods.items).toHaveLength(1);
  });

  test('makes a Deployment ready, and its pod answers the host', async () => {
    await serve(space, 'alone');
    const pods = await space.config
      .makeApiClient(CoreV1Api)
      .listNamespacedPod({ namespace: space.name, labelSelector: 'app=alone' });
    const answer = await fetch(`http://${pods.items[0]?.status?.podIP}:${port}/`);
    expect(await answer.text()).toBe('alone');
  });

  test('splits traffic 90 to 10 by the weights of an HTTPRoute', async () => {
    await Promise.all([serve(space, 'champion'), serve(space, 'challenger')]);
    await space.config.makeApiClient(CustomObjectsApi).createNamespacedCustomObject({
      group: 'gateway.networking.k8s.io',
      version: 'v1',
      namespace: space.name,
      plural: 'httproutes',
      body: route({ champion: 90, challenger: 10 }),
    });
    await until('both arms answer through the gateway', bothArmsAnswer);

    const reloads = await gatewayReloads();
    const names = await answers(200);

    const challenger = names.filter((name) => name === 'challenger').length;
    expect(new Set(names)).toEqual(new Set(['champion', 'challenger']));
    expect(Math.abs(challenger - 20)).toBeLessThanOrEqual(1 + (await gatewayReloads()) - reloads);
  });
});

async function bothArmsAnswer(): Promise<true | undefined> {
  const names = await answers(20);
  return names.includes('champion') && names.includes('challenger') ? true : undefined;
}

async function answers(count: number): Promise<string[]> {
  const names: string[] = [];
  for (let nth = 0; nth < count; nth += 1) {
    const answer = await fetch(`${gatewayUrl()}/`, { headers: { 'x-route': host } });
    names.push(await answer.text());
  }
  return names;
}

function route(weights: Readonly<Record<string, number>>): unknown {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'split' },
    spec: {
      parentRefs: [{ name: 'understudy', namespace: 'gateway' }],
      rules: [
        {
          // By a header, since fetch does not let a Host header be set.
          matches: [{ headers: [{ name: 'x-route', value: host }] }],
          backendRefs: Object.entries(weights).map(([name, weight]) => ({ name, port, weight })),
        },
      ],
    },
  };
}

function restricted(): {
  readonly allowPrivilegeEscalation: boolean;
  readonly capabilities: { readonly drop: string[] };
} {
  return { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
}

function podOptions(): object {
  return {
    dnsPolicy: 'Default',
    terminationGracePeriodSeconds: 1,
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 65_532, seccompProfile: { type: 'RuntimeDefault' } },
  };
}

function jobThatExits(name: string, code: number): object {
  const container = {
    name: 'main',
    image: imageOf('busybox'),
    command: ['sh', '-c', `exit ${code}`],
    securityContext: restricted(),
  };
  return {
    metadata: { name },
    spec: {
      backoffLimit: 3,
      podFailurePolicy: {
        rules: [{ action: 'FailJob', onExitCodes: { containerName: 'main', operator: 'In', values: [64, 65, 78] } }],
      },
      template: { spec: { ...podOptions(), restartPolicy: 'Never', containers: [container] } },
    },
  };
}

/** A Deployment and its Service under one name; the pod answers `/` with that name. Returns when it is available. */
async function serve({ config, name: namespace }: TestNamespace, name: string): Promise<void> {
  const labels = { app: name };
  const script = `mkdir -p /tmp/www && printf ${name} > /tmp/www/index.html && exec httpd -f -p ${port} -h /tmp/www`;
  const container = {
    name: 'main',
    image: imageOf('busybox'),
    command: ['sh', '-c', script],
    ports: [{ containerPort: port }],
    resources: { requests: { cpu: '50m' } },
    readinessProbe: { httpGet: { path: '/', port }, periodSeconds: 1, timeoutSeconds: 10 },
    securityContext: restricted(),
  };
  const template = { metadata: { labels }, spec: { ...podOptions(), containers: [container] } };
  const apps = config.makeApiClient(AppsV1Api);
  const body = { metadata: { name }, spec: { selector: { matchLabels: labels }, template } };
  await apps.createNamespacedDeployment({ namespace, body });
  await config.makeApiClient(CoreV1Api).createNamespacedService({
    namespace,
    body: { metadata: { name }, spec: { selector: labels, ports: [{ port }] } },
  });
  await until(`Deployment ${name} is available`, async () => {
    const { status } = await apps.readNamespacedDeployment({ name, namespace });
    return status?.availableReplicas === 1 ? true : undefined;
  });
}
