import path from 'node:path';
import type { V1Deployment } from '@kubernetes/client-node';
import type { RunningServer, ServerRequest, Serving } from '../../ports/serving.ts';
import { unless } from '../kubernetes/anchor.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { isNotFound } from '../kubernetes/errors.ts';
import { exchangeFolder } from '../kubernetes-training/exchange-folder.ts';
import type { ExchangeFolder } from '../kubernetes-training/exchange-folder.ts';
import { LABELS, labelValue } from '../kubernetes-training/labels.ts';
import { whyNotReady } from '../process-serving/probe.ts';
import type { ServingApi } from './api.ts';
import { readyAddresses } from './endpoints.ts';
import { serviceUrl } from './manifest.ts';
import { exchangeName, SERVED, serverName } from './names.ts';
import type { ServingPlatform } from './platform.ts';
import { removeServer } from './remove.ts';
import { startServer } from './start.ts';
import { untilReady } from './until-ready.ts';

export interface KubernetesServingOptions {
  /** Both in the namespace that `platform.serving` names. */
  readonly client: KubernetesClient;
  readonly api: ServingApi;
  readonly platform: ServingPlatform;
  /** The folder of the exchange that pods speak to (`createExchange`); all workers must share it. */
  readonly root: string;
  /** The secret of the exchange. */
  readonly secret: string;
  /** Holds a serving log for each server; a log stays when its server is stopped. */
  readonly logs: string;
  /** How long a server of the same name that is being deleted is waited for; default 60 s. */
  readonly leavingMs?: number;
  /** How long a removal may take beyond the grace of the pods; default 60 s. */
  readonly removalMs?: number;
}

/** A server that somebody waits for, until the signal aborts. */
export interface Asked {
  readonly request: ServerRequest;
  readonly signal: AbortSignal | undefined;
}

/** What belongs to one server, all of it found by model and version. */
export interface ServerPlace {
  readonly name: string;
  readonly model: string;
  readonly version: string;
  /** Of its anchor. */
  readonly owner: string;
  readonly folder: ExchangeFolder;
  readonly log: string;
}

/**
 * Runs model servers as Deployments of Kubernetes with a Service each. Whoever asks later finds a server by model and
 * version; workers may come and go.
 */
export function createKubernetesServing(options: KubernetesServingOptions): Serving {
  const placeOf = (model: string, version: string) => serverPlace(options, model, version);
  return {
    async ensure(request, signal) {
      const place = placeOf(request.model, request.version);
      const asked = { request, signal };
      const { replicas } = await startServer(options, place, asked);
      const direct = await untilReady(options, place, { ...asked, replicas });
      return running(options, place, direct);
    },
    async find(model, version) {
      const place = placeOf(model, version);
      const found = await unless(isNotFound, async () => await options.api.getDeployment(place.name));
      return found === undefined ? undefined : await livingServer(options, found);
    },
    async ready(server, http) {
      const { name } = placeOf(server.model, server.version);
      const direct = readyAddresses(await options.api.listEndpoints(name));
      const reasons = await Promise.all(direct.map(async (url) => await whyNotReady({ ...server, url }, http)));
      return direct.length > 0 && reasons.every((reason) => reason === undefined);
    },
    async stop(model, version) {
      await removeServer(options, placeOf(model, version));
    },
    async list(model) {
      const ours = `${LABELS.managedBy}=understudy,app.kubernetes.io/component=server`;
      const found = await options.api.listDeployments(`${ours},${LABELS.model}=${labelValue(model)}`);
      const living = await Promise.all(found.map(async (one) => await livingServer(options, one)));
      return living
        .filter((server) => server?.model === model)
        .filter((server) => server !== undefined)
        .toSorted((a, b) => a.version.localeCompare(b.version, 'en', { numeric: true }));
    },
  };
}

function serverPlace({ root, logs }: KubernetesServingOptions, model: string, version: string): ServerPlace {
  const name = serverName(model, version);
  const folder = exchangeFolder(root, exchangeName(model, version));
  return { name, model, version, owner: `server/${name}`, folder, log: path.join(logs, name) };
}

/** Nothing when it is being deleted, is not ours, or none of its pods is ready. */
async function livingServer(
  options: KubernetesServingOptions,
  found: V1Deployment,
): Promise<RunningServer | undefined> {
  const { labels, annotations, deletionTimestamp } = found.metadata ?? {};
  const [model, version] = [annotations?.[SERVED.model], annotations?.[SERVED.version]];
  if (labels?.[LABELS.managedBy] !== 'understudy' || deletionTimestamp !== undefined) return undefined;
  if (model === undefined || version === undefined) return undefined;
  const place = serverPlace(options, model, version);
  const direct = readyAddresses(await options.api.listEndpoints(place.name));
  return direct.length === 0 ? undefined : running(options, place, direct);
}

function running(
  { platform }: KubernetesServingOptions,
  { name, model, version, log }: ServerPlace,
  direct: readonly string[],
): RunningServer {
  return { name, model, version, url: serviceUrl(name, platform.serving.namespace), direct, log };
}
