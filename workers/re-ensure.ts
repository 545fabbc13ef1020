import type { Client } from '@temporalio/client';
import { championOf } from '../activities/opening.ts';
import { getJson } from '../activities/context.ts';
import type { Ports } from '../activities/context.ts';
import { serveVersion } from '../activities/serving.ts';
import type { RunRecord } from '../scorecards/records/run-record.ts';
import type { AppliedPolicy } from '../scorecards/trigger.ts';
import type { WatchState } from '../scorecards/watch.ts';

/**
 * After a restart of the machine the champions' servers are gone: each is started again from its own record and its route is
 * written, unless a run is in charge of that route. A model whose champion cannot be served is said and left alone.
 */
export async function reEnsureChampions(ports: Ports, client: Client, log: (line: string) => void): Promise<void> {
  try {
    for await (const workflow of client.workflow.list({
      query: "WorkflowType = 'watchModel' AND ExecutionStatus = 'Running'",
    })) {
      const state = await client.workflow.getHandle(workflow.workflowId).query<WatchState>('watchState');
      if (state.applied && !state.active)
        await reEnsure(ports, state.model, state.applied).catch((error: unknown) =>
          log(`cannot serve the champion of ${state.model}: ${String(error)}`),
        );
    }
  } catch (error) {
    log(`cannot look for champions to serve: ${String(error)}`);
  }
}

async function reEnsure(ports: Ports, model: string, applied: AppliedPolicy): Promise<void> {
  const { serving, traffic } = applied.policy.spec;
  const champion = serving && traffic ? await championOf(ports, model) : undefined;
  if (!traffic || !champion) return;
  const record = await getJson<RunRecord>(ports.evidence, champion.record);
  const { url } = await serveVersion(ports, applied, { model, version: champion.version, record });
  const route = await ports.router.read(traffic.route);
  if (route?.champion.url === url && route.challenger === undefined) return;
  const alone = {
    name: traffic.route,
    model,
    champion: { version: champion.version, url },
    requestTimeoutMs: traffic.requestTimeout,
  };
  await ports.router.apply({ ...alone, writtenBy: 'worker', reason: 'champion served again' }, { force: true });
}
