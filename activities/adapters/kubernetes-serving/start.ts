import { setTimeout as pause } from 'node:timers/promises';
import type { V1Deployment, V1ObjectMeta } from '@kubernetes/client-node';
import { canonicalJson } from '../../../scorecards/canonical-json.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import type { ServerRequest } from '../../ports/serving.ts';
import { ensureAnchor, unless } from '../kubernetes/anchor.ts';
import type { Anchor } from '../kubernetes/anchor.ts';
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
  const { client, secret } = options;
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
    if (await isPlaced(options, anchor, built)) return;
    if (Date.now() > giveUpAt) {
      const message = `what the server ${place.name} had before is still being deleted or changed after ${waitMs / 1000} s`;
      throw new PortFailure('conflict', message, { details: { server: place.name } });
    }
    await pause(LOOK_EVERY_MS, undefined, { signal });
  }
}

/** Creates or adopts both; false while one of them leaves, or changed under our hands. */
async function isPlaced(options: KubernetesServingOptions, anchor: Anchor, built: BuiltServer): Promise<boolean> {
  const { api } = options;
  const { name } = built;
  const service =
    (await unless(alreadyExists, async () => await api.createService(built.service))) ??
    (await unless(isNotFound, async () => await api.getService(name)));
  const made = await unless(alreadyExists, async () => await api.createDeployment(built.deployment));
  const found = made ?? (await unless(isNotFound, async () => await api.getDeployment(name)));
  if (found === undefined || isLeaving(found, anchor)) return false;
  if (made === undefined && !(await adopt(options, found, built))) return false;
  return service !== undefined && !isLeaving(service, anchor);
}

/** Is being deleted, or will be: what an earlier anchor of this server owned is collected with it, at a time of its own. */
function isLeaving({ metadata }: { readonly metadata?: V1ObjectMeta }, { name, uid }: Anchor): boolean {
  const earlier = metadata?.ownerReferences?.some((owner) => owner.name === name && owner.uid !== uid) ?? false;
  return earlier || metadata?.deletionTimestamp !== undefined;
}

/** False when it was changed after it was found: whoever made it larger meanwhile must not see it shrink. */
async function adopt({ api }: KubernetesServingOptions, found: V1Deployment, built: BuiltServer): Promise<boolean> {
  refuseOther(found, built);
  if ((found.spec?.replicas ?? 1) >= built.replicas) return true;
  const { resourceVersion } = found.metadata ?? {};
  const patch = { metadata: { resourceVersion }, spec: { replicas: built.replicas } };
  const patched = await unless(isChanged, async () => {
    await api.patchDeployment(built.name, patch);
    return true;
  });
  return patched === true;
}

function isChanged(error: unknown): boolean {
  return error instanceof PortFailure && error.code === 'conflict';
}
