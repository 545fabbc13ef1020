/** Numbers about a model on rows whose labels are known. */
export const LABELLED_METRICS = [
  'auc',
  'averagePrecision',
  'f1',
  'precision',
  'recall',
  'accuracy',
  'precisionAtK',
  'logLoss',
  'brier',
  'ece',
] as const;
export type LabelledMetric = (typeof LABELLED_METRICS)[number];

/** Gaps between the groups of a slice column, as fairlearn defines them, and the gap of calibration. */
export const FAIRNESS_METRICS = [
  'demographicParity',
  'demographicParityRatio',
  'equalizedOdds',
  'equalOpportunity',
  'calibrationGap',
] as const;
export type FairnessMetric = (typeof FAIRNESS_METRICS)[number];

/** What can be estimated before labels come. */
export const ESTIMATED_METRICS = ['auc', 'averagePrecision', 'f1', 'precision', 'recall', 'accuracy'] as const;
export type EstimatedMetric = (typeof ESTIMATED_METRICS)[number];

export type PerformanceMetric =
  | LabelledMetric
  | FairnessMetric
  | 'estimatedAuc'
  | 'estimatedAveragePrecision'
  | 'estimatedF1'
  | 'estimatedPrecision'
  | 'estimatedRecall'
  | 'estimatedAccuracy'
  | 'kpi';

/** How each is called in a sentence. */
export const PERFORMANCE_LABELS: Readonly<Record<PerformanceMetric, string>> = {
  auc: 'AUC',
  averagePrecision: 'average precision',
  f1: 'F1',
  precision: 'precision',
  recall: 'recall',
  accuracy: 'accuracy',
  precisionAtK: 'precision@K',
  logLoss: 'log-loss',
  brier: 'Brier score',
  ece: 'calibration error',
  demographicParity: 'demographic parity difference',
  demographicParityRatio: 'demographic parity ratio',
  equalizedOdds: 'equalised odds difference',
  equalOpportunity: 'equal opportunity difference',
  calibrationGap: 'calibration gap',
  estimatedAuc: 'AUC',
  estimatedAveragePrecision: 'average precision',
  estimatedF1: 'F1',
  estimatedPrecision: 'precision',
  estimatedRecall: 'recall',
  estimatedAccuracy: 'accuracy',
  kpi: 'KPI',
};

const LESS_IS_BETTER: ReadonlySet<PerformanceMetric> = new Set([
  'logLoss',
  'brier',
  'ece',
  'demographicParity',
  'equalizedOdds',
  'equalOpportunity',
  'calibrationGap',
]);

/** Whether a smaller number of this metric is the better one. */
export const isLoss = (metric: PerformanceMetric): boolean => LESS_IS_BETTER.has(metric);

/** Whether the metric compares groups with each other. */
export const isFairness = (metric: string): metric is FairnessMetric =>
  (FAIRNESS_METRICS as readonly string[]).includes(metric);

const OF_FLAGGED_ROWS: ReadonlySet<string> = new Set<LabelledMetric>(['f1', 'precision', 'recall', 'accuracy']);

/** Whether the metric counts the rows at or above the operating cut: without a cut it does not exist. */
export const needsCut = (metric: string): boolean => OF_FLAGGED_ROWS.has(metric);
