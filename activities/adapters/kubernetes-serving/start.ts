import { setTimeout as pause } from 'node:timers/promises';
import type { V1Deployment } from '@kubernetes/client-node';
import { canonicalJson } from '../../../scorecards/canonical-json.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import type { ServerRequest } from '../../ports/serving.ts';
import { ensureAnchor, unless } from '../kubernetes/anchor.ts';
import { alreadyExists, isNotFound } from '../kubernetes/errors.ts';
import { exchangeToken } from '../kubernetes-training/exchange.ts';
import { LABELS } from '../kubernetes-training/labels.ts';
import { artifactFiles } from '../kubernetes-training/submit.ts';
import { buildServer, refuseOther } from './manifest.ts';
import type { BuiltServer, ServerSource } from './manifest.ts';
import { exchangeName, serverName } from './names.ts';
import { serverSpec } from './pod-template.ts';
import type { Asked, KubernetesServingOptions, ServerPlace } from './serving.ts';

const LOOK_EVERY_MS = 250;

/**
 * Creates Deployment and Service, or adopts those that serve the same. One that is being deleted is waited for. An adopted
 * server gets more pods when it has too few, and never fewer.
 */
export async function startServer(
  options: KubernetesServingOptions,
  place: ServerPlace,
  { request, signal }: Asked,
): Promise<Pick<BuiltServer, 'replicas'>> {
  const source = await sourceOf(options, request);
  // Everything that is wrong with the request itself is said before anything is there.
  const built = buildServer(source.server);
  await place.folder.prepareServer({ files: source.files, log: place.log }, canonicalJson(serverSpec(request)));
  signal?.throwIfAborted();
  await createOrAdopt(options, place, { source: source.server, signal });
  return built;
}

async function sourceOf({ api, platform }: KubernetesServingOptions, request: ServerRequest) {
  const files = await artifactFiles(request.artifact);
  const { champion } = request.placement ?? {};
  const found =
    champion === undefined || champion === request.version
      ? undefined
      : await unless(isNotFound, async () => await api.getDeployment(serverName(request.model, champion)));
  const server: ServerSource = {
    request,
    platform,
    files: files.map(({ to, bytes, sha256 }) => ({ path: to, bytes, sha256 })),
    ...(found === undefined ? {} : { champion: found }),
  };
  return { files, server };
}

interface Wanted extends Pick<Asked, 'signal'> {
  readonly source: ServerSource;
}

async function createOrAdopt(options: KubernetesServingOptions, place: ServerPlace, { source, signal }: Wanted) {
  const { api, client, secret } = options;
  const waitMs = options.leavingMs ?? 60_000;
  const giveUpAt = Date.now() + waitMs;
  const token = exchangeToken(secret, exchangeName(place.model, place.version));
  const labels = { [LABELS.managedBy]: 'understudy' };
  for (;;) {
    const anchor = await ensureAnchor(client, place.owner, {
      labels,
      waitMs,
      ...(signal === undefined ? {} : { signal }),
    });
    const built = buildServer(source, { anchor, token });
    await unless(alreadyExists, async () => {
      await api.createService(built.service);
    });
    const made = await unless(alreadyExists, async () => await api.createDeployment(built.deployment));
    if (made !== undefined) return;
    const found = await unless(isNotFound, async () => await api.getDeployment(place.name));
    if (found !== undefined && found.metadata?.deletionTimestamp === undefined) {
      await adopt(options, found, built);
      return;
    }
    if (Date.now() > giveUpAt) {
      throw new PortFailure('conflict', `the Deployment ${place.name} is still being deleted after ${waitMs / 1000} s`);
    }
    await pause(LOOK_EVERY_MS, undefined, { signal });
  }
}

async function adopt({ api }: KubernetesServingOptions, found: V1Deployment, built: BuiltServer): Promise<void> {
  refuseOther(found, built);
  if ((found.spec?.replicas ?? 1) >= built.replicas) return;
  await api.patchDeployment(built.name, { spec: { replicas: built.replicas } });
}
