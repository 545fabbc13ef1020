import { phasesOf } from '../scorecards/canary/plan.ts';
import { rolloutPlanOf } from '../scorecards/rollout-state.ts';
import { Ending } from './ending.ts';
import type { Run } from './retrain.ts';
import type { RolloutResult } from './rollout.ts';
import type { Scored } from './scorecard.ts';
import type { Candidate } from './training.ts';

/** The child that walks the weights; a first champion and a batch policy have no traffic to walk. */
export async function rolloutStage(
  run: Run,
  candidate: Candidate,
  { servers }: Scored,
): Promise<RolloutResult | null | Ending> {
  const { context, champion, hands, input } = run;
  const { spec } = input.applied.policy;
  if (!spec.traffic || !servers?.champion || !champion) {
    hands.desk.skip(
      'rollout',
      context.bootstrap ? 'no champion to share traffic with' : 'a batch policy has no traffic',
    );
    return null;
  }
  hands.desk.begin('rollout');
  await hands
    .act(`alias canary → v${candidate.version}`)
    .markStage({ model: context.model, version: candidate.version, alias: 'canary', stage: 'canary' });
  const back = {
    traffic: spec.traffic,
    model: context.model,
    run: context.run,
    champion: servers.champion,
    challenger: servers.challenger,
    cause: 'the run ended without promotion',
    requestTimeoutMs: spec.traffic.requestTimeout,
    detectedAt: new Date(hands.now()).toISOString(),
  };
  const alone = { context, champion: servers.champion, reason: 'the run is over' };
  run.undo.unlessPromoted(() => hands.act('champion alone').setRoute(alone));
  run.undo.first(() => hands.act('all traffic to the champion').returnTraffic(back));
  const availability = spec.slo.availability;
  const result = await hands.rollOut({
    schemaVersion: 1,
    context,
    traffic: spec.traffic,
    champion: servers.champion,
    challenger: servers.challenger,
    plan: rolloutPlanOf(spec.rollout),
    // Evidence may begin anew at every look: a regression that comes late in a long soak is found as fast as an early one.
    phases: phasesOf(spec.rollout, { restart: true, ...(availability === undefined ? {} : { availability }) }),
    harmRatio: spec.rollout.judge.harmRatio,
    stepAtMostMs: spec.rollout.stepAtMost,
    requestTimeoutMs: spec.traffic.requestTimeout,
  });
  const walked = result.phases.map((phase) => `${phase.percent} % ${phase.word}`).join(', ');
  if (result.ended === 'promoted-ready') {
    hands.desk.done(walked);
    hands.desk.tell({ weightPercent: 100 });
    return result;
  }
  const restored =
    result.restoredSeconds === undefined ? '' : `, traffic restored in ${result.restoredSeconds.toFixed(1)} s`;
  hands.desk.done(`${result.ended}: ${result.reason}${restored}`);
  hands.desk.tell({ weightPercent: 0, reasons: [result.cause ?? result.ended] });
  if (result.ended === 'aborted') return new Ending('aborted', result.reason);
  const { version } = candidate;
  await hands
    .act(`mark v${version} rolled back`)
    .markRolledBack({ model: context.model, version, reason: result.reason });
  return new Ending('rolled-back', `${result.cause}: ${result.reason}${restored}`);
}
