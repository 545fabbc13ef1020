import type { CriterionMetric } from '../scorecard-schema.ts';

/** What another tool measured: one row for each group of `column`, or one row of all where there is no column. */
export interface Evaluation {
  readonly tool: 'MetricFrame of Fairlearn' | 'evaluation of MLflow';
  readonly column?: string;
  readonly rows: readonly EvaluatedRow[];
  /** Metrics of the file that no criterion can ask for. */
  readonly unknown: readonly string[];
}

export interface EvaluatedRow {
  readonly group: string | null;
  /** null where the tool could not say. */
  readonly numbers: ReadonlyMap<KnownNumber, number | null>;
}

/** Metrics of ours, and the rates and counts that some of ours are made of. */
export type KnownNumber = CriterionMetric | 'count' | 'selectionRate' | 'falsePositiveRate';

/** As scikit-learn, Fairlearn and MLflow call them, without `_score` at the end; only what is defined as ours is. */
const NAMES: Readonly<Record<string, KnownNumber>> = {
  count: 'count',
  example_count: 'count',
  selection_rate: 'selectionRate',
  false_positive_rate: 'falsePositiveRate',
  fpr: 'falsePositiveRate',
  true_positive_rate: 'recall',
  tpr: 'recall',
  recall: 'recall',
  precision: 'precision',
  f1: 'f1',
  accuracy: 'accuracy',
  roc_auc: 'auc',
  auc: 'auc',
  average_precision: 'averagePrecision',
  log_loss: 'logLoss',
  brier_score_loss: 'brier',
  brier: 'brier',
  mean_absolute_error: 'mae',
  mae: 'mae',
  root_mean_squared_error: 'rmse',
  rmse: 'rmse',
  mean_absolute_percentage_error: 'mape',
  mape: 'mape',
};

/** What we call a metric of another tool; undefined for one that we have not. */
export const knownNumber = (name: string): KnownNumber | undefined => {
  const plain = name.toLowerCase().replace(/_score$/, '');
  return Object.hasOwn(NAMES, plain) ? NAMES[plain] : undefined;
};
