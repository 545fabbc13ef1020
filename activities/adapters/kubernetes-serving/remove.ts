import type { V1ObjectMeta } from '@kubernetes/client-node';
import { PortFailure } from '../../ports/port-failure.ts';
import { whatStays } from '../kubernetes/absence.ts';
import { anchorName, dropAnchor, unless } from '../kubernetes/anchor.ts';
import { isNotFound, isOtherUid } from '../kubernetes/errors.ts';
import { LABELS } from '../kubernetes-training/labels.ts';
import { SERVED } from './names.ts';
import type { KubernetesServingOptions, ServerPlace } from './serving.ts';

/**
 * The anchor first: what a request that was held up creates from now on has no owner and is collected. Then what is there
 * and ours, and then until no pod of it is left. Its log stays.
 */
export async function removeServer(options: KubernetesServingOptions, place: ServerPlace): Promise<void> {
  const { api, client } = options;
  const { name } = place;
  await dropAnchor(client, place.owner);
  const gone = (error: unknown): boolean => isNotFound(error) || isOtherUid(error);
  const ours = (labels: Readonly<Record<string, string>> = {}): boolean => labels[LABELS.managedBy] === 'understudy';
  const deployment = (await unless(isNotFound, async () => await api.getDeployment(name)))?.metadata;
  const service = (await unless(isNotFound, async () => await api.getService(name)))?.metadata;
  const [uid, serviceUid] = [deployment?.uid, service?.uid];
  if (uid !== undefined && ours(deployment?.labels))
    await unless(gone, async () => await api.deleteDeployment(name, uid));
  if (serviceUid !== undefined && ours(service?.labels)) {
    await unless(gone, async () => await api.deleteService(name, serviceUid));
  }
  await untilGone(options, place);
  await place.folder.discard();
}

async function untilGone({ api, client, platform, removalMs }: KubernetesServingOptions, place: ServerPlace) {
  const { drainSeconds, graceSeconds } = platform.serving;
  const giveUpAt = Date.now() + (drainSeconds + graceSeconds) * 1000 + (removalMs ?? 60_000);
  const pods = async () => await client.listPods(`${SERVED.server}=${place.name}`);
  const leaves = (ask: () => Promise<{ readonly metadata?: V1ObjectMeta }>) => async () =>
    (await unless(isNotFound, ask))?.metadata?.deletionTimestamp !== undefined;
  const anchor = anchorName(place.owner);
  const questions = [
    ['a pod', async () => (await pods()).length > 0],
    ['the Deployment', leaves(async () => await api.getDeployment(place.name))],
    ['the Service', leaves(async () => await api.getService(place.name))],
    [`ConfigMap ${anchor}`, leaves(async () => await client.getConfigMap(anchor))],
  ] as const;
  const left = await whatStays(questions, giveUpAt);
  if (left === undefined) return;
  const message = `the server ${place.name} was deleted, but of it there is still: ${left}; look at its finalizers`;
  throw new PortFailure('timeout', message);
}
