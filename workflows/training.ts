import type { TrainedCandidate } from '../activities/training.ts';
import type { Data } from './dataset.ts';
import type { Run } from './retrain.ts';

export interface Candidate extends TrainedCandidate {
  readonly version: string;
}

export async function trainingStage(run: Run, { dataset, baseline }: Data): Promise<Candidate> {
  const { context, hands } = run;
  hands.desk.begin('training');
  const known = await hands.act('look for a finished training').recallTraining({ context, dataset });
  const trained = known ?? (await train(run, { dataset, baseline }));
  const { version } = await hands.act('register the candidate').registerCandidate({ context, candidate: trained });
  await hands
    .act(`alias challenger → v${version}`)
    .markStage({ model: context.model, version, alias: 'challenger', stage: 'challenger' });
  hands.desk.tell({ challenger: { version, digest: trained.digest } });
  const how = known ? 'reused' : `${trained.attempts} attempt(s), ${trained.seconds.toFixed(0)} s`;
  hands.desk.done(`v${version}, ${how}, artifact sha256:${trained.digest.slice(0, 12)}`);
  return { ...trained, version };
}

async function train(
  { context, champion, hands, input, undo }: Run,
  { dataset, baseline }: Data,
): Promise<TrainedCandidate> {
  const startedAt = new Date(hands.now()).toISOString();
  const node = 'training';
  // Before the start: a start whose answer is lost is taken back too.
  undo.always(() => hands.act('remove the training job').removeJob({ context, node }));
  const submitted = await hands.act('start the trainer').submitTraining({ context, dataset, startedAt, node });
  const { job, trackingRun } = submitted;
  // A training that finished stays FINISHED in the tracking server, whatever is decided about its model.
  let status: 'FINISHED' | 'KILLED' = 'KILLED';
  undo.unlessPromoted(() =>
    hands.act('close the tracking run').closeTracking({ trackingRun, status, outcome: 'ended without promotion' }),
  );
  await hands.act(`follow job ${job}`).watchJob({ job });
  const collected = {
    context,
    submitted,
    dataset,
    baseline,
    trigger: input.trigger,
    receivedAt: input.receivedAt,
    ...(champion ? { championVersion: champion.version } : {}),
  };
  const candidate = await hands.act('take over the artifact').collectTraining(collected);
  status = 'FINISHED';
  await hands.act('close the tracking run').closeTracking({ trackingRun, status, outcome: 'trained' });
  return candidate;
}
