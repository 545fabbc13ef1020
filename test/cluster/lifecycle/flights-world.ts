import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
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
import { commit } from '../../git-repository.ts';
import { gatewayUrl, imageOf } from '../cluster.ts';
import type { Edits, Installation } from '../kubernetes/install.ts';
import { allowGateway } from '../shipped-account.ts';
import { installWorker, STATE, WORKER } from '../worker/installed-worker.ts';

/**
 * The flights of the example with everything that works for them in pods: the worker of the shipped manifests under the
 * shipped Roles, trainings and predictions as Jobs, servers as Deployments, the traffic through the cluster's Gateway. On this
 * machine are Temporal, MLflow and the command line.
 */
export async function createFlightsWorld() {
  const home = await mkdtemp(path.join(tmpdir(), 'understudy-flights-'));
  await buildData();
  await cp(path.join(flights, 'data'), path.join(home, 'data'), { recursive: true });
  const write = async (file: string, content: unknown) => {
    await writeFile(path.join(home, file), stringify(content));
    return path.join(home, file);
  };
  await write('scorecard.yaml', await patientScorecard());
  const policy = await write('policy.yaml', await shortened());
  // The model is consequential: its rules must be in a commit.
  await commit(home, 'policy.yaml', 'scorecard.yaml');
  const worker = await installWorker(home, edits(home));
  const account = { config: worker.config, name: worker.system };
  const forget = await allowGateway(account, 'gateway', 'understudy-rollout', WORKER);
  const cli = createCli(await write('cli.yaml', { temporal: worker.temporal, mlflow: { uri: worker.mlflow } }));
  const close = async (): Promise<void> => {
    await worker.close();
    await forget();
    await rm(home, { recursive: true });
  };
  const start = async () => {
    await worker.readyPod();
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
    servers: async (version) => serversOf(worker, version),
    expectations: new Expectations(),
    happened: [],
  };
  return { ...demo, workerUser: worker.workerUser, close };
}

export type FlightsWorld = Awaited<ReturnType<typeof createFlightsWorld>>;

/** The node has two cores, and other suites at work on them. */
const PATIENCE = '5s';

/** What is changed in the shipped manifests. The state is mounted where it lies on this machine: paths hold on both. */
function edits(home: string): Edits {
  return new Map([
    [STATE, home],
    // The node has two cores, for everything.
    ['"cpu":"250m"', '"cpu":"100m"'],
    ['name: public', 'name: understudy\n    gatewayNamespace: gateway\n    requestTimeout: 10s'],
    ['"resourceNames":["public"]', '"resourceNames":["understudy"]'],
    ['http://models.example', gatewayUrl()],
    ['platform: training-platform.yaml', 'platform: training-platform.yaml\n  pollEvery: 1s'],
    ['kind: OperatorSettings', `kind: OperatorSettings\ngroups: { ml-platform: [${APPROVER}] }`],
    ['graceSeconds: 300', 'graceSeconds: 60\nscratch: 256Mi'],
    ['courier:', 'courier:\n  cpu: 0.02'],
    ['serving: { namespace: serving-flights }', 'serving: { namespace: serving-flights, scratch: 256Mi }'],
  ]);
}

/** `policy.kubernetes.yaml` with the images of this cluster and the short waits of the demo. */
async function shortened(): Promise<unknown> {
  const [ours, demo] = await Promise.all(
    ['policy.kubernetes.yaml', 'policy.demo.yaml'].map(async (file) =>
      parse(await readFile(path.join(flights, file), 'utf8')),
    ),
  );
  const { shadow, approval, rollout } = demo.spec;
  const resources = { ...ours.spec.training.resources, cpu: 0.3 };
  const training = { ...ours.spec.training, image: imageOf('trainer'), resources };
  const command = [...ours.spec.serving.command, '--faults'];
  const size = { ...ours.spec.serving.resources, cpu: 0.4 };
  const serving = { ...ours.spec.serving, image: imageOf('server'), command, resources: size };
  // As patient as the scorecard below: the tier asks for more.
  const slo = { ...ours.spec.slo, p50: PATIENCE, p95: PATIENCE };
  const loosened = ['spec.slo.p50', 'spec.slo.p95'];
  const overrides = loosened.map((field) => ({ field, reason: 'two cores for everything', by: ours.metadata.owner }));
  return { ...ours, spec: { ...ours.spec, slo, overrides, training, serving, shadow, approval, rollout } };
}

/** `scorecard.yaml` without its limits of latency. */
async function patientScorecard(): Promise<unknown> {
  const ours = parse(await readFile(path.join(flights, 'scorecard.yaml'), 'utf8'));
  const criteria = ours.spec.criteria.map((one: { readonly group: string }) =>
    one.group === 'latency' ? { ...one, atMost: PATIENCE, versusChampion: { noWorseBy: PATIENCE } } : one,
  );
  return { ...ours, spec: { ...ours.spec, criteria } };
}

/** The pods that serve this version now. */
async function serversOf({ config, serving: namespace }: Installation, version: string): Promise<string[]> {
  const service = `kubernetes.io/service-name=${MODEL}-v${version}`;
  const slices = await config
    .makeApiClient(DiscoveryV1Api)
    .listNamespacedEndpointSlice({ namespace, labelSelector: service });
  return [...readyAddresses(slices.items)];
}
