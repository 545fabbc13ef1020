import { setTimeout as pause } from 'node:timers/promises';
import type { V1Deployment } from '@kubernetes/client-node';
import { patiently } from '../../patiently.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import type { PortFailureCode } from '../../ports/port-failure.ts';
import { unless } from '../kubernetes/anchor.ts';
import { isNotFound } from '../kubernetes/errors.ts';
import { whyNotReady } from '../process-serving/probe.ts';
import { diagnose } from './diagnose.ts';
import type { Diagnosis } from './diagnose.ts';
import { readyAddresses } from './endpoints.ts';
import { SERVED, SERVER_CONTAINER } from './names.ts';
import { removeServer } from './remove.ts';
import type { Asked, KubernetesServingOptions, ServerPlace } from './serving.ts';

const LOOK_EVERY_MS = 250;
const LOG_LINES = 20;
/** A removal that a short trouble stopped would leave the server's objects to nobody, and its diagnosis unsaid. */
const PASSING: readonly PortFailureCode[] = ['unavailable', 'rate-limited', 'conflict'];

interface Awaited extends Asked {
  readonly replicas: number;
}

/**
 * Base URLs of its pods once all that were asked for are ready and name this version. A server that was never ready is
 * removed when it fails; one that was, is not: its pods come back by themselves, or a person looks.
 */
export async function untilReady(
  options: KubernetesServingOptions,
  place: ServerPlace,
  wanted: Awaited,
): Promise<readonly string[]> {
  const until = Date.now() + wanted.request.readyWithinMs;
  for (;;) {
    const deployment = await unless(isNotFound, async () => await options.api.getDeployment(place.name));
    if (deployment === undefined) {
      throw new PortFailure('not-ready', `the Deployment ${place.name} was deleted while it was waited for`);
    }
    const direct = readyAddresses(await options.api.listEndpoints(place.name));
    const wrong = await firstReason(place, wanted, direct);
    wanted.signal?.throwIfAborted();
    if (wrong === undefined && direct.length >= wanted.replicas) {
      await markReady(options, deployment);
      return direct;
    }
    const expired = Date.now() > until;
    const why = wrong === undefined ? await whyTooFew(options, { place, deployment, expired }) : { why: wrong };
    if (expired || (why.code !== undefined && !wasReady(deployment))) {
      await giveUp(options, { place, wanted, deployment, ready: direct.length }, why);
    }
    await pause(LOOK_EVERY_MS, undefined, { signal: wanted.signal });
  }
}

/** Of the first pod that takes requests and should not. */
async function firstReason(
  { name, model, version, log }: ServerPlace,
  { request, signal }: Awaited,
  direct: readonly string[],
): Promise<string | undefined> {
  const reasons = await Promise.all(
    direct.map(async (url) => await whyNotReady({ name, model, version, url, log }, request.http, signal)),
  );
  return reasons.find((reason) => reason !== undefined);
}

interface Look {
  readonly place: ServerPlace;
  readonly deployment: V1Deployment;
  readonly expired: boolean;
}

async function whyTooFew({ client }: KubernetesServingOptions, { place, deployment, expired }: Look) {
  const pods = await client.listPods(`${SERVED.server}=${place.name}`);
  return diagnose({ deployment, pods, now: new Date(), expired });
}

function wasReady({ metadata }: V1Deployment): boolean {
  return metadata?.annotations?.[SERVED.wasReady] === 'true';
}

async function markReady({ api }: KubernetesServingOptions, deployment: V1Deployment): Promise<void> {
  if (wasReady(deployment)) return;
  const { name = '' } = deployment.metadata ?? {};
  await api.patchDeployment(name, { metadata: { annotations: { [SERVED.wasReady]: 'true' } } });
}

interface Failed {
  readonly place: ServerPlace;
  readonly wanted: Awaited;
  readonly deployment: V1Deployment;
  readonly ready: number;
}

async function giveUp(options: KubernetesServingOptions, failed: Failed, diagnosis: Diagnosis): Promise<never> {
  const { place, wanted, deployment, ready } = failed;
  const { readyWithinMs } = wanted.request;
  const tail = await logTail(options, place, diagnosis.pod);
  const hopeless = diagnosis.code !== undefined && !wasReady(deployment);
  const missed = `was not ready within ${readyWithinMs} ms (${ready} of ${wanted.replicas} pods)`;
  const what = hopeless ? 'cannot serve' : missed;
  if (!wasReady(deployment)) await patiently(PASSING, async () => removeServer(options, place));
  throw new PortFailure(
    hopeless ? (diagnosis.code ?? 'not-ready') : 'not-ready',
    `the server ${place.name} ${what}: ${diagnosis.why}; the last it printed:\n${tail}`,
    { details: { server: place.name, readyWithinMs } },
  );
}

/** Of the pod that failed, else of the newest one; what cannot be read is empty, never an error. */
async function logTail({ client }: KubernetesServingOptions, { name }: ServerPlace, failed?: string): Promise<string> {
  const readable = async <T>(ask: () => Promise<T>) => await unless((error) => error instanceof PortFailure, ask);
  const pods = (await readable(async () => await client.listPods(`${SERVED.server}=${name}`))) ?? [];
  const newest = pods
    .toSorted((a, b) => Number(b.metadata?.creationTimestamp ?? 0) - Number(a.metadata?.creationTimestamp ?? 0))
    .at(0)?.metadata?.name;
  const pod = failed ?? newest;
  if (pod === undefined) return '(it printed nothing)';
  const text = (await readable(async () => await client.readLog(pod, SERVER_CONTAINER, LOG_LINES))) ?? '';
  return text.trim() === '' ? '(it printed nothing)' : text.trimEnd().slice(-4000);
}
