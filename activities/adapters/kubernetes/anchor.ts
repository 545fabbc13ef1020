import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { PortFailure } from '../../ports/port-failure.ts';
import type { KubernetesClient } from './client.ts';
import { alreadyExists, isNotFound, isOtherUid } from './errors.ts';

export interface Anchor {
  readonly name: string;
  readonly uid: string;
}

const LOOK_EVERY_MS = 200;

/** The name of the anchor of what is called `owner`. */
export function anchorName(owner: string): string {
  return `understudy-anchor-${createHash('sha256').update(owner).digest('hex').slice(0, 16)}`;
}

interface Anchoring {
  readonly labels: Readonly<Record<string, string>>;
  readonly waitMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Creates or adopts a small ConfigMap that owns everything we create for `owner`. Once it is gone, whatever names its
 * uid as owner is collected by the cluster, also what a request that was held up creates only then. One that is being
 * deleted is waited for. Throws `conflict` when it does not go within `waitMs`.
 */
export async function ensureAnchor(
  client: KubernetesClient,
  owner: string,
  { labels, waitMs, signal }: Anchoring,
): Promise<Anchor> {
  const name = anchorName(owner);
  const body = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, labels: { ...labels } },
    data: { owner },
  };
  const giveUpAt = Date.now() + waitMs;
  for (;;) {
    const made = await unless(alreadyExists, async () => await client.createConfigMap(body));
    const found = made ?? (await unless(isNotFound, async () => await client.getConfigMap(name)));
    const { uid, deletionTimestamp } = found?.metadata ?? {};
    if (uid !== undefined && deletionTimestamp === undefined) return { name, uid };
    if (Date.now() > giveUpAt) throw new PortFailure('conflict', `the ConfigMap ${name} is still being deleted`);
    await pause(LOOK_EVERY_MS, undefined, { signal });
  }
}

/** Deletes the anchor, and with it all that it owns. Nothing there is success. */
export async function dropAnchor(client: KubernetesClient, owner: string): Promise<void> {
  const name = anchorName(owner);
  const uid = (await unless(isNotFound, async () => await client.getConfigMap(name)))?.metadata?.uid;
  if (uid === undefined) return;
  const gone = (error: unknown): boolean => isNotFound(error) || isOtherUid(error);
  await unless(gone, async () => await client.deleteConfigMap(name, uid));
}

/** Waits for an answer; `undefined` when it fails in the expected way. */
export async function unless<T>(expected: (error: unknown) => boolean, ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (expected(error)) return undefined;
    throw error;
  }
}
