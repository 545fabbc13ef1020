import type { DriftResult } from '../activities/drift.ts';
import { countAll } from './counting.ts';
import { Ending } from './ending.ts';
import type { Run } from './retrain.ts';

/** Which triggers obey what drift says; the others measure it for the record and go on. */
const OBEYING = new Set(['check', 'alert']);

export async function driftStage({ context, champion, hands, input }: Run): Promise<DriftResult | null | Ending> {
  const { desk } = hands;
  desk.begin('drift');
  await hands.act('pull data').pullData({ context });
  if (!champion) {
    desk.done('no champion yet: nothing to compare with');
    return null;
  }
  const days = context.asOf.slice(0, 10);
  await countAll(hands, await hands.act(`look for days before ${days}`).planDrift({ context, champion }));
  const drift = await hands.act(`measure windows ending ${days}`).measureDrift({ context, champion });
  desk.done(`${drift.verdict}: ${drift.reason}`);
  desk.tell({ driftScore: drift.score });
  if (drift.response === 'block') return new Ending('blocked', drift.reason);
  if (!OBEYING.has(input.trigger.kind) || drift.fires) return drift;
  if (drift.verdict === 'inconclusive') return new Ending('inconclusive', drift.reason);
  return new Ending('no-drift', drift.reason);
}
