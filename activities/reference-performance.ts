import type { ScoreReference } from '../scorecards/performance/score-grid.ts';
import type { ReferencePerformance } from '../scorecards/performance/window.ts';
import type { RunRecord } from '../scorecards/records/run-record.ts';
import type { Champion, RunContext } from '../scorecards/run.ts';
import type { AppliedPolicy } from '../scorecards/trigger.ts';
import type { FileRef } from '../scorecards/vocabulary.ts';
import { beating, getJson, noteStage } from './context.ts';
import type { Ports } from './context.ts';
import type { Dataset } from './dataset.ts';
import type { Work } from './ports/data-store.ts';
import { PortFailure } from './ports/port-failure.ts';

const NAME = 'performance';
/** What predictions call it, whatever it is called where it is logged. */
const SCORE = 'score';

/** Where the performance of a run's candidate on its holdout is kept. */
const referenceKey = (run: string, generation: number): string => `runs/${run}/${NAME}-${generation}`;

/** How a champion did when it was judged; undefined for one of a version from before that was kept. */
export async function referenceOf(
  ports: Pick<Ports, 'evidence'>,
  champion: Champion,
): Promise<ReferencePerformance | undefined> {
  const { run } = await getJson<RunRecord>(ports.evidence, champion.record);
  const known = await ports.evidence.recall(referenceKey(run.id, run.generation));
  return known && getJson<ReferencePerformance>(ports.evidence, known);
}

/**
 * Counts the candidate's scores on its holdout by label: once it is champion, later windows are held against them, and
 * estimates rest on them. Answers that are no probabilities are counted as any other number, on a grid of their own; classes are not counted.
 */
export async function keepReference(
  ports: Pick<Ports, 'data' | 'evidence'>,
  applied: AppliedPolicy,
  of: {
    readonly context: RunContext;
    readonly dataset: Dataset;
    readonly predictions: FileRef;
    readonly cut: number | undefined;
  },
): Promise<void> {
  const { data, drift } = applied.policy.spec;
  const { context, cut, dataset, predictions } = of;
  const { task } = applied.scorecard.spec;
  if (task === 'multiclass') {
    const named: ReferencePerformance = { schemaVersion: 1, span: dataset.holdoutSpan, buckets: [] };
    await noteStage(ports.evidence, context, NAME, named);
    return;
  }
  if (task !== 'classification') {
    const scores = await beating((work) => countAnswers(ports, dataset, predictions, work));
    const answered: ReferencePerformance = { schemaVersion: 1, span: dataset.holdoutSpan, buckets: [], scores };
    await noteStage(ports.evidence, context, NAME, answered);
    return;
  }
  const counted = await beating((work) =>
    ports.data.scores(
      {
        span: dataset.holdoutSpan,
        bucketMs: drift.bucket,
        rows: {
          files: [dataset.holdout.path],
          id: data.observations.id,
          time: data.observations.time,
          score: SCORE,
          slices: data.slices,
        },
        predictions: predictions.path,
        labels: { files: [dataset.holdoutLabels.path], id: data.observations.id, label: data.labels.label },
        asOf: context.asOf,
        ...(cut === undefined ? {} : { cut }),
      },
      work,
    ),
  );
  const reference: ReferencePerformance = {
    schemaVersion: 1,
    ...(cut === undefined ? {} : { cut }),
    span: dataset.holdoutSpan,
    buckets: counted.buckets,
  };
  await noteStage(ports.evidence, context, NAME, reference);
}

/** Of all rows of the holdout, whatever label they have. */
async function countAnswers(
  { data }: Pick<Ports, 'data'>,
  { holdoutSpan }: Dataset,
  { bytes, path, sha256 }: FileRef,
  work: Work,
): Promise<ScoreReference> {
  const [grid] = await data.freezeGrids({ files: [path], columns: [{ name: SCORE, type: 'continuous' }] }, work);
  const partition = { dataset: 'training', bucket: holdoutSpan, files: [{ path, bytes, sha256 }] } as const;
  const sketch = grid && (await data.sketch({ partition, grids: [grid] }, work)).get(SCORE);
  if (sketch) return { grid, sketch };
  throw new PortFailure('data-schema', `${path} has no column "${SCORE}" that is a number`, {
    details: { column: SCORE },
  });
}
