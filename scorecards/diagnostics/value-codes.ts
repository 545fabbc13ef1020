/** Codes about metrics that are in the words of whoever uses them: pages of the code catalogue. */
export const VALUE_CODES = {
  US0255: {
    title: 'a metric lacks a field',
    meaning: 'What the metric measures is only said by the field that is missing, and which way is good by direction.',
    cause: 'metric: sql has no sql or no direction, or metric: quantileLoss no quantile between 0 and 1.',
    cure: 'Add the field that the message names.',
  },
  US0256: {
    title: 'a field of another metric',
    meaning: 'The metric does not look at this field, so it would change nothing.',
    cause: 'The metric was changed and the field stayed, or the field was meant for another criterion.',
    cure: 'Remove the field, or correct the metric.',
  },
} as const;
