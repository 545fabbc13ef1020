import type { EvidenceRef } from '../scorecards/vocabulary.ts';
import { Ending } from './ending.ts';
import type { Run } from './retrain.ts';
import type { Scored } from './scorecard.ts';
import type { Candidate } from './training.ts';

/** The pointer moves last, to the very servers that were judged; only then is the old champion released. */
export async function promotionStage(
  run: Run,
  candidate: Candidate,
  card: Scored,
  approval: EvidenceRef,
): Promise<Ending> {
  const { context, champion, hands } = run;
  const { version, digest } = candidate;
  hands.desk.begin('promotion');
  const order = {
    context,
    version,
    candidate: digest,
    scorecard: card.result,
    approval,
    ...(champion ? { expected: champion } : {}),
  };
  // A pointer whose write was answered by nobody may have moved; a stop at that moment puts it back.
  run.undo.unlessPromoted(() => hands.act(`v${version} is not champion`).withdraw(order));
  if (context.bootstrap) await firstRoute(run, card);
  const { promotedAt } = await hands.act(`champion → v${version}`).promote(order);
  hands.desk.tell({ champion: { version, digest }, weightPercent: 0 });
  hands.desk.done(`v${version} is champion since ${promotedAt}${champion ? `, v${champion.version} before` : ''}`);
  const passed = `v${version} passed ${card.passed} findings, was approved and is champion`;
  return new Ending('promoted', `${passed}${await hands.shielded(() => release(run, card))}`);
}

/** The first champion gets the route before it gets the pointer. */
async function firstRoute({ context, hands, input, undo }: Run, { servers }: Scored): Promise<void> {
  const { traffic } = input.applied.policy.spec;
  if (!servers || !traffic) return;
  undo.unlessPromoted(() => hands.act('no route').removeRoute({ traffic }));
  await hands.act('first route').setRoute({ context, champion: servers.challenger, reason: 'first champion' });
}

/**
 * The successor survived its soak: the old champion's leaf and server have no more use. What goes wrong here is said and
 * takes nothing back, for the pointer has moved.
 */
async function release({ context, champion, hands, input }: Run, { servers }: Scored): Promise<string> {
  if (!servers || !champion || !input.applied.policy.spec.traffic) return '';
  try {
    await hands.act('successor alone').setRoute({ context, champion: servers.challenger, reason: 'promoted' });
    await hands.act(`stop server v${champion.version}`).stopServer({ model: context.model, version: champion.version });
    return '';
  } catch (error) {
    const fault = hands.explain(error);
    return `; not released: ${fault.kind === 'failed' ? `${fault.type}: ${fault.message}` : fault.reason}`;
  }
}
