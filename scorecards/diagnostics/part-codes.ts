/** Diagnostics about criteria that look at parts of the rows; see `codes.ts`. */
export const PART_CODES = {
  US0280: {
    title: 'a metric of parts lacks what it is of',
    meaning: 'worst and spread say how another metric is over parts of the rows: they need that metric, and the parts.',
    cause: 'The criterion has no of, or neither by nor blocks.',
    cure: 'Write, for example, metric: worst, of: recall, by: carrier, or metric: spread, of: auc, blocks: 4.',
  },
  US0281: {
    title: 'rows cut in two ways',
    meaning:
      'A criterion looks at the values of a column, or at blocks of time. Blocks of each value would have few rows, and nobody would expect a missing one.',
    cause: 'by and blocks, or blocks and gone, stand in one criterion.',
    cure: 'Write two criteria.',
  },
  US0282: {
    title: 'blocks of time that cannot be',
    meaning:
      'Blocks are consecutive, and none is shorter than asked; each counts as a slice, of which a scorecard may have maxSlices.',
    cause:
      'The holdout is shorter than two of them, or they are so short that there are too many, or they have no length.',
    cure: 'Write another number or length, for example blocks: 4 or blocks: 7d.',
  },
  US0283: {
    title: 'a metric without parts',
    meaning: 'The metric is one number that rests on no rows of the holdout, or on all of them together.',
    cause:
      'by or blocks stands at a size, a latency, or a number of the run or the service; or blocks at a metric that compares groups.',
    cure: 'Leave the field out. For parity over time, judge its parts with metric: spread and blocks.',
  },
  US0284: {
    title: 'of stands at a metric that is of nothing',
    meaning: 'Only worst and spread are of another metric, so it would change nothing.',
    cause: 'The metric was changed and the field stayed.',
    cure: 'Remove the field, or write metric: worst or metric: spread.',
  },
} as const;
