import { putJson, getJson } from './context.ts';
import type { Ports } from './context.ts';
import type { EvidenceStore } from './ports/evidence-store.ts';
import { PortFailure } from './ports/port-failure.ts';
import { createPromotion } from './promotion.ts';

/** A rollback of the traffic alone: the registry, and whoever runs the rollout, have not heard of it yet. */
export interface PendingRollback {
  readonly schemaVersion: 1;
  readonly model: string;
  /** The version that had the route, and the one that has it since. The same when a challenger lost its share. */
  readonly from: string;
  readonly to: string;
  readonly by: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly writtenAt: string;
  /** The run that had written the route, where it was one. */
  readonly run?: string;
  /** Who did not answer, each in one sentence. */
  readonly away: readonly string[];
}

export interface Settled {
  /** `followed`: the pointer is where the traffic is. `moved-on`: somebody moved it elsewhere since, and it was left there. */
  readonly outcome: 'followed' | 'moved-on';
  readonly reason: string;
  readonly at: string;
}

/** Where the records stand in the evidence store, each under its model; a settled one stays. */
export const PENDING = 'pending-rollbacks/';

const AWAY: ReadonlySet<string> = new Set([
  'unavailable',
  'timeout',
  'malformed-answer',
  'rate-limited',
  'unauthorised',
  'forbidden',
]);

/** Whether this says that a service cannot be asked, and not what the answer is. */
export function isAway(error: unknown): error is PortFailure {
  return error instanceof PortFailure && AWAY.has(error.code);
}

/** Leaves the record that a worker reconciles. Writing it again changes nothing. */
export async function leavePending(evidence: EvidenceStore, pending: PendingRollback): Promise<void> {
  await evidence.remember(`${PENDING}${nameOf(pending)}`, await putJson(evidence, pending));
}

/** Everything that nobody has reconciled yet, oldest first. */
export async function pendingRollbacks(evidence: EvidenceStore): Promise<readonly PendingRollback[]> {
  const left = await evidence.keys(PENDING);
  const settled = new Set((await evidence.keys(SETTLED)).map((key) => key.slice(SETTLED.length)));
  const open = left.filter((key) => !settled.has(key.slice(PENDING.length)));
  const found = await Promise.all(
    open.map(async (key) => {
      const ref = await evidence.recall(key);
      return ref === undefined ? [] : [await getJson<PendingRollback>(evidence, ref)];
    }),
  );
  return found.flat().toSorted((one, other) => (one.startedAt < other.startedAt ? -1 : 1));
}

/**
 * Lets the pointer follow the traffic, and books it. A pointer that is at neither version was moved by somebody since: it is
 * left there. Throws what the registry throws; then the record stays pending.
 */
export async function settleRollback(
  ports: Pick<Ports, 'registry' | 'evidence'>,
  pending: PendingRollback,
): Promise<Settled> {
  const settled = { ...(await follow(ports, pending)), at: new Date().toISOString() };
  await ports.evidence.remember(`${SETTLED}${nameOf(pending)}`, await putJson(ports.evidence, settled));
  return settled;
}

async function follow(
  ports: Pick<Ports, 'registry' | 'evidence'>,
  { from, model, reason, to }: PendingRollback,
): Promise<Omit<Settled, 'at'>> {
  const { champion } = await ports.registry.aliases(model);
  if (champion === to) return { outcome: 'followed', reason: `v${to} is champion` };
  if (champion !== from || from === to)
    return { outcome: 'moved-on', reason: `v${champion ?? '(none)'} is champion by now; expected v${from}` };
  const promotion = createPromotion(ports);
  await promotion.repoint({ model, from, to, reason });
  await promotion.markRolledBack({ model, version: from, reason });
  await promotion.markStage({ model, version: to, stage: 'champion' });
  return { outcome: 'followed', reason: `the pointer moved from v${from} to v${to}` };
}

const SETTLED = 'settled-rollbacks/';
const nameOf = ({ model, startedAt }: PendingRollback): string => `${model}/${startedAt.replaceAll(/[^0-9TZ]/g, '')}`;
