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
  if (context.bootstrap) await firstRoute(run, card);
  const order = {
    context,
    version,
    candidate: digest,
    scorecard: card.result,
    approval,
    ...(champion ? { expected: champion } : {}),
  };
  const { promotedAt } = await hands.act(`champion → v${version}`).promote(order);
  hands.desk.tell({ champion: { version, digest }, weightPercent: 0 });
  hands.desk.done(`v${version} is champion since ${promotedAt}${champion ? `, v${champion.version} before` : ''}`);
  await hands.shielded(() => release(run, card));
  return new Ending('promoted', `v${version} passed ${card.passed} findings, was approved and is champion`);
}

/** The first champion gets the route before it gets the pointer. */
async function firstRoute({ context, hands, input }: Run, { servers }: Scored): Promise<void> {
  if (!servers || !input.applied.policy.spec.traffic) return;
  await hands.act('first route').setRoute({ context, champion: servers.challenger, reason: 'first champion' });
}

/** The successor survived its soak: the old champion's leaf and server have no more use. */
async function release({ context, champion, hands, input }: Run, { servers }: Scored): Promise<void> {
  if (!servers || !champion || !input.applied.policy.spec.traffic) return;
  await hands.act('successor alone').setRoute({ context, champion: servers.challenger, reason: 'promoted' });
  await hands.act(`stop server v${champion.version}`).stopServer({ model: context.model, version: champion.version });
}
