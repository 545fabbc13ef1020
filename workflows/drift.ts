import type { DriftResult } from '../activities/drift.ts';
import { countAll } from './counting.ts';
import { Ending } from './ending.ts';
import type { Run } from './retrain.ts';

/** Which triggers obey what drift says; the others measure it for the record and go on. */
const OBEYING = new Set(['check', 'alert']);
/** Without new labels these learn nothing new; whoever asks in person has reasons of their own. */
const LEARNING = new Set(['check', 'alert', 'schedule']);

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
  if (!OBEYING.has(input.trigger.kind) || drift.fires) return withLabels(drift, input.trigger.kind);
  if (drift.verdict === 'inconclusive') return new Ending('inconclusive', drift.reason);
  return new Ending('no-drift', drift.reason);
}

/** Fewer new labels than the policy asks for: the trigger is suppressed. */
function withLabels(drift: DriftResult, kind: string): DriftResult | Ending {
  const { newLabels } = drift;
  if (!newLabels || newLabels.isEnough || !LEARNING.has(kind)) return drift;
  return new Ending('no-drift', newLabels.reason);
}
