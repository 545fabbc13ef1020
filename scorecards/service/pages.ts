const ALL = { tasks: ['classification', 'regression', 'ranking', 'multiclass'] } as const;
const WORKBOOK = 'Google, The Site Reliability Workbook, chapter 5, Alerting on SLOs';

/** Pages of the metric catalogue for what is asked of Prometheus. */
export const SERVICE_PAGES = {
  promql: {
    about:
      'One number of the live service, such as orders per minute, asked of Prometheus when the candidate is judged.',
    formula: 'the value of query at that instant; $model, $version (the champion) and $window are filled in',
    source: 'your own query, in PromQL',
    reading:
      'It must be one finite number: no series, several, NaN or a refused query are missing, never zero. Set direction when only one is good. Absolute bounds only: the challenger serves nobody yet.',
    unit: 'number',
    ...ALL,
  },
  errorBudget: {
    about: 'Share of the error budget that is left over slo.window, before a release may spend of it.',
    formula:
      '1 − (bad answers / answers over slo.window) / (1 − slo.availability); bad: a status from 500 on, or query',
    source: WORKBOOK,
    reading:
      '1: untouched, 0: spent, below: overspent. With query: the share of bad answers over $window. Fewer answers than minimum are inconclusive. Counters that begin with an error hide their first one.',
    unit: 'share',
    better: 'higher',
    ...ALL,
  },
  burnRate: {
    about: 'How many times faster than allowed the error budget is being spent.',
    formula: '(bad answers / answers over window, 1h when absent) / (1 − slo.availability)',
    source: WORKBOOK,
    reading:
      '1 spends the budget in just slo.window; 14.4 over 1h spends 2 % of 30 days. Two windows are two criteria. With query: the share of bad answers over $window.',
    unit: 'number',
    better: 'lower',
    ...ALL,
  },
  openIncidents: {
    about: 'How many alerts about this model are firing: nobody changes a service that is on fire.',
    formula: 'count(ALERTS{alertstate="firing",severity!="ticket",model="$model"}), 0 where none fires; or query',
    source: 'Prometheus, Alerting rules: the synthetic series ALERTS',
    reading:
      'Alerts need the label model. Tickets do not count: they are what a retraining is to mend. Where no alerting rule is evaluated it is missing, not 0. A query of your own must come to 0 when all is well: end it with or vector(0).',
    unit: 'number',
    better: 'lower',
    ...ALL,
  },
} as const;
