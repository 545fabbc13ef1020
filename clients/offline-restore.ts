import type { RunEnd } from '../activities/closing.ts';
import { getJson } from '../activities/context.ts';
import type { Ports } from '../activities/context.ts';
import { inTime } from '../activities/decision-log.ts';
import type { OpenedRun } from '../activities/opening.ts';
import { PENDING, leavePending } from '../activities/pending-rollback.ts';
import type { PendingRollback } from '../activities/pending-rollback.ts';
import type { EvidenceStore } from '../activities/ports/evidence-store.ts';
import type { TrafficTarget } from '../activities/ports/gateway.ts';
import { PortFailure } from '../activities/ports/port-failure.ts';
import type { Backend, Route } from '../activities/ports/traffic-router.ts';
import { serveVersion } from '../activities/serving.ts';
import type { RunRecord } from '../scorecards/records/run-record.ts';
import type { AppliedPolicy } from '../scorecards/trigger.ts';
import type { EvidenceRef } from '../scorecards/vocabulary.ts';
import { CliFailure, EXIT } from './failure.ts';

/** A rollback that asks the gateway and the evidence store and nobody else. */
export interface OfflinePlan {
  readonly model: string;
  readonly from: string;
  readonly to: string;
  readonly traffic: TrafficTarget;
  /** What the gateway serves now. */
  readonly route: Route;
  /** What the version was made of, when its server must be found or started. */
  readonly record?: RunRecord;
  readonly applied?: AppliedPolicy;
}

export interface RestoredOffline {
  readonly pending: PendingRollback;
  /** Whether the evidence store has the record; else it must be kept by hand. */
  readonly kept: boolean;
}

/**
 * What a rollback of the traffic alone would do; changes nothing. Unless a version is named, a challenger that has traffic
 * loses it; without one the version before comes back. Throws CliFailure when nothing kept here says where the traffic is.
 */
export async function planOffline(
  ports: Ports,
  model: string,
  wanted: { readonly to?: string; readonly applied?: AppliedPolicy },
): Promise<OfflinePlan> {
  const versions = await knownVersions(ports, model);
  const applied = wanted.applied ?? (await newestPolicy(ports, versions));
  const { route, traffic } = await routeOf(ports, model, applied);
  const from = route.champion.version;
  const to = wanted.to ?? (await usualAim(ports, route, versions));
  refuseIdle(model, route, to);
  const record = to === from ? undefined : await recordOf(ports, versions, to);
  if (to !== from && !(record && applied))
    throw new CliFailure(
      EXIT.notFound,
      `nothing that is kept here says how v${to} of ${model} is served`,
      `understudy history ${model}`,
    );
  return { model, from, to, traffic, route, ...(record ? { record } : {}), ...(applied ? { applied } : {}) };
}

async function routeOf(
  ports: Ports,
  model: string,
  applied: AppliedPolicy | undefined,
): Promise<Pick<OfflinePlan, 'traffic' | 'route'>> {
  const traffic = applied ? applied.policy.spec.traffic : usualTarget(model);
  const route = traffic && (await ports.gateway(traffic).router.read(traffic.route));
  if (traffic && route?.model === model) return { traffic, route };
  throw new CliFailure(
    EXIT.unavailable,
    `the registry does not answer, and nothing that is kept here says which route is ${model}'s`,
    'understudy doctor',
  );
}

const isShared = ({ challenger }: Route): boolean => (challenger?.percent ?? 0) > 0;

/** Whoever shares the traffic with a challenger has it alone; a champion alone gives way to the one before. */
async function usualAim(ports: Pick<Ports, 'evidence'>, route: Route, all: readonly KnownVersion[]): Promise<string> {
  const { model } = route;
  const from = route.champion.version;
  if (isShared(route)) return from;
  const versions = await standing(ports, model, all);
  const before = versions.findLast(({ champion, version }) => champion && version !== from)?.version;
  if (before !== undefined) return before;
  throw new CliFailure(
    EXIT.notFound,
    `no version of ${model} before v${from} is known here`,
    `understudy rollback ${model} --to VERSION`,
  );
}

/** Without what a person took off the stage and nobody put back: the same order given twice must not bring it back. */
async function standing(
  { evidence }: Pick<Ports, 'evidence'>,
  model: string,
  versions: readonly KnownVersion[],
): Promise<readonly KnownVersion[]> {
  const folders = [`rollbacks/${model}/`, `${PENDING}${model}/`];
  const keys = await Promise.all(folders.map(async (folder) => orElse([], async () => evidence.keys(folder))));
  const orders = await Promise.all(keys.flat().map(async (key) => orElse([], async () => noted<Order>(evidence, key))));
  const isOff = ({ at, version }: KnownVersion) =>
    orders.flat().some(({ from, startedAt, to }) => from === version && to !== version && startedAt > at);
  return versions.filter((version) => !isOff(version));
}

type Order = Pick<PendingRollback, 'from' | 'to' | 'startedAt'>;

function refuseIdle(model: string, route: Route, to: string): void {
  if (to !== route.champion.version || isShared(route)) return;
  throw new CliFailure(EXIT.conflict, `v${to} has all traffic of ${model} already`, 'understudy get');
}

async function recordOf(
  { evidence }: Pick<Ports, 'evidence'>,
  versions: readonly KnownVersion[],
  wanted: string,
): Promise<RunRecord | undefined> {
  const found = versions.findLast(({ version }) => version === wanted);
  return found && getJson<RunRecord>(evidence, found.record);
}

/** Longer is not waited for a store while bad answers go to users. */
const STORE_MS = 5000;

/** What the store says, or this in its place when it is away, dawdles, or does not have what it named. */
async function orElse<T>(instead: T, work: () => Promise<T>): Promise<T> {
  try {
    return await inTime(work, STORE_MS);
  } catch (error) {
    if (error instanceof PortFailure) return instead;
    throw error;
  }
}

/** One write to the gateway, then the record of it. Nothing is verified before. */
export async function restoreOffline(
  ports: Ports,
  plan: OfflinePlan,
  word: { readonly by: string; readonly reason: string; readonly away: readonly string[] },
): Promise<RestoredOffline> {
  const { from, model, route, to, traffic } = plan;
  const startedAt = new Date().toISOString();
  const { challenger, name, requestTimeoutMs } = route;
  const next: Route = {
    name,
    model,
    champion: await backendOf(ports, plan),
    // A weight of nothing is written down: a gateway that finds no weight may take one for granted.
    ...(challenger && to === from ? { challenger: { ...challenger, percent: 0 } } : {}),
    writtenBy: `rollback by ${word.by}`,
    reason: word.reason,
    requestTimeoutMs,
  };
  await ports.gateway(traffic).router.apply(next, { force: true });
  const run = route.writtenBy.startsWith('retrain/') ? { run: route.writtenBy } : {};
  const writtenAt = new Date().toISOString();
  const pending: PendingRollback = { schemaVersion: 1, model, from, to, ...word, startedAt, writtenAt, ...run };
  return { pending, kept: await keep(ports, pending) };
}

/** Whoever has the route already is not started again. */
async function backendOf(ports: Ports, { applied, from, model, record, route, to }: OfflinePlan): Promise<Backend> {
  if (to === from || !applied || !record) return route.champion;
  const { url } = await serveVersion(ports, applied, { model, version: to, record, champion: from });
  return { version: to, url };
}

async function keep({ evidence }: Pick<Ports, 'evidence'>, pending: PendingRollback): Promise<boolean> {
  return orElse(false, async () => leavePending(evidence, pending).then(() => true));
}

interface KnownVersion {
  readonly version: string;
  readonly record: EvidenceRef;
  /** It was champion once. */
  readonly champion: boolean;
  readonly at: string;
}

/** The versions that runs of the model speak of, oldest first. A note that cannot be read says nothing. */
async function knownVersions({ evidence }: Pick<Ports, 'evidence'>, model: string): Promise<readonly KnownVersion[]> {
  const keys = await orElse([], async () => evidence.keys(`runs/retrain/${model}/`));
  const notes = keys.filter((key) => /\/(opened-\d+|end)$/.test(key));
  const found = await Promise.all(
    notes.map(async (key) => orElse([], async () => noted<OpenedNote | RunEnd>(evidence, key))),
  );
  return found
    .flat()
    .flatMap(versionsIn)
    .toSorted((one, other) => (one.at < other.at ? -1 : 1));
}

async function noted<T>(evidence: EvidenceStore, key: string): Promise<T[]> {
  const ref = await evidence.recall(key);
  return ref === undefined ? [] : [await getJson<T>(evidence, ref)];
}

type OpenedNote = Pick<OpenedRun, 'champion'> & { readonly receivedAt: string };

function versionsIn(note: OpenedNote | RunEnd): KnownVersion[] {
  if ('endedAt' in note) {
    const { challenger, endedAt, outcome, record } = note;
    if (challenger === undefined || record === undefined) return [];
    return [{ version: challenger, record, champion: outcome === 'promoted', at: endedAt }];
  }
  const { champion, receivedAt } = note;
  return champion ? [{ version: champion.version, record: champion.record, champion: true, at: receivedAt }] : [];
}

/** The policy that the newest known version was made under; undefined when nothing says it. */
async function newestPolicy(
  { evidence }: Pick<Ports, 'evidence'>,
  versions: readonly KnownVersion[],
): Promise<AppliedPolicy | undefined> {
  const newest = versions.at(-1);
  return orElse(undefined, async () => {
    const record = newest && (await getJson<RunRecord>(evidence, newest.record));
    return record?.policy.evidence && (await getJson<AppliedPolicy>(evidence, record.policy.evidence));
  });
}

/** Where a model's route is when nobody says otherwise; whose it is stands in the route itself. */
function usualTarget(model: string): TrafficTarget {
  return { gateway: 'traefik-file', route: model, ownership: 'dedicated' };
}
