import type { ShadowResult } from '../activities/shadow.ts';
import type { SkewResult } from '../activities/skew.ts';
import { shadowPhaseOf } from '../scorecards/canary/plan.ts';
import type { Data } from './dataset.ts';
import { Ending } from './ending.ts';
import type { Run } from './retrain.ts';
import { predict } from './scorecard.ts';
import type { Scored } from './scorecard.ts';
import type { Candidate } from './training.ts';

/** Both models on the same requests, and what these requests say about training and serving. */
export interface Shadowed extends ShadowResult {
  readonly skew?: SkewResult;
}

/** The challenger sees the same requests and nobody sees its answers. */
export async function shadowStage(
  run: Run,
  data: Data,
  candidate: Candidate,
  card: Scored,
): Promise<Shadowed | null | Ending> {
  const { champion, context, hands, input } = run;
  const { shadow } = input.applied.policy.spec;
  const why = whySkipped(run, card);
  if (why !== undefined || !champion) {
    hands.desk.skip('shadow', why ?? 'no champion yet');
    return null;
  }
  hands.desk.begin('shadow');
  await hands
    .act(`alias shadow → v${candidate.version}`)
    .markStage({ model: context.model, version: candidate.version, alias: 'shadow', stage: 'shadow' });
  const result = card.servers ? await mirror(run, data, candidate, card) : await batch(run, data, candidate, card);
  const waived = result.skew?.waived ?? [];
  hands.desk.done([`${result.verdict}: ${result.reason}`, ...waived].join(' '));
  if (result.verdict === 'pass') return result;
  hands.desk.tell({ reasons: [result.skew ? 'skew' : 'shadow'] });
  if (result.skew) return new Ending(result.verdict === 'fail' ? 'rejected' : 'inconclusive', result.reason);
  const text = `shadow: ${result.reason} (at most ${shadow.disagreement * 100} % disagreement, at least ${shadow.atLeast} pairs)`;
  return new Ending(result.verdict === 'fail' ? 'rejected' : 'inconclusive', text);
}

function whySkipped({ context, input }: Run, card: Scored): string | undefined {
  const { spec } = input.applied.policy;
  if (context.bootstrap) return 'no champion to shadow';
  if (spec.shadow.skip)
    return `the policy skips it: ${spec.overrides.find((entry) => entry.field === 'spec.shadow.skip')?.reason ?? 'risk is routine'}`;
  if (card.cuts) return undefined;
  const why =
    'bestF1' in input.applied.scorecard.spec.operatingPoint
      ? 'the threshold of best F1 is not known of both models'
      : 'the scorecard has no operating point';
  return `${why}, so there is no decision to compare`;
}

async function mirror(run: Run, data: Data, candidate: Candidate, { servers, cuts }: Scored): Promise<Shadowed> {
  const { context, hands, undo, input } = run;
  const { spec } = input.applied.policy;
  const { challenger, champion } = servers ?? {};
  if (!challenger || !champion || !cuts || !spec.traffic)
    throw new Error('a mirror needs two servers, a route and the frozen cuts');
  await hands.act('what can the gateway do').checkGateway({ traffic: spec.traffic, mirror: true, weights: true });
  const alone = { context, champion, challenger: { ...challenger, percent: 0 } };
  undo.unlessPromoted(() => hands.act('champion alone').setRoute({ context, champion, reason: 'the run is over' }));
  // The workers' clock, as in the serving logs; the orchestrator's may differ.
  const { writtenAt: since } = await hands.act(`mirror ${spec.shadow.percent} %`).setRoute({
    ...alone,
    shadow: { ...challenger, percent: spec.shadow.percent },
    reason: `shadow v${candidate.version}`,
  });
  const result = await hands.act(`compare until ${spec.shadow.atLeast} pairs`).watchShadow({
    context,
    traffic: spec.traffic,
    phase: 'shadow',
    plan: shadowPhaseOf(spec.shadow, spec.rollout),
    lapseMs: spec.shadow.within,
    championLog: champion.log,
    challengerLog: challenger.log,
    cuts,
    since,
    within: spec.shadow.within,
  });
  await hands.act('detach the mirror').setRoute({ ...alone, reason: 'shadow is over' });
  if (result.verdict !== 'pass') return result;
  const skew = await hands
    .act('compare what is served with what was trained on')
    .judgeSkew({ context, baseline: data.baseline, log: challenger.log, since });
  if (skew.verdict === 'pass') return { ...result, skew };
  return { ...result, skew, verdict: skew.verdict, reason: `skew: ${skew.reasons.join(' ')}` };
}

/** Without traffic both predict the newest day. */
async function batch(run: Run, { dataset }: Data, candidate: Candidate, { cuts }: Scored): Promise<Shadowed> {
  const { context, hands, champion } = run;
  if (!champion || !cuts) throw new Error('a batch shadow needs a champion and the frozen cuts');
  const newest = await hands.act('rows of the newest day').newestDay({ context, dataset });
  const nothing = {
    pairs: 0,
    disagreements: 0,
    championAnswers: 0,
    challengerAnswers: 0,
    challengerErrors: 0,
    meanScoreDifference: 0,
  };
  if (!newest) return { verdict: 'inconclusive', reason: 'no complete day before as-of', counts: nothing };
  const order = { rows: newest.rows, purpose: 'newest' };
  const [ours, theirs] = await hands.together([
    async () => predict(run, { ...order, who: 'challenger', record: candidate.record }),
    async () => predict(run, { ...order, who: 'champion', record: champion.record }),
  ]);
  return hands
    .act('compare the newest day')
    .compareNewest({ context, champion: theirs.file, challenger: ours.file, cuts });
}
