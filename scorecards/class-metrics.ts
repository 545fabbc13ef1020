/** Metrics over all classes of answers that name one of several. */
export const CLASS_METRICS = ['macroF1', 'microF1', 'macroPrecision', 'macroRecall'] as const;

/** More classes than this have too few rows each, and K³ cells of label, champion's and challenger's class. Chosen. */
export const MOST_CLASSES = 100;
