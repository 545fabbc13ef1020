import type { TrainedResult } from '../scorecards/contracts/trainer.ts';
import type { BestF1, PointSource, PointSources, Unknown } from '../scorecards/operating-point.ts';
import { asksBestF1, hasCut } from '../scorecards/operating-point.ts';
import type { RunRecord } from '../scorecards/records/run-record.ts';
import type { AppliedPolicy } from '../scorecards/trigger.ts';
import type { EvidenceRef } from '../scorecards/vocabulary.ts';
import { appliedOf, beating, getJson } from './context.ts';
import type { Ports } from './context.ts';
import type { JudgeInput } from './judge-input.ts';
import { under } from './paths.ts';
import { placedFile } from './placed-file.ts';
import { PortFailure } from './ports/port-failure.ts';
import type { CollectInput } from './run-record.ts';

/**
 * What a trainer said of training rows that its model did not learn from becomes evidence, with the threshold of best F1 on
 * them: found when the model is made, whatever the scorecard asks for today, so that a later one may. Undefined where nothing
 * was handed in, or the task flags no rows. Throws `trainer-digest`, and `data-invalid` for rows that are not those of the
 * training snapshot.
 */
export async function keepOutOfSample(
  ports: Pick<Ports, 'data' | 'evidence'>,
  { context, dataset }: Pick<CollectInput, 'context' | 'dataset'>,
  { handed, output }: { readonly handed: TrainedResult['outOfSample']; readonly output: string },
): Promise<RunRecord['outOfSample']> {
  if (handed === undefined) return undefined;
  const { policy, scorecard } = await appliedOf(ports.evidence, context);
  if (!hasCut(scorecard.spec.task)) return undefined;
  const predictions = await ports.evidence.putFile(under(output, handed.path), 'application/vnd.apache.parquet');
  if (predictions.sha256 !== handed.sha256)
    throw new PortFailure(
      'trainer-digest',
      `${handed.path} is not what result.json names: expected SHA-256 ${handed.sha256}, found ${predictions.sha256}`,
    );
  const request = {
    predictions: { ...predictions, name: handed.path, path: await ports.evidence.place(predictions) },
    labels: await placedFile(ports.evidence, dataset.train),
    columns: { id: policy.spec.data.observations.id, label: policy.spec.data.labels.label },
  };
  return { predictions, bestF1: await beating((work) => ports.data.bestF1(request, work)) };
}

const UNTOLD = {
  challenger: 'its trainer handed in no outOfSample, predictions of training rows that the model did not learn from',
  champion:
    'its trainer handed in no outOfSample when it was trained; judge by threshold or top until a model with it is champion',
} as const;

/** Each model's own threshold of best F1, from its own run record; undefined where the scorecard asks for another cut. */
export async function pointsOf(
  ports: Pick<Ports, 'evidence'>,
  { scorecard }: Pick<AppliedPolicy, 'scorecard'>,
  { candidate, championRecord, predictions }: Pick<JudgeInput, 'candidate' | 'championRecord' | 'predictions'>,
): Promise<PointSources | undefined> {
  if (!asksBestF1(scorecard)) return undefined;
  const challenger = await pointIn(ports, candidate.record, UNTOLD.challenger);
  if (predictions.champion === undefined) return { challenger };
  const champion = championRecord
    ? await pointIn(ports, championRecord, UNTOLD.champion)
    : { why: 'its run record was not handed on' };
  return { challenger, champion };
}

async function pointIn(ports: Pick<Ports, 'evidence'>, record: EvidenceRef, untold: string): Promise<PointSource> {
  const { outOfSample } = await getJson<RunRecord>(ports.evidence, record);
  if (outOfSample === undefined) return { why: untold };
  const { bestF1, predictions } = outOfSample;
  return isFound(bestF1) ? { ...bestF1, predictions: predictions.sha256 } : bestF1;
}

const isFound = (best: BestF1 | Unknown): best is BestF1 => 'threshold' in best;
