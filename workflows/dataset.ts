import type { Dataset } from '../activities/dataset.ts';
import type { EvidenceRef } from '../scorecards/vocabulary.ts';
import { countAll } from './counting.ts';
import type { Run } from './retrain.ts';

export interface Data {
  readonly dataset: Dataset;
  /** The drift baseline of the version that these data make. */
  readonly baseline: EvidenceRef;
}

export async function datasetStage({ champion, context, hands }: Run): Promise<Data> {
  hands.desk.begin('dataset');
  const dataset = await hands.act('snapshot').buildDataset({ context });
  const checked = await hands
    .act('check the data')
    .checkDataset({ context, dataset, ...(champion ? { champion } : {}) });
  await countAll(hands, await hands.act('look for days of the baseline').planBaseline({ context, dataset }));
  const baseline = await hands.act('count the baseline').buildBaseline({ context, dataset });
  const rows = (dataset.train.rows ?? 0).toLocaleString('en-US');
  const [first, ...others] = checked.reasons;
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  const warned = first === undefined ? '' : `; warning: ${first}${more}`;
  hands.desk.done(
    `${rows} rows to train on, holdout ${dataset.holdoutSpan.from.slice(0, 10)} … ${dataset.holdoutSpan.until.slice(0, 10)}, sha256:${dataset.digest.slice(0, 12)}${warned}`,
  );
  return { dataset, baseline };
}
