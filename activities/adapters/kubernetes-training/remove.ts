import { PortFailure } from '../../ports/port-failure.ts';
import { whatStays } from '../kubernetes/absence.ts';
import { anchorName, dropAnchor, unless } from '../kubernetes/anchor.ts';
import { isNotFound, isOtherUid, isRefused } from '../kubernetes/errors.ts';
import type { ExchangeFolder } from './exchange-folder.ts';
import { podsOf } from './job-looks.ts';
import type { JobLooks } from './job-looks.ts';
import { LABELS } from './labels.ts';
import type { KubernetesTrainingOptions } from './training-backend.ts';

interface Removed {
  readonly folder: ExchangeFolder;
  readonly name: string;
  readonly looks: Pick<JobLooks, 'isOver'>;
}

/**
 * The anchor first: what a request that was held up creates from now on has no owner and is collected. Then the Job,
 * only if it is ours, and then until neither it nor a pod of it is left, so that its devices are free; the pods of a Job that
 * is over hold none, and go before it does.
 */
export async function removeJob(options: KubernetesTrainingOptions, removed: Removed): Promise<void> {
  const { folder } = removed;
  const takenDown = async (): Promise<void> => await takeDown(options, removed);
  // A namespace that goes takes all that was in it, and our right to ask for it before.
  if ((await folder.past())?.namespaceGone === true) await unless(isRefused, takenDown);
  else await takenDown();
  await folder.discard();
}

async function takeDown(options: KubernetesTrainingOptions, { folder, looks, name }: Removed): Promise<void> {
  const created = await folder.created();
  const uid = created === undefined ? await dropUnrecorded(options, name) : await dropRecorded(options, name, created);
  if (uid !== undefined) await untilGone(options, { name, uid, isOver: looks.isOver(name, uid) });
}

const isGone = (error: unknown): boolean => isNotFound(error) || isOtherUid(error);

/** What we know that we have created needs not be looked up. */
async function dropRecorded(
  { client }: KubernetesTrainingOptions,
  name: string,
  { uid, anchor }: { readonly uid: string; readonly anchor?: string },
): Promise<string> {
  if (anchor === undefined) await dropAnchor(client, name);
  else await dropKnownAnchor(client, name, anchor);
  await unless(isGone, async () => await client.deleteJob(name, uid));
  return uid;
}

async function dropKnownAnchor(client: KubernetesTrainingOptions['client'], name: string, uid: string): Promise<void> {
  try {
    await client.deleteConfigMap(anchorName(name), uid);
  } catch (error) {
    if (isNotFound(error)) return;
    if (!isOtherUid(error)) throw error;
    await dropAnchor(client, name);
  }
}

/** Created by a submit whose answer was lost, or by somebody else. */
async function dropUnrecorded({ client }: KubernetesTrainingOptions, name: string): Promise<string | undefined> {
  await dropAnchor(client, name);
  const { uid, labels } = (await unless(isNotFound, async () => await client.getJob(name)))?.metadata ?? {};
  if (uid === undefined || labels?.[LABELS.managedBy] !== 'understudy') return undefined;
  await unless(isGone, async () => await client.deleteJob(name, uid));
  return uid;
}

interface Leaving {
  readonly name: string;
  readonly uid: string;
  readonly isOver: boolean;
}

async function untilGone(options: KubernetesTrainingOptions, { name, uid, isOver }: Leaving): Promise<void> {
  const { client, platform, removalMs } = options;
  const found = async <T>(ask: () => Promise<T>): Promise<T | undefined> => await unless(isNotFound, ask);
  const isThere = async () => (await found(async () => await client.getJob(name)))?.metadata?.uid === uid;
  const pods = async () => await client.listPods(podsOf(uid));
  const anchor = async () => await found(async () => await client.getConfigMap(anchorName(name)));
  const questions = [
    ['the Job', isThere],
    ['a pod', async () => (await pods()).length > 0],
    [`ConfigMap ${anchorName(name)}`, async () => (await anchor())?.metadata?.deletionTimestamp !== undefined],
  ] as const;
  const giveUpAt = Date.now() + platform.graceSeconds * 1000 + (removalMs ?? 60_000);
  const left = await whatStays(isOver ? questions.slice(0, 1) : questions, giveUpAt);
  if (left === undefined) return;
  throw new PortFailure(
    'timeout',
    `Job ${name} was deleted, but of it there is still: ${left}; look at its finalizers`,
  );
}
