import type { EvidenceRef } from '../scorecards/vocabulary.ts';
import { Ending } from './ending.ts';
import type { Run } from './retrain.ts';
import type { Scored } from './scorecard.ts';
import type { Candidate } from './training.ts';

/** Asks people about exactly this candidate with exactly this scorecard. Silence is a reject. */
export async function approvalStage(
  { context, hands, input }: Run,
  candidate: Candidate,
  card: Scored,
): Promise<EvidenceRef | Ending> {
  const { desk } = hands;
  desk.begin('approval');
  const request = await hands
    .act('who may decide')
    .openApproval({ context, candidate: candidate.digest, scorecard: card.result.sha256 });
  const askedAt = hands.now();
  const { within } = input.applied.policy.spec.approval;
  const until = new Date(askedAt + within).toISOString();
  desk.ask(request);
  desk.tell({
    next: `a decision by ${request.approvers.join(' or ')} until ${until}; after that it counts as a reject`,
  });
  const text = `v${candidate.version}: ${card.passed} of ${card.of} findings pass. ${card.reasons[0] ?? ''}`;
  await hands
    .act('ask for a decision')
    .askForDecision({ model: context.model, run: context.run, approvers: request.approvers, text })
    .catch(() => undefined);
  const left = within - (hands.now() - askedAt);
  await hands.until(() => desk.approval().outcome !== undefined, left, `approval window, until ${until}`);
  if (desk.approval().outcome === undefined) desk.expire();
  const { outcome = 'expired', accepted } = desk.approval();
  const times = { askedAt: new Date(askedAt).toISOString(), decidedAt: new Date(hands.now()).toISOString() };
  const evidence = await hands
    .act(`keep the decision: ${outcome}`)
    .recordApproval({ context, decisions: accepted, outcome, ...times });
  const people = accepted.map((decision) => decision.approver).join(', ');
  desk.done(outcome === 'expired' ? 'nobody answered' : `${outcome} by ${people}`);
  if (outcome === 'approved') return evidence;
  if (outcome === 'expired')
    return new Ending(
      'expired',
      `nobody of ${request.approvers.join(', ')} answered within the window, which ended ${until}`,
    );
  return new Ending('rejected', `${people}: ${accepted.at(-1)?.reason ?? ''}`);
}
