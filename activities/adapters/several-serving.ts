import { PortFailure } from '../ports/port-failure.ts';
import type { RunningServer, ServerRequest, Serving } from '../ports/serving.ts';

export interface ServingBackends {
  readonly process: Serving;
  /** Absent when the settings name no cluster that serves. */
  readonly kubernetes?: Serving;
  /** Absent when the settings name no cluster with KServe. */
  readonly kserve?: Serving;
}

/**
 * Several backends behind one port. A server that asks for a placement or for KServe goes to the cluster, any other stays here;
 * later calls name model and version alone, and whichever backend knows them answers, this machine first.
 */
export function severalServingBackends(backends: ServingBackends): Serving {
  const { process: local, kubernetes, kserve } = backends;
  const all = [local, kubernetes, kserve].filter((backend) => backend !== undefined);
  return {
    ensure: async (request, signal) => await chosen(backends, request).ensure(request, signal),
    find: async (model, version) => {
      for (const backend of all) {
        const found = await backend.find(model, version);
        if (found !== undefined) return found;
      }
      return undefined;
    },
    ready: async (server, http) => {
      const owner = await ownerOf(all, server);
      return owner !== undefined && (await owner.ready(server, http));
    },
    stop: async (model, version) => {
      for (const backend of all) await backend.stop(model, version);
    },
    list: async (model) => {
      const servers = await Promise.all(all.map(async (backend) => await backend.list(model)));
      return servers.flat().toSorted((a, b) => a.version.localeCompare(b.version, 'en', { numeric: true }));
    },
  };
}

function chosen(backends: ServingBackends, { model, version, placement, kserve }: ServerRequest): Serving {
  const wanted = kserve === undefined ? (placement?.backend ?? 'process') : 'kserve';
  const backend = backends[wanted];
  if (backend !== undefined) return backend;
  throw new PortFailure(
    'unsupported',
    `the server of ${model} v${version} asks for serving.backend ${wanted}, and this worker has none: ${CURES[wanted]}`,
    { details: { field: 'spec.serving.backend', backend: wanted } },
  );
}

const CURES: Readonly<Record<string, string>> = {
  kubernetes: 'add kubernetes to understudy.config.yaml, and a section serving to the platform file that it names',
  kserve: 'add kubernetes.kserve to understudy.config.yaml',
};

/** Whoever finds this very address: a version can have been served elsewhere before. */
async function ownerOf(all: readonly Serving[], { model, version, url }: RunningServer): Promise<Serving | undefined> {
  for (const backend of all) {
    if ((await backend.find(model, version))?.url === url) return backend;
  }
  return undefined;
}
