import { CoreV1Api } from '@kubernetes/client-node';
import type { KubeConfig } from '@kubernetes/client-node';
import { imageOf, until } from '../cluster.ts';

const PORT = 8080;
const SERVER = `require('http').createServer((request, answer) => {
  request.resume().once('end', () => answer.setHeader('x-model-version', '8').end());
}).listen(${PORT}).keepAliveTimeout = 60000`;

/** A real pod that serves version 8, behind a Service with a selector. Returns when it is ready. */
export async function addPod(config: KubeConfig, namespace: string, name: string): Promise<void> {
  const core = config.makeApiClient(CoreV1Api);
  const labels = { app: name };
  const container = {
    name: 'server',
    image: imageOf('worker'),
    command: ['node', '-e', SERVER],
    ports: [{ name: 'http', containerPort: PORT }],
    readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 1 },
    resources: { requests: { cpu: '50m', memory: '64Mi' } },
  };
  await core.createNamespacedPod({
    namespace,
    body: { metadata: { name, labels }, spec: { containers: [container], terminationGracePeriodSeconds: 1 } },
  });
  const ports = [{ name: 'http', port: PORT, targetPort: 'http' }];
  await core.createNamespacedService({ namespace, body: { metadata: { name }, spec: { ports, selector: labels } } });
  await until(`${name} is ready`, async () => {
    const { status } = await core.readNamespacedPod({ namespace, name });
    const ready = status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True');
    return ready === true ? true : undefined;
  });
}

export async function servicesOf(config: KubeConfig, namespace: string): Promise<string[]> {
  const { items } = await config.makeApiClient(CoreV1Api).listNamespacedService({ namespace });
  return items.map(({ metadata }) => metadata?.name ?? '');
}
