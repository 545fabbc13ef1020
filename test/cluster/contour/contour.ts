import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CustomObjectsApi, KubernetesObjectApi, loadAllYaml, PatchStrategy } from '@kubernetes/client-node';
import type { KubeConfig, KubernetesObject } from '@kubernetes/client-node';
import { buildContour, contourExamples } from '../../../infra/cluster/binaries.ts';
import { envoyProgram } from '../../../infra/cluster/envoy.ts';
import { freePorts } from '../../../infra/stack/free-port.ts';
import { lastLines, launch, untilAnswering } from '../../../infra/stack/launch.ts';
import { endGroup } from '../../../infra/stack/processes.ts';
import { found, until } from '../cluster.ts';

const LOOPBACK = '127.0.0.1';
/** Contour opens Envoy's listeners this far above the ports that the Gateway names. */
const PORT_SHIFT = 8000;
const CLASS = 'understudy-contour';
const GATEWAY = { group: 'gateway.networking.k8s.io', version: 'v1', plural: 'gateways' };

export interface ContourGateway {
  readonly gateway: { readonly name: string; readonly namespace: string };
  readonly address: string;
  readonly metrics: string;
  readonly stop: () => Promise<void>;
}

/**
 * Contour and Envoy as two processes of this machine, for one Gateway in this namespace. Contour looks at this namespace
 * alone, so that nobody else's routes are touched; the Gateway API's kinds that it knows in older versions only are left out.
 */
export async function startContour(config: KubeConfig, namespace: string): Promise<ContourGateway> {
  const [contour, envoy, home] = [
    await buildContour(),
    await envoyProgram(),
    await mkdtemp(path.join(tmpdir(), 'understudy-contour-')),
  ];
  const [xds = 0, health = 0, debug = 0, own = 0, stats = 0, http = 0] = await freePorts(6);
  const file = (name: string) => path.join(home, name);
  await writeFile(file('kubeconfig'), config.exportConfig());
  await writeFile(file('contour.yaml'), `gateway: { gatewayRef: { namespace: ${namespace}, name: contour } }\n`);
  await applyAll(config, await contourCrds());
  await untilServed(config);
  await applyAll(config, gatewayObjects(namespace, http - PORT_SHIFT));
  const places = { config: file('contour.yaml'), kubeconfig: file('kubeconfig'), namespace };
  const serve = contourArguments(places, { xds, health, debug, own, stats });
  const parts = [await launch({ file: contour, args: serve, env: {} }, file('contour.log'))];
  const stop = async () => {
    for (const { identity } of parts.toReversed()) await endGroup(identity, 5000);
    await remove(config);
    await rm(home, { recursive: true });
  };
  try {
    await untilAnswering(`http://${LOOPBACK}:${health}/healthz`, { withinMs: 60_000 });
    const admin = [`--admin-address=${file('admin.sock')}`, `--xds-address=${LOOPBACK}`, `--xds-port=${xds}`];
    const boot = { file: contour, args: ['bootstrap', file('envoy.json'), ...admin], env: {} };
    parts.push(await launch(boot, file('bootstrap.log')));
    await until('the bootstrap of Envoy is written', async () =>
      readFile(file('envoy.json'), 'utf8').then(
        (text) => (text.trim().endsWith('}') ? true : undefined),
        () => undefined,
      ),
    );
    const run = [
      '-c',
      file('envoy.json'),
      '--service-cluster',
      'contour',
      '--service-node',
      'one',
      '--use-dynamic-base-id',
    ];
    parts.push(await launch({ file: envoy, args: run, env: {} }, file('envoy.log')));
    const metrics = `http://${LOOPBACK}:${stats}/stats/prometheus`;
    await untilAnswering(metrics, { withinMs: 60_000 });
    await untilProgrammed(config, namespace);
    return { gateway: { name: 'contour', namespace }, address: `http://${LOOPBACK}:${http}`, metrics, stop };
  } catch (cause) {
    const said = await Promise.all(['contour.log', 'envoy.log'].map(async (name) => lastLines(file(name), 10)));
    await stop();
    throw new Error(`Contour and Envoy do not serve: ${said.join('\n')}`, { cause });
  }
}

type Ports = Readonly<Record<'xds' | 'health' | 'debug' | 'own' | 'stats', number>>;

function contourArguments(
  { config, kubeconfig, namespace }: Readonly<Record<'config' | 'kubeconfig' | 'namespace', string>>,
  { xds, health, debug, own, stats }: Ports,
): string[] {
  const flags = {
    'config-path': config,
    kubeconfig,
    'watch-namespaces': namespace,
    'xds-address': LOOPBACK,
    'xds-port': xds,
    'http-address': LOOPBACK,
    'http-port': own,
    'health-address': LOOPBACK,
    'health-port': health,
    'debug-http-address': LOOPBACK,
    'debug-http-port': debug,
    'stats-address': LOOPBACK,
    'stats-port': stats,
    'envoy-service-http-address': LOOPBACK,
    'ingress-status-address': LOOPBACK,
  };
  const unknown = ['tlsroutes', 'grpcroutes', 'tcproutes', 'backendtlspolicies', 'extensionservices'];
  return [
    'serve',
    '--no-incluster',
    '--insecure',
    '--disable-leader-election',
    ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`),
    ...unknown.map((feature) => `--disable-feature=${feature}`),
  ];
}

function gatewayObjects(namespace: string, port: number): KubernetesObject[] {
  const controllerName = 'projectcontour.io/gateway-controller';
  const listener = { name: 'web', protocol: 'HTTP', port };
  const objects = [
    { kind: 'GatewayClass', metadata: { name: CLASS }, spec: { controllerName } },
    {
      kind: 'Gateway',
      metadata: { name: 'contour', namespace },
      spec: { gatewayClassName: CLASS, listeners: [listener] },
    },
  ];
  return objects.map((object) => ({ apiVersion: 'gateway.networking.k8s.io/v1', ...object }));
}

async function applyAll(config: KubeConfig, objects: readonly KubernetesObject[]): Promise<void> {
  const api = KubernetesObjectApi.makeApiClient(config);
  for (const object of objects) {
    await api.patch(object, undefined, undefined, 'understudy-tests', true, PatchStrategy.ServerSideApply);
  }
}

async function remove(config: KubeConfig): Promise<void> {
  const api = KubernetesObjectApi.makeApiClient(config);
  const [gatewayClass] = gatewayObjects('', 1);
  for (const object of [gatewayClass, ...(await contourCrds())]) {
    if (object === undefined) continue;
    await found(api.delete(object));
    const header = { ...object, metadata: { name: object.metadata?.name ?? '' } };
    await until(`${header.metadata.name} is gone`, async () =>
      (await found(api.read(header))) === undefined ? true : undefined,
    );
  }
}

async function contourCrds(): Promise<KubernetesObject[]> {
  const text = await readFile(path.join(await contourExamples(), '01-crds.yaml'), 'utf8');
  return loadAllYaml(text).filter((object): object is KubernetesObject => Boolean(object));
}

/** A definition is served a moment after it is there, and Contour looks once. */
async function untilServed(config: KubeConfig): Promise<void> {
  const custom = config.makeApiClient(CustomObjectsApi);
  const kinds = ['httpproxies', 'tlscertificatedelegations'];
  await until('the definitions of Contour are served', async () => {
    const list = await found(custom.getAPIResources({ group: 'projectcontour.io', version: 'v1' }));
    const names = list?.resources.map(({ name }) => name) ?? [];
    return kinds.every((kind) => names.includes(kind)) ? true : undefined;
  });
}

async function untilProgrammed(config: KubeConfig, namespace: string): Promise<void> {
  const custom = config.makeApiClient(CustomObjectsApi);
  await until('the Gateway of Contour is programmed', async () => {
    const live: { status?: { conditions?: readonly { type: string; status: string }[] } } =
      await custom.getNamespacedCustomObject({ ...GATEWAY, namespace, name: 'contour' });
    const done = live.status?.conditions?.some(({ type, status }) => type === 'Programmed' && status === 'True');
    return done === true ? true : undefined;
  });
}
