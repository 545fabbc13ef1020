import { setTimeout as sleep } from 'node:timers/promises';
import { getJson, putJson } from '../activities/context.ts';
import type { Ports } from '../activities/context.ts';
import { versionWithRecord } from '../activities/opening.ts';
import { isAway, leavePending } from '../activities/pending-rollback.ts';
import { PortFailure } from '../activities/ports/port-failure.ts';
import type { Route, TrafficRouter } from '../activities/ports/traffic-router.ts';
import { createPromotion } from '../activities/promotion.ts';
import { serveVersion } from '../activities/serving.ts';
import type { RunRecord } from '../scorecards/records/run-record.ts';
import type { AppliedPolicy } from '../scorecards/trigger.ts';
import type { EvidenceRef } from '../scorecards/vocabulary.ts';
import { CliFailure, EXIT } from './failure.ts';

export interface RestorePlan {
  readonly model: string;
  readonly from: string;
  readonly to: string;
  readonly record: RunRecord;
  /** The policy in force; without Temporal the one that the version was made under. */
  readonly applied: AppliedPolicy;
  /** What the gateway serves now. */
  readonly route?: Route;
}

export interface Restored {
  readonly model: string;
  readonly from: string;
  readonly to: string;
  readonly by: string;
  readonly reason: string;
  readonly startedAt: string;
  /** Absent for a batch model: there is no traffic. */
  readonly route?: {
    readonly name: string;
    readonly url: string;
    readonly writtenAt: string;
    readonly loaded: boolean;
  };
  /** Absent: the registry did not answer any more; the pointer follows when a worker can move it. */
  readonly pointerAt?: string;
  readonly evidence: EvidenceRef;
}

const LOADED_WITHIN_MS = 15_000;

/**
 * What a restore would do; changes nothing. Unless a version is named, a challenger that has traffic loses it to the
 * champion; without one the version before the champion comes back.
 */
export async function planRestore(
  ports: Ports,
  model: string,
  wanted: { readonly to?: string; readonly applied?: AppliedPolicy },
): Promise<RestorePlan> {
  const { champion: from, previous } = await ports.registry.aliases(model);
  if (from === undefined)
    throw new CliFailure(EXIT.notFound, `${model} has no champion, so there is nothing to roll back`, 'understudy get');
  const applied = wanted.applied ?? (await recordedPolicy(ports, await recordOf(ports, model, from)));
  const { traffic } = applied.policy.spec;
  const route = traffic && (await ports.gateway(traffic).router.read(traffic.route));
  const isShared = route !== undefined && !isAlone(route, from);
  const to = wanted.to ?? (isShared ? from : previous);
  if (to === undefined)
    throw new CliFailure(
      EXIT.notFound,
      `${model} has no version before v${from}`,
      `understudy rollback ${model} --to VERSION`,
    );
  if (to === from && !isShared)
    throw new CliFailure(
      EXIT.conflict,
      `v${to} is the champion of ${model} already, and nobody shares its traffic`,
      'understudy get',
    );
  return { model, from, to, record: await recordOf(ports, model, to), applied, ...(route ? { route } : {}) };
}

function isAlone({ challenger, champion }: Route, version: string): boolean {
  return champion.version === version && (challenger?.percent ?? 0) === 0;
}

async function recordOf(ports: Ports, model: string, version: string): Promise<RunRecord> {
  if (!(await ports.registry.version(model, version)))
    throw new CliFailure(EXIT.notFound, `${model} has no version ${version}`, `understudy history ${model}`);
  return getJson<RunRecord>(ports.evidence, (await versionWithRecord(ports, model, version)).record);
}

async function recordedPolicy(ports: Pick<Ports, 'evidence'>, record: RunRecord): Promise<AppliedPolicy> {
  const { evidence } = record.policy;
  if (evidence) return getJson<AppliedPolicy>(ports.evidence, evidence);
  throw new CliFailure(
    EXIT.unavailable,
    'the policy is not on record, and Temporal does not answer',
    'understudy stack up',
  );
}

/** Server, traffic, pointer, in this order: traffic never waits for the registry. Every step may be repeated. */
export async function restore(
  ports: Ports,
  plan: RestorePlan,
  word: { readonly by: string; readonly reason: string },
): Promise<Restored> {
  const { from, model, to } = plan;
  const startedAt = new Date().toISOString();
  const route = await restoreTraffic(ports, plan, word);
  const away = to === from ? undefined : await movePointer(ports, plan, word.reason);
  const order = { model, from, to, ...word, startedAt };
  if (away !== undefined) {
    const writtenAt = route?.writtenAt ?? startedAt;
    await leavePending(ports.evidence, { schemaVersion: 1, ...order, writtenAt, away: [away] });
  }
  const pointer = away === undefined ? { pointerAt: new Date().toISOString() } : {};
  const done = { ...order, ...(route ? { route } : {}), ...pointer };
  const evidence = await putJson(ports.evidence, done);
  await ports.evidence.remember(`rollbacks/${model}/${startedAt.replaceAll(/[^0-9TZ]/g, '')}`, evidence);
  return { ...done, evidence };
}

/** The answer is why it could not: the traffic is back by then, and the registry is asked again later. */
async function movePointer(
  ports: Ports,
  { from, model, to }: RestorePlan,
  reason: string,
): Promise<string | undefined> {
  const promotion = createPromotion(ports);
  try {
    await promotion.repoint({ model, from, to, reason });
    await promotion.markRolledBack({ model, version: from, reason });
    await promotion.markStage({ model, version: to, stage: 'champion' });
    return undefined;
  } catch (error) {
    if (isAway(error)) return error.message;
    throw error;
  }
}

async function restoreTraffic(
  ports: Ports,
  { applied, from, model, record, to }: RestorePlan,
  { by, reason }: { readonly by: string; readonly reason: string },
): Promise<Restored['route']> {
  const { serving, traffic } = applied.policy.spec;
  if (!serving || !traffic) return undefined;
  const { url } = await serveVersion(ports, applied, { model, version: to, record, champion: from });
  const route = {
    name: traffic.route,
    model,
    champion: { version: to, url },
    writtenBy: `rollback by ${by}`,
    reason,
    requestTimeoutMs: traffic.requestTimeout,
  };
  const { router } = ports.gateway(traffic);
  await router.apply(route, { force: true });
  const writtenAt = new Date().toISOString();
  return { name: traffic.route, url, writtenAt, loaded: await isLoaded(router, traffic.route) };
}

async function isLoaded(router: TrafficRouter, route: string): Promise<boolean> {
  const until = Date.now() + LOADED_WITHIN_MS;
  while (!(await seenLoaded(router, route))) {
    if (Date.now() > until) return false;
    await sleep(100);
  }
  return true;
}

/** The traffic is back by then: a gateway that cannot be asked must not keep the pointer from following. */
async function seenLoaded(router: TrafficRouter, route: string): Promise<boolean> {
  try {
    return await router.loaded(route);
  } catch (error) {
    if (error instanceof PortFailure) return false;
    throw error;
  }
}
