import { setTimeout } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { championOf } from '../activities/opening.ts';
import { getJson } from '../activities/context.ts';
import type { Ports } from '../activities/context.ts';
import { pendingRollbacks } from '../activities/pending-rollback.ts';
import { serveVersion } from '../activities/serving.ts';
import type { RunRecord } from '../scorecards/records/run-record.ts';
import type { AppliedPolicy } from '../scorecards/trigger.ts';
import type { WatchState } from '../scorecards/watch.ts';

/** After a start of the machine the registry may need a while; then it is given up and said. */
const TRIES = { times: 60, everyMs: 2000 };

/**
 * After a restart of the machine the champions' servers are gone: each is started again from its own record and its route is
 * written, unless a run is in charge of that route. A model whose champion cannot be served is said and left alone.
 */
export async function reEnsureChampions(ports: Ports, client: Client, log: (line: string) => void): Promise<void> {
  const states = await patiently(() => watchStates(client)).catch((error: unknown) => {
    log(`cannot look for champions to serve: ${String(error)}`);
    return [];
  });
  const open = await modelsPending(ports);
  for (const state of states) {
    // Its pointer does not follow the traffic yet: what it says is what somebody rolled back.
    if (open.has(state.model)) continue;
    await patiently(() => reEnsureChampion(ports, state)).catch((error: unknown) => {
      log(`cannot serve the champion of ${state.model}: ${String(error)}`);
    });
  }
}

async function modelsPending(ports: Pick<Ports, 'evidence'>): Promise<ReadonlySet<string>> {
  const pending = await patiently(() => pendingRollbacks(ports.evidence));
  return new Set(pending.map(({ model }) => model));
}

/** Tries again for two minutes. */
export async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await work();
    } catch (error) {
      if (tried === TRIES.times) throw error;
      await setTimeout(TRIES.everyMs);
    }
  }
}

async function watchStates(client: Client): Promise<WatchState[]> {
  const states: WatchState[] = [];
  const query = "WorkflowType = 'watchModel' AND ExecutionStatus = 'Running'";
  for await (const { workflowId } of client.workflow.list({ query })) {
    states.push(await client.workflow.getHandle(workflowId).query<WatchState>('watchState'));
  }
  return states;
}

/** Serves one model's champion and routes to it. A model without policy or traffic, or with a run in charge, is left alone. */
export async function reEnsureChampion(ports: Ports, { model, applied, active }: WatchState): Promise<void> {
  if (applied && !active) await reEnsure(ports, model, applied);
}

async function reEnsure(ports: Ports, model: string, applied: AppliedPolicy): Promise<void> {
  const { serving, traffic } = applied.policy.spec;
  const champion = serving && traffic ? await championOf(ports, model) : undefined;
  if (!traffic || !champion) return;
  const record = await getJson<RunRecord>(ports.evidence, champion.record);
  const { url } = await serveVersion(ports, applied, { model, version: champion.version, record });
  const { router } = ports.gateway(traffic);
  const route = await router.read(traffic.route);
  if (route?.champion.url === url && route.challenger === undefined) return;
  const alone = {
    name: traffic.route,
    model,
    champion: { version: champion.version, url },
    requestTimeoutMs: traffic.requestTimeout,
  };
  await router.apply({ ...alone, writtenBy: 'worker', reason: 'champion served again' }, { force: true });
}
