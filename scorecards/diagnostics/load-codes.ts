/** Diagnostics about the load run; see `codes.ts`. */
export const LOAD_CODES = {
  US0290: {
    title: 'a load of too few requests',
    meaning:
      'A percentile rests on the requests of the load run: `minimum` of them, and so many that its interval has an upper end (368 for a p99 at 95 %).',
    cause: 'Rate times duration of the load is less than that, so the criterion can never pass.',
    cure: 'Write a load such as { rate: 50/s, for: 15s }, or a smaller minimum.',
  },
  US0291: {
    title: 'different loads in one scorecard',
    meaning:
      'Both servers are put under load once, by the largest load that a criterion asks for; all latencies are of that run.',
    cause: 'Two criteria name different loads.',
    cure: 'Name the load in one criterion, or the same in all.',
  },
} as const;
