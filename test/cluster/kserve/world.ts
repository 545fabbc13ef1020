import { CustomObjectsApi, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import type { KubeConfig } from '@kubernetes/client-node';
import { createKserveGateways } from '../../../activities/adapters/kserve/gateways.ts';
import type { KserveGatewaysOptions } from '../../../activities/adapters/kserve/gateways.ts';
import { MODE_KEY, TAG_ROUTING_KEY } from '../../../activities/adapters/kserve/objects.ts';
import { createKserveServing } from '../../../activities/adapters/kserve/serving.ts';
import type { KserveMode } from '../../../activities/adapters/kserve/mode.ts';
import type { ServerRequest } from '../../../activities/ports/serving.ts';
import type { Route } from '../../../activities/ports/traffic-router.ts';
import { exampleRoute } from '../../contracts/traffic-router.ts';
import { gatewayMetricsUrl, gatewayUrl, localAddress, makeNamespace } from '../cluster.ts';
import { allowGateway, shippedAccount } from '../shipped-account.ts';
import { installCrd, kind } from './crd.ts';
import { startController } from './controller-stand-in.ts';

export const gateway = { namespace: 'gateway', name: 'understudy' };
const MODES = { standard: 'Standard', knative: 'Knative' } as const;

export const http = {
  ready: '/v2/health/ready',
  infer: '/v2/models/{model}/infer',
  body: 'open-inference-v2',
} as const;

/** A namespace whose InferenceServices are looked after by the stand-in of KServe's controller. */
export async function makeWorld(mode: KserveMode) {
  await installCrd();
  const space = await makeNamespace('kserve');
  const { name: namespace, config } = space;
  const asWorker = await shippedAccount(space, ['understudy-kserve']);
  const forget = await allowGateway(space, gateway.namespace, 'understudy-kserve');
  const custom = config.makeApiClient(CustomObjectsApi);
  const controller = startController({
    config,
    namespace,
    host: await localAddress(),
    gateway,
    gatewayUrl: gatewayUrl(),
  });
  const servingBy = (kubeConfig: KubeConfig) => createKserveServing({ kubeConfig, namespace, logs: '/nowhere' });
  const metricsUrls = [gatewayMetricsUrl()];
  // A worker with Roles alone may not read the class.
  const declared = { controller: 'traefik.io/gateway-controller', features: [] };
  const gatewayWith =
    (more: Partial<KserveGatewaysOptions> = {}) =>
    (route: string, asked: KserveMode = mode) =>
      createKserveGateways({ kubeConfig: asWorker, namespace, gateway, metricsUrls, declared, ...more })({
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
    /** Of the worker, under the shipped Role. */
    account: asWorker,
    controller,
    serving: servingBy(asWorker),
    /** The same servers by another way to the API server. */
    servingBy,
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
    /** And what the platform team takes away. */
    remove: async (name: string): Promise<void> => {
      await custom.deleteNamespacedCustomObject({ ...kind, namespace, name });
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
      await forget();
      await space.remove();
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
