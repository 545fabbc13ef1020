import { CoreV1Api, CustomObjectsApi, DiscoveryV1Api, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import type { KubeConfig } from '@kubernetes/client-node';
import { setTimeout as sleep } from 'node:timers/promises';
import { inferenceServiceSchema, MODE_KEY, workloadName } from '../../../activities/adapters/kserve/objects.ts';
import type { InferenceService } from '../../../activities/adapters/kserve/objects.ts';
import { found } from '../cluster.ts';
import { knativeStatus } from './knative-stand-in.ts';
import { parseUri, startModelServer } from './model-server.ts';
import type { ModelServer } from './model-server.ts';

const KIND = { group: 'serving.kserve.io', version: 'v1beta1', plural: 'inferenceservices' };
const ROUTES = { group: 'gateway.networking.k8s.io', version: 'v1', plural: 'httproutes' };
const LOOK_EVERY_MS = 50;
const TRIES = 200;

export interface StandInOptions {
  readonly config: KubeConfig;
  readonly namespace: string;
  /** Address of this machine that the gateway reaches. */
  readonly host: string;
  readonly gateway: { readonly namespace: string; readonly name: string };
  readonly gatewayUrl: string;
}

/**
 * Stands in for KServe's controller, which does not run here: it reads InferenceServices of one namespace and reports and
 * makes what KServe's source says (v0.21: Services, an HTTPRoute with weights of ready canaries, the status). Its pods are
 * servers of this process. It proves nothing about KServe; it lets our side be driven against the real API server and gateway.
 */
export interface ControllerStandIn {
  /** Servers by the name of their workload, or of their revision. */
  readonly servers: ReadonlyMap<string, ModelServer>;
  /** Predictors whose pods are down: by name of the workload. */
  readonly down: Set<string>;
  /** What it no longer does: report, or write weights ("accepted but not programmed"). */
  readonly asleep: Set<'all' | 'routes'>;
  /** Whether the last report says that this workload is ready, or that it is not. */
  isReported(workload: string, ready: boolean): boolean;
  stop(): Promise<void>;
}

export function startController(options: StandInOptions): ControllerStandIn {
  const world = new World(options);
  let stopped = false;
  // As a controller does it: what fails is tried again, but not for ever.
  const loop = async (): Promise<void> => {
    for (let failed = 0; !stopped; await sleep(LOOK_EVERY_MS)) {
      try {
        if (!world.asleep.has('all')) await world.reconcile();
        failed = 0;
      } catch (error) {
        failed += 1;
        if (failed === TRIES) throw error;
      }
    }
  };
  const running = loop();
  return {
    servers: world.servers,
    down: world.down,
    asleep: world.asleep,
    isReported: (workload, ready) => world.reported.get(workload) === ready,
    stop: async () => {
      stopped = true;
      await running;
      for (const server of world.servers.values()) server.close();
    },
  };
}

class World {
  readonly servers = new Map<string, ModelServer>();
  readonly down = new Set<string>();
  readonly asleep = new Set<'all' | 'routes'>();
  readonly reported = new Map<string, boolean>();
  readonly #ports = new Map<string, number>();
  readonly #written = new Map<string, string>();
  readonly #options: StandInOptions;
  readonly #custom: CustomObjectsApi;

  constructor(options: StandInOptions) {
    this.#options = options;
    this.#custom = options.config.makeApiClient(CustomObjectsApi);
  }

  async reconcile(): Promise<void> {
    const { namespace } = this.#options;
    const list: { items: unknown[] } = await this.#custom.listNamespacedCustomObject({ ...KIND, namespace });
    const all = list.items.map((item) => inferenceServiceSchema.parse(item));
    await Promise.all(all.map(async (live) => this.#one(live)));
  }

  async #one(live: InferenceService): Promise<void> {
    const mode = live.metadata.annotations?.[MODE_KEY] ?? 'Knative';
    if (mode === 'Knative' || mode === 'Serverless') {
      const { host } = this.#options;
      await this.#report(live, await knativeStatus(live, async (revision, uri) => this.#serve(revision, uri, host)));
      return;
    }
    await this.#standard(live, mode);
  }

  async #standard(live: InferenceService, deploymentMode: string): Promise<void> {
    const { predictor, canary = [] } = live.spec;
    const entries = [
      { name: predictor.name, model: predictor.model, trafficPercent: 0 },
      ...canary.map((one) => ({ ...one.predictor, trafficPercent: one.trafficPercent })),
    ];
    const seen = await Promise.all(
      entries.map(async ({ name, model, trafficPercent }) => {
        const workload = workloadName(live.metadata.name, name);
        const ready = await this.#workload(workload, model?.storageUri ?? 'test://good/0');
        const { kind } = parseUri(model?.storageUri ?? 'test://good/0');
        const failure = kind === 'dies' ? { modelStatus: { lastFailureInfo: DIED } } : {};
        return { workload, status: { name: name ?? '', ready, trafficPercent, ...failure } };
      }),
    );
    const [stable, ...canaries] = seen;
    await this.#removeOthers(live.metadata.name, new Set(seen.map(({ workload }) => workload)));
    const served = canaries.filter(({ status }) => status.ready);
    if (!this.asleep.has('routes')) {
      const rest = 100 - served.reduce((sum, { status }) => sum + status.trafficPercent, 0);
      await this.#route(live.metadata.name, [
        { name: stable?.workload ?? '', weight: rest },
        ...served.map(({ workload, status }) => ({ name: workload, weight: status.trafficPercent })),
      ]);
    }
    await this.#report(live, {
      deploymentMode,
      url: `${this.#options.gatewayUrl}${this.#path(live.metadata.name)}`,
      conditions: [{ type: 'Ready', status: stable?.status.ready === true ? 'True' : 'False' }],
      canaryStatuses: canaries.map(({ status }) => status),
    });
  }

  /** Service and endpoints of a predictor; whether its pod is ready. */
  async #workload(workload: string, uri: string): Promise<boolean> {
    const { kind } = parseUri(uri);
    const ready = kind !== 'dies' && !this.down.has(workload);
    const server = ready ? await this.#serve(workload, uri, this.#options.host) : this.#end(workload);
    const key = `${workload} ${server?.port ?? 0}`;
    if (this.#written.get(workload) !== key) await this.#expose(workload, server);
    this.#written.set(workload, key);
    this.reported.set(workload, ready);
    return ready;
  }

  async #serve(name: string, uri: string, host: string): Promise<ModelServer> {
    // A container that starts anew keeps its pod's address.
    const server = this.servers.get(name) ?? (await startModelServer(host, uri, this.#ports.get(name)));
    this.servers.set(name, server);
    this.#ports.set(name, server.port);
    return server;
  }

  #end(name: string): undefined {
    this.servers.get(name)?.close();
    this.servers.delete(name);
  }

  async #expose(workload: string, server: ModelServer | undefined): Promise<void> {
    const { config, namespace } = this.#options;
    const [core, slices] = [config.makeApiClient(CoreV1Api), config.makeApiClient(DiscoveryV1Api)];
    const port = server?.port ?? 1;
    const spec = { clusterIP: 'None', ports: [{ name: 'http', port: 80, targetPort: port }] };
    if (this.#written.has(workload)) {
      await deleted(core.deleteNamespacedService({ namespace, name: workload }));
      await deleted(slices.deleteNamespacedEndpointSlice({ namespace, name: workload }));
    }
    await core.createNamespacedService({ namespace, body: { metadata: { name: workload }, spec } });
    await slices.createNamespacedEndpointSlice({
      namespace,
      body: {
        metadata: { name: workload, labels: { 'kubernetes.io/service-name': workload } },
        addressType: 'IPv4',
        ports: [{ name: 'http', port, protocol: 'TCP' }],
        endpoints: server === undefined ? [] : [{ addresses: [server.address], conditions: { ready: true } }],
      },
    });
  }

  async #removeOthers(service: string, kept: ReadonlySet<string>): Promise<void> {
    const { config, namespace } = this.#options;
    const others = [...this.#written.keys()].filter(
      (workload) => new RegExp(`^${service}(-v[a-z0-9]+)?-predictor$`).test(workload) && !kept.has(workload),
    );
    for (const workload of others) {
      this.#end(workload);
      this.#written.delete(workload);
      await deleted(config.makeApiClient(CoreV1Api).deleteNamespacedService({ namespace, name: workload }));
      const slices = config.makeApiClient(DiscoveryV1Api);
      await deleted(slices.deleteNamespacedEndpointSlice({ namespace, name: workload }));
    }
  }

  #path(service: string): string {
    return `/serving/${this.#options.namespace}/${service}`;
  }

  async #route(service: string, backends: readonly { name: string; weight: number }[]): Promise<void> {
    const { namespace, gateway } = this.#options;
    const rewrite = { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' } };
    const body = {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: service, namespace },
      spec: {
        parentRefs: [{ group: ROUTES.group, kind: 'Gateway', ...gateway }],
        rules: [
          {
            matches: [{ path: { type: 'PathPrefix', value: this.#path(service) } }],
            filters: [{ type: 'URLRewrite', urlRewrite: rewrite }],
            backendRefs: backends.map((one) => ({ group: '', kind: 'Service', port: 80, ...one })),
          },
        ],
      },
    };
    const key = JSON.stringify(body);
    if (this.#written.get(`route ${service}`) === key) return;
    const as = setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply);
    const request = { ...ROUTES, namespace, name: service, body, fieldManager: 'kserve-stand-in', force: true };
    await this.#custom.patchNamespacedCustomObject(request, as);
    this.#written.set(`route ${service}`, key);
  }

  async #report({ metadata: { name } }: InferenceService, status: object): Promise<void> {
    const key = JSON.stringify(status);
    if (this.#written.get(`status ${name}`) === key) return;
    const as = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
    const request = { ...KIND, namespace: this.#options.namespace, name, body: { status } };
    await found(this.#custom.patchNamespacedCustomObjectStatus(request, as));
    this.#written.set(`status ${name}`, key);
  }
}

/** What KServe reports of a container that ends at its start. */
const DIED = { reason: 'ModelLoadFailed', message: 'ModuleNotFoundError: no module named lightgbm' };

async function deleted(asked: Promise<unknown>): Promise<void> {
  await found(asked);
}
