const OF_THE_RUN = { better: 'lower', tasks: ['classification', 'regression', 'ranking', 'multiclass'] } as const;

/** Metrics that rest on the run itself: pages of the metric catalogue. */
export const RUN_PAGES = {
  signature: {
    about: 'Incompatible changes of what clients send and get, against the champion.',
    formula:
      'inputs removed, added as required, retyped to what cannot hold the old values, or moved where inputs go by position; ' +
      'outputs removed or retyped',
    source:
      'the signature that trainers report in result.json; else features and column types of both snapshots, without outputs',
    reading:
      'Write atMost: 0. Another order of named inputs, an optional input and another output are no change. A first champion, ' +
      'and one that moves to a new traffic.route, breaks nobody: 0.',
    unit: 'number',
    ...OF_THE_RUN,
  },
  freshness: {
    about: 'Age of what the model learned last, when it is judged.',
    formula:
      'moment of judging − end of the training span; that moment is the as-of of the run and the time passed since',
    source: 'the dataset manifest and the record of how the run began',
    reading:
      'A duration: atMost: 14d. Never less than labels.maturity and dataset.holdout together; it grows while a run waits ' +
      'for machines or is tried again.',
    unit: 'ms',
    ...OF_THE_RUN,
  },
  gpuHours: {
    about: 'Accelerator hours that the training took.',
    formula: 'Σ running seconds × accelerators / 3600 over the Jobs of the training, those that failed included',
    source: 'compute of the run record, as the cluster counted it',
    reading: 'Missing where nobody counted: a trainer that is a process takes the accelerators that it finds.',
    unit: 'number',
    ...OF_THE_RUN,
  },
  costPerThousand: {
    about: 'What 1,000 predictions cost, in the currency of the operator’s prices.',
    formula:
      'price of the resources per second × mean seconds per answer × 1,000; the price is cores × cpuCoreHour + GiB × gibHour + ' +
      'accelerators × gpuHour, by the hour',
    source:
      'prices of the settings; serving.resources with the answers of the load run, interval of the mean by the normal ' +
      'distribution; batch: training.resources with the seconds of predict over its rows, without an interval',
    reading:
      'What a server costs that answers one request after the other and never waits: several at once cost less, idle time ' +
      'costs more. Compare models with it rather than bills.',
    unit: 'number',
    ...OF_THE_RUN,
  },
  command: {
    about: 'Failed findings of the team’s own tests of the challenger.',
    formula: 'findings with passed: false; at least 1 when the command ends with another exit code than 0',
    source:
      'command: [python, check.py], run in the folder of the policy; findings.json in its output directory, if it writes one',
    reading:
      'Write atMost: 0. It finds the artifact, the predictions and the labels in the JSON file that UNDERSTUDY_SPEC names. ' +
      'Missing when it was killed, took longer than deadline (10m when absent), or wrote findings that cannot be read.',
    unit: 'number',
    ...OF_THE_RUN,
  },
} as const;
