/** Quality and cost of answers to a question that is later yes or no: their rows have a label of 0 or 1. */
export const CLASSIFICATION_METRICS = [
  'cost',
  'auc',
  'recall',
  'precision',
  'f1',
  'accuracy',
  'logLoss',
  'brier',
  'ece',
  'averagePrecision',
  'precisionAtK',
] as const;
