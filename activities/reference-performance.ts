import type { ReferencePerformance } from '../scorecards/performance/window.ts';
import type { RunContext } from '../scorecards/run.ts';
import type { AppliedPolicy } from '../scorecards/trigger.ts';
import type { FileRef } from '../scorecards/vocabulary.ts';
import { beating, noteStage } from './context.ts';
import type { Ports } from './context.ts';
import type { Dataset } from './dataset.ts';

const NAME = 'performance';

/** Where the performance of a run's candidate on its holdout is kept. */
export const referenceKey = (run: string, generation: number): string => `runs/${run}/${NAME}-${generation}`;

/**
 * Counts the candidate's scores on its holdout by label: once it is champion, later windows are held against them, and
 * estimates rest on them. Nothing for tasks whose scores are no probabilities.
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
  if (applied.scorecard.spec.task !== 'classification') return;
  const counted = await beating((work) =>
    ports.data.scores(
      {
        span: dataset.holdoutSpan,
        bucketMs: drift.bucket,
        rows: {
          files: [dataset.holdout.path],
          id: data.observations.id,
          time: data.observations.time,
          score: 'score',
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
