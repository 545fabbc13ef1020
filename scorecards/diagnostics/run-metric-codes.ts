/** Criteria that rest on the run itself: pages of the diagnostics. */
export const RUN_METRIC_CODES = {
  US0260: {
    title: 'a criterion that no run can pass',
    meaning: 'The bound asks for what the policy itself rules out, so every run would end without a candidate.',
    cause:
      'freshness is bounded below dataset.holdout and labels.maturity together, or gpuHours is asked of a trainer that is a ' +
      'process, whose accelerators nobody counts.',
    cure: 'Raise the bound (7 alone is 7 ms, write 7d), or leave the criterion out.',
  },
  US0261: {
    title: 'a field that the metric does not read',
    meaning: 'The criterion would be judged as if the field were not there.',
    cause:
      'by, gone or versusChampion stands beside a metric of the whole run that has no rows or no value of the champion, or ' +
      'command or deadline beside another metric.',
    cure: 'Take the field out, or correct the metric.',
  },
  US0262: {
    title: 'tests that cannot be run',
    meaning: 'metric: command runs the command of its criterion, within its deadline.',
    cause: 'command is missing, or deadline is longer than the hour that judging may wait.',
    cure: 'Add command: [python, check.py], and a deadline of at most 1h.',
  },
  US0263: {
    title: 'tests run on the worker',
    meaning:
      'The trainer runs in a pod, and the tests would run beside the worker with its files and its network. A worker refuses ' +
      'that, and runs of the policy are blocked, until whoever runs it says otherwise.',
    cause: 'metric: command in a scorecard of a policy with training.backend: kubernetes.',
    cure: 'Have worker.testCommands: true set in understudy.config.yaml, or run the tests at the end of the training and fail it.',
  },
  US0264: {
    title: 'a prediction without a price',
    meaning: 'costPerThousand is reckoned from what a server asks for; what is not named would not be counted.',
    cause: 'serving.resources lacks cpu or memory.',
    cure: 'Write serving: { resources: { cpu: 1, memory: 1Gi } }.',
  },
} as const;
