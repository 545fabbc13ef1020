import { readFile } from 'node:fs/promises';
import { ApiextensionsV1Api, CustomObjectsApi, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import type { V1CustomResourceDefinition } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { createKserveGateways } from '../../../activities/adapters/kserve/gateways.ts';
import type { KserveGatewaysOptions } from '../../../activities/adapters/kserve/gateways.ts';
import { MODE_KEY, TAG_ROUTING_KEY } from '../../../activities/adapters/kserve/objects.ts';
import { createKserveServing } from '../../../activities/adapters/kserve/serving.ts';
import type { KserveMode } from '../../../activities/adapters/kserve/mode.ts';
import type { ServerRequest } from '../../../activities/ports/serving.ts';
import type { Route } from '../../../activities/ports/traffic-router.ts';
import { gatewayAddresses } from '../../../infra/cluster/gateway.ts';
import { exampleRoute } from '../../contracts/traffic-router.ts';
import { connect, found, gatewayUrl, localAddress, makeNamespace, until } from '../cluster.ts';
import { startController } from './controller-stand-in.ts';
import { bindRoles } from './shipped-role.ts';

export const gateway = { namespace: 'gateway', name: 'understudy' };
const kind = { group: 'serving.kserve.io', version: 'v1beta1', plural: 'inferenceservices' };
const CRD = 'inferenceservices.serving.kserve.io';
const FIXTURE = 'understudy.dev/test-fixture';
const MODES = { standard: 'Standard', knative: 'Knative' } as const;

export const http = {
  ready: '/v2/health/ready',
  infer: '/v2/models/{model}/infer',
  body: 'open-inference-v2',
} as const;

/** A namespace whose InferenceServices are looked after by the stand-in of KServe's controller. */
export async function makeWorld(mode: KserveMode) {
  const removeCrd = await installCrd();
  const space = await makeNamespace('kserve');
  const { name: namespace, config } = space;
  const { asWorker, unbind } = await bindRoles(config, namespace, gateway.namespace);
  const custom = config.makeApiClient(CustomObjectsApi);
  const controller = startController({
    config,
    namespace,
    host: await localAddress(),
    gateway,
    gatewayUrl: gatewayUrl(),
  });
  const serving = createKserveServing({ kubeConfig: asWorker, namespace, logs: '/nowhere' });
  const metricsUrls = [process.env['UNDERSTUDY_GATEWAY_METRICS_URL'] ?? gatewayAddresses.metrics];
  const gatewayWith =
    (more: Partial<KserveGatewaysOptions> = {}) =>
    (route: string, asked: KserveMode = mode) =>
      createKserveGateways({ kubeConfig: asWorker, namespace, gateway, metricsUrls, ...more })({
        gateway: 'kserve',
        route,
        ownership: 'dedicated',
        mode: asked,
      });
  const patch = async (name: string, body: readonly object[]): Promise<void> => {
    const as = setHeaderOptions('Content-Type', PatchStrategy.JsonPatch);
    await custom.patchNamespacedCustomObject({ ...kind, namespace, name, body, fieldManager: 'a-person' }, as);
  };
  return {
    namespace,
    config,
    controller,
    serving,
    gateway: gatewayWith(),
    gatewayWith,
    /** What the platform team creates, once per model. */
    create: async (name: string, more: { mode?: string; predictor?: object } = {}): Promise<void> => {
      const annotations = { [MODE_KEY]: more.mode ?? MODES[mode], [TAG_ROUTING_KEY]: 'true', theirs: 'kept' };
      const model = { modelFormat: { name: 'sklearn' }, runtime: 'theirs', storageUri: 'test://good/7' };
      const predictor = more.predictor ?? { ...(mode === 'standard' ? { name: 'v7' } : {}), minReplicas: 2, model };
      const metadata = { name, annotations };
      const body = { apiVersion: 'serving.kserve.io/v1beta1', kind: 'InferenceService', metadata, spec: { predictor } };
      await custom.createNamespacedCustomObject({ ...kind, namespace, body });
    },
    live: async (name: string): Promise<{ metadata: Metadata; spec: Spec; status?: Record<string, unknown> }> =>
      custom.getNamespacedCustomObject({ ...kind, namespace, name }),
    /** What a person with kubectl does. */
    patch,
    request: (
      service: string,
      version: string,
      more: Partial<ServerRequest> & { uri?: string } = {},
    ): ServerRequest => ({
      model: service,
      version,
      artifact: '/nowhere',
      command: [],
      folder: '/nowhere',
      readyWithinMs: 20_000,
      http,
      kserve: { service, mode, storageUri: more.uri ?? `test://good/${version}` },
      ...more,
    }),
    route: (name: string, percent: number, more: Partial<Route> = {}): Route =>
      exampleRoute(name, { challenger: { version: '8', url: 'http://challenger.example', percent }, ...more }),
    stop: async () => {
      await controller.stop();
      await unbind();
      await space.remove();
      await removeCrd();
    },
  };
}
export type World = Awaited<ReturnType<typeof makeWorld>>;

interface Metadata {
  readonly annotations: Record<string, string>;
  readonly generation: number;
  readonly resourceVersion: string;
}
interface Model {
  readonly storageUri: string;
  readonly runtime: string;
}
interface Spec {
  readonly predictor: {
    readonly name?: string;
    readonly minReplicas?: number;
    readonly maxReplicas?: number;
    readonly canaryTrafficPercent?: number;
    readonly model: Model;
  };
  readonly canary?: readonly {
    readonly trafficPercent: number;
    readonly predictor: { readonly name: string; readonly minReplicas?: number; readonly model: Model };
  }[];
}

/** KServe's own CRD is used where there is one; else the fixture, which is taken away again, also one that was left behind. */
async function installCrd(): Promise<() => Promise<void>> {
  const api = connect().makeApiClient(ApiextensionsV1Api);
  const crd = async () => found(api.readCustomResourceDefinition({ name: CRD }));
  const there = await crd();
  if (there !== undefined && there.metadata?.labels?.[FIXTURE] === undefined) return async () => undefined;
  const text = await readFile(new URL('./inferenceservices.yaml', import.meta.url), 'utf8');
  const body = parse(text) as V1CustomResourceDefinition;
  const as = setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply);
  await api.patchCustomResourceDefinition({ name: CRD, body, fieldManager: 'kserve-fixture', force: true }, as);
  await until('the CRD is served', async () => {
    const conditions = (await crd())?.status?.conditions ?? [];
    return conditions.find(({ type, status }) => type === 'Established' && status === 'True');
  });
  // Established is said before the storage answers; until then it is 429.
  const custom = connect().makeApiClient(CustomObjectsApi);
  const all = async (): Promise<unknown> => custom.listCustomObjectForAllNamespaces({ ...kind });
  await until('the CRD answers', async () => all().catch(() => undefined));
  return async () => {
    await found(api.deleteCustomResourceDefinition({ name: CRD }));
    await until('the CRD is gone', async () => ((await crd()) === undefined ? true : undefined));
  };
}
