import type { OpenedRun } from '../activities/opening.ts';
import type { RetrainInput, RunResult } from '../scorecards/run.ts';
import { approvalStage } from './approval.ts';
import { datasetStage } from './dataset.ts';
import { driftStage } from './drift.ts';
import { Ending, endingOfFailure, ends } from './ending.ts';
import type { Hands } from './hands.ts';
import { promotionStage } from './promotion.ts';
import { rolloutStage } from './rolling-out.ts';
import { scorecardStage } from './scorecard.ts';
import { shadowStage } from './shadow.ts';
import { trainingStage } from './training.ts';
import { Undo } from './undo.ts';

/** What every stage is given besides the results of the stages before it. */
export interface Run extends OpenedRun {
  readonly input: RetrainInput;
  readonly hands: Hands;
  readonly undo: Undo;
}

/**
 * The order of a run, written once:
 *
 *   drift → dataset → training → scorecard → shadow → approval → rollout → promotion
 *
 * Every arrow can end the run with a recorded reason. Whatever a stage set up is put back, unless the run was promoted.
 */
export async function retrain(input: RetrainInput, hands: Hands): Promise<RunResult> {
  const undo = new Undo();
  const ending = await play(input, hands, undo).catch((error: unknown) => endingOf(hands, error));
  const leftovers = await hands.shielded(() => undo.run(ending.outcome === 'promoted'));
  const reason = [ending.reason, ...leftovers.map((fault) => `not cleaned up: ${fault}`)].join('; ');
  return hands.shielded(() => close(input, hands, ending.because(reason)));
}

async function play(input: RetrainInput, hands: Hands, undo: Undo): Promise<Ending> {
  const opened = await hands.act(`open ${input.run}`).openRun(input);
  const run: Run = { ...opened, input, hands, undo };
  if (opened.refused !== undefined) return new Ending('blocked', opened.refused);
  hands.desk.tell({ links: opened.links, ...(opened.champion ? { champion: opened.champion } : {}) });

  const drift = await driftStage(run);
  if (ends(drift)) return drift;
  const data = await datasetStage(run);
  const trained = await trainingStage(run, data);
  if (ends(trained)) return trained;
  const judged = await scorecardStage(run, data, trained);
  if (ends(judged)) return judged;
  const { candidate, card } = judged;
  const shadow = await shadowStage(run, data, candidate, card);
  if (ends(shadow)) return shadow;
  const approval = await approvalStage(run, candidate, card);
  if (ends(approval)) return approval;
  const rollout = await rolloutStage(run, candidate, card);
  if (ends(rollout)) return rollout;
  return promotionStage(run, candidate, card, approval);
}

function endingOf(hands: Hands, error: unknown): Ending {
  const fault = hands.explain(error);
  if (fault.kind === 'stopped') return new Ending('aborted', `${fault.reason} (${fault.by})`);
  return endingOfFailure(fault);
}

/** The last acts: the record, and a word to the owner. */
async function close(input: RetrainInput, hands: Hands, ending: Ending): Promise<RunResult> {
  const { logTail, outcome, reason, scorecard } = ending;
  const sheet = hands.desk.sheet();
  const endedAt = new Date(hands.now()).toISOString();
  const { run, model, trigger, receivedAt } = input;
  const result: RunResult = {
    run,
    outcome,
    stage: sheet.stage,
    reason,
    ...(sheet.champion ? { champion: sheet.champion.version } : {}),
    ...(sheet.challenger?.version ? { challenger: sheet.challenger.version } : {}),
  };
  const record = await hands.act(`record: ${outcome}`).closeRun({
    end: {
      ...result,
      model,
      trigger,
      receivedAt,
      endedAt,
      stages: sheet.stages,
      ...(logTail === undefined ? {} : { logTail }),
    },
  });
  if (outcome !== 'no-drift') {
    await hands
      .act(`tell the owner: ${outcome}`)
      .tellOwner({
        model,
        run,
        outcome,
        reason,
        stage: sheet.stage,
        links: sheet.links,
        ...(scorecard ? { scorecard } : {}),
      })
      .catch(() => undefined);
  }
  return { ...result, record };
}
