/** Metrics of what a prediction is worth, in the words of whoever uses it: pages of the metric catalogue. */
export const VALUE_PAGES = {
  sql: {
    about: 'What a row is worth to the business, in the team’s own words: the mean of an SQL expression over rows.',
    formula: 'mean(sql) over the labelled rows; the difference is the mean of row differences on the same rows',
    source: 'the criterion’s own sql; interval of a mean by the central limit theorem',
    reading:
      'In the unit of the expression, better as direction says. It reads score, flagged, label and the columns of the holdout (for several classes, class and label as texts, and no score), such as case when flagged and label = 1 then 40 when flagged then -5 else 0 end.',
    unit: 'number',
    tasks: ['classification', 'regression', 'ranking', 'multiclass'],
  },
  quantileLoss: {
    about: 'How well a prediction keeps to a quantile of the label, in the unit of the label (pinball loss).',
    formula: 'mean(max(q × (label − prediction), (q − 1) × (label − prediction))), q the quantile of the criterion',
    source: 'Koenker and Bassett 1978, Regression quantiles',
    reading:
      'With quantile: 90% predicting too little costs nine times as much as predicting too much; 0.5 is half of mae.',
    unit: 'number',
    better: 'lower',
    tasks: ['regression'],
  },
} as const;
