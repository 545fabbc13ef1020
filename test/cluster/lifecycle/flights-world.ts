import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { DiscoveryV1Api } from '@kubernetes/client-node';
import { readyAddresses } from '../../../activities/adapters/kubernetes-serving/endpoints.ts';
import { createCli } from '../../../examples/flights/demo/cli.ts';
import type { Demo } from '../../../examples/flights/demo/runs.ts';
import { APPROVER, Expectations, MODEL } from '../../../examples/flights/demo/story.ts';
import { buildData } from '../../../examples/flights/build-data.ts';
import { flights } from '../../../examples/flights/folder.ts';
import { network } from '../../../infra/cluster/places.ts';
import { freePorts } from '../../../infra/stack/free-port.ts';
import { gatewayMetricsUrl, gatewayUrl, imageOf, makeNamespace } from '../cluster.ts';
import type { TestNamespace } from '../cluster.ts';
import { allowGateway, shippedAccount } from '../shipped-account.ts';

/**
 * The flights of the example with its embedded stack on the host and all pods in a namespace of the cluster: trainings and
 * predictions are Jobs, servers are Deployments, the traffic goes through the cluster's Gateway.
 */
export async function createFlightsWorld() {
  const space = await makeNamespace('flights', { 'pod-security.kubernetes.io/enforce': 'restricted' });
  const home = await mkdtemp(path.join(tmpdir(), 'understudy-flights-'));
  const [exchangePort = 0] = await freePorts(1, network.host);
  await buildData();
  await mkdir(path.join(home, 'state'));
  await symlink(path.join(flights, 'data'), path.join(home, 'data'));
  await writeFile(path.join(home, 'scorecard.yaml'), stringify(await patientScorecard()));
  const account = await shippedAccount(space, ['understudy-train', 'understudy-serving', 'understudy-rollout']);
  const forget = await allowGateway(space, 'gateway');
  await writeFile(path.join(home, 'kubeconfig'), account.exportConfig());
  const write = async (file: string, content: unknown) => {
    await writeFile(path.join(home, file), stringify(content));
    return path.join(home, file);
  };
  await write('platform.yaml', {
    namespace: space.name,
    serviceAccountName: 'default',
    scratch: '256Mi',
    graceSeconds: 60,
    serving: { namespace: space.name, scratch: '256Mi' },
    courier: { cpu: 0.02, image: imageOf('worker'), exchange: `http://${network.host}:${exchangePort}` },
  });
  const settings = await write('understudy.config.yaml', {
    state: 'state',
    stack: { bind: network.host, temporal: 0, temporalUi: 0, mlflow: 0, gateway: 0, gatewayMetrics: 0 },
    worker: { bind: network.host, metricsPort: 0, webhookPort: 0, exchangePort },
    kubernetes: {
      kubeconfig: 'kubeconfig',
      platform: 'platform.yaml',
      pollEvery: '1s',
      gateway: {
        namespace: space.name,
        name: 'understudy',
        gatewayNamespace: 'gateway',
        address: gatewayUrl(),
        metrics: [gatewayMetricsUrl()],
        requestTimeout: '10s',
        class: { controller: 'traefik.io/gateway-controller' },
      },
    },
    groups: { 'ml-platform': [APPROVER] },
  });
  const policy = await write('policy.yaml', await shortened());
  const cli = createCli(settings);
  const close = async (): Promise<void> => {
    await cli.run(['stack', 'down']);
    await forget();
    await space.remove();
    await rm(home, { recursive: true });
  };
  const start = async () => {
    await cli.ask(['stack', 'up']);
    await cli.ask(['apply', '-f', policy, '--paused', 'the story asks about 2001']);
  };
  await start().catch(async (cause: unknown) => {
    await close();
    throw cause;
  });
  const demo: Demo = {
    asks: false,
    signal: new AbortController().signal,
    cli,
    policy,
    gateway: gatewayUrl(),
    ratePerSecond: 120,
    lookEveryMs: 2000,
    servers: async (version) => serversOf(space, version),
    expectations: new Expectations(),
    happened: [],
  };
  return {
    ...demo,
    space,
    /** What the worker said; of interest when a run does not end. */
    log: async () => readFile(path.join(home, 'state', 'stack', 'worker.log'), 'utf8'),
    close,
  };
}

export type FlightsWorld = Awaited<ReturnType<typeof createFlightsWorld>>;

/** `policy.kubernetes.yaml` with the images of this cluster and the short waits of the demo. */
async function shortened(): Promise<unknown> {
  const [ours, demo] = await Promise.all(
    ['policy.kubernetes.yaml', 'policy.demo.yaml'].map(async (file) =>
      parse(await readFile(path.join(flights, file), 'utf8')),
    ),
  );
  const { shadow, approval, rollout } = demo.spec;
  // The node has two cores, for everything.
  const resources = { ...ours.spec.training.resources, cpu: 0.3 };
  const training = { ...ours.spec.training, image: imageOf('trainer'), resources };
  const command = [...ours.spec.serving.command, '--faults'];
  const size = { ...ours.spec.serving.resources, cpu: 0.4 };
  const serving = { ...ours.spec.serving, image: imageOf('server'), command, resources: size };
  return { ...ours, spec: { ...ours.spec, training, serving, shadow, approval, rollout } };
}

/** `scorecard.yaml` without its limits of latency: the node has two cores, and other suites at work on them. */
async function patientScorecard(): Promise<unknown> {
  const ours = parse(await readFile(path.join(flights, 'scorecard.yaml'), 'utf8'));
  const criteria = ours.spec.criteria.map((one: { readonly group: string }) =>
    one.group === 'latency' ? { ...one, atMost: '5s', versusChampion: { noWorseBy: '5s' } } : one,
  );
  return { ...ours, spec: { ...ours.spec, criteria } };
}

/** The pods that serve this version now. */
async function serversOf({ config, name: namespace }: TestNamespace, version: string): Promise<string[]> {
  const service = `kubernetes.io/service-name=${MODEL}-v${version}`;
  const slices = await config
    .makeApiClient(DiscoveryV1Api)
    .listNamespacedEndpointSlice({ namespace, labelSelector: service });
  return [...readyAddresses(slices.items)];
}
