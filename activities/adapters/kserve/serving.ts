import { setTimeout as sleep } from 'node:timers/promises';
import path from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { patiently } from '../../patiently.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import type { PortFailureCode } from '../../ports/port-failure.ts';
import type { HttpProtocol, KserveHost, RunningServer, ServerRequest, Serving } from '../../ports/serving.ts';
import { isNotFound } from '../kubernetes/errors.ts';
import { identityLabel, LABELS } from '../kubernetes-training/labels.ts';
import { whyNotReady } from '../process-serving/probe.ts';
import { createKserveApi } from './api.ts';
import type { KserveApi } from './api.ts';
import { modeOf } from './mode.ts';
import { predictorOf } from './names.ts';
import { workloadName } from './objects.ts';
import type { InferenceService } from './objects.ts';
import { ensureOperations, existing, revisionOperations, stopOperations } from './operations.ts';
import { patchUntilItFits } from './patching.ts';
import { hasPredictor, loadFailure, placeOf } from './servers.ts';
import { stateOf } from './written.ts';

export interface KserveServingOptions {
  readonly kubeConfig: KubeConfig;
  /** Where the InferenceServices are. */
  readonly namespace: string;
  /** Directory below which logs would be; KServe's servers write none there. */
  readonly logs: string;
}

const POLL_MS = 250;
const GONE_WITHIN_MS = 120_000;

/**
 * Servers as predictors of an InferenceService that the platform made: runtime, resources and places are the champion's, a
 * version differs in its `storageUri` alone. KServe starts, restarts and removes the pods. Needs get, list and patch on
 * inferenceservices; in Standard mode also get on services and list on endpointslices.
 */
export function createKserveServing({ kubeConfig, namespace, logs }: KserveServingOptions): Serving {
  const api = createKserveApi(kubeConfig, namespace);
  const inLive: InLive = async (live, model, version) => {
    const mode = modeOf(live);
    const place = mode && (await placeOf(api, live, mode, predictorOf(live.metadata.name, version)));
    return place && { ...place, model, version, log: path.join(logs, `${model}-v${version}`, 'log') };
  };

  return {
    async ensure(request, signal) {
      const host = hostOf(request);
      const name = predictorOf(host.service, request.version);
      await patchUntilItFits(api, host.service, async () => ensureOperations(api, host, request));
      try {
        const server = await untilReady({ request, signal }, async () => {
          const live = await existing(api, host.service);
          refuseUnloadable(live, host, request);
          const found = await inLive(live, request.model, request.version);
          return found ?? `KServe reports no ready pod of ${name}`;
        });
        await patchUntilItFits(api, host.service, async () => revisionOperations(api, host, name));
        return server;
      } catch (error) {
        if (isVerdict(error)) await discard(api, host, name);
        throw error;
      }
    },

    async find(model, version) {
      const all = await servicesOf(api, model);
      const servers = await Promise.all(all.map(async (live) => inLive(live, model, version)));
      return servers.find((server) => server !== undefined);
    },

    async ready(server, http) {
      return (await faultOf(server, http)) === undefined;
    },

    async stop(model, version) {
      for (const live of await servicesOf(api, model)) {
        await stopIn(api, live, predictorOf(live.metadata.name, version));
      }
    },

    async list(model) {
      const all = (await servicesOf(api, model)).flatMap((live) =>
        Object.keys(stateOf(live).models).map(async (name) => inLive(live, model, name.slice(1))),
      );
      return (await Promise.all(all))
        .filter((server) => server !== undefined)
        .toSorted((one, other) => one.version.localeCompare(other.version, 'en', { numeric: true }));
    },
  };
}

type InLive = (live: InferenceService, model: string, version: string) => Promise<RunningServer | undefined>;

/** What KServe itself has given up on need not be waited for. */
function refuseUnloadable(live: InferenceService, { service, mode }: KserveHost, request: ServerRequest): void {
  const name = predictorOf(service, request.version);
  const failure = loadFailure(live, mode, name);
  if (failure === undefined) return;
  throw new PortFailure('server-died', `KServe could not start ${request.model} v${request.version}: ${failure}`, {
    details: { service, predictor: name },
  });
}

/** Whether the server itself has failed. One that could not be asked after may be loading well: the next try adopts it. */
function isVerdict(error: unknown): boolean {
  return error instanceof PortFailure && (error.code === 'not-ready' || error.code === 'server-died');
}

/** A server that did not become one leaves nothing behind; the failure itself is what a person must see. */
async function discard(api: KserveApi, { service, mode }: KserveHost, name: string): Promise<void> {
  if (mode === 'knative') return;
  await patiently(PASSING, async () => takeOut(api, service, name)).catch(() => undefined);
}

const PASSING: readonly PortFailureCode[] = ['unavailable', 'rate-limited', 'timeout', 'conflict'];

async function takeOut(api: KserveApi, service: string, name: string): Promise<void> {
  await patchUntilItFits(api, service, async () => stopOperations(await api.get(service), name));
}

/** One that is not there any more is waited for, too: an earlier stop may have taken it out and never have heard so. */
async function stopIn(api: KserveApi, live: InferenceService, name: string): Promise<void> {
  const { name: service } = live.metadata;
  if (name in stateOf(live).models) await takeOut(api, service, name);
  // The platform's own.
  else if (hasPredictor(live, name)) return;
  const workload = workloadName(service, name);
  const giveUpAt = Date.now() + GONE_WITHIN_MS;
  while ((await api.endpointSlices(workload)).some(({ endpoints }) => (endpoints ?? []).length > 0)) {
    if (Date.now() > giveUpAt) {
      throw new PortFailure('timeout', `pods of ${workload} are still there after ${GONE_WITHIN_MS / 1000} s`);
    }
    await sleep(POLL_MS);
  }
}

function hostOf({ kserve, model, version }: ServerRequest): KserveHost {
  if (kserve !== undefined) return kserve;
  const message = `the server of ${model} v${version} names no InferenceService; expected spec.serving.storageUri and spec.traffic`;
  throw new PortFailure('bad-request', message, { details: { field: 'kserve' } });
}

async function servicesOf(api: KserveApi, model: string): Promise<InferenceService[]> {
  try {
    return await api.list(`${LABELS.model}=${identityLabel(model)}`);
  } catch (error) {
    // A cluster without KServe serves nothing by it.
    if (isNotFound(error)) return [];
    throw error;
  }
}

/** Every pod that takes requests must be this version: one that is not would answer for it. */
async function faultOf(server: RunningServer, http: HttpProtocol, signal?: AbortSignal): Promise<string | undefined> {
  const urls = server.direct ?? [server.url];
  const faults = await Promise.all(urls.map(async (url) => whyNotReady({ ...server, url }, http, signal)));
  return urls.length === 0 ? 'no pod is ready' : faults.find((fault) => fault !== undefined);
}

async function untilReady(
  { request, signal }: { readonly request: ServerRequest; readonly signal: AbortSignal | undefined },
  look: () => Promise<RunningServer | string>,
): Promise<RunningServer> {
  const { model, version, readyWithinMs, http } = request;
  const giveUpAt = Date.now() + readyWithinMs;
  for (;;) {
    const found = await look();
    const seen = typeof found === 'string' ? found : await faultOf(found, http, signal);
    if (typeof found !== 'string' && seen === undefined) return found;
    if (Date.now() > giveUpAt) {
      const message = `the server of ${model} v${version} was not ready within ${readyWithinMs / 1000} s: ${seen}`;
      throw new PortFailure('not-ready', message, { details: { model, version, readyWithinMs } });
    }
    await sleep(POLL_MS, undefined, { signal });
  }
}
