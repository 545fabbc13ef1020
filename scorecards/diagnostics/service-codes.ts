/** Diagnostics about criteria on the live service and on what the policy's tier asks of it; see `codes.ts`. */
export const SERVICE_CODES = {
  US0265: {
    title: 'nothing to ask, or asked of the wrong metric',
    meaning:
      'metric: promql is whatever its query comes to. query, direction and window mean nothing to other metrics.',
    cause: 'query is missing, or a field was left behind when the metric was changed.',
    cure: 'Follow the message; understudy explain promql shows what belongs to it.',
  },
  US0266: {
    title: 'a variable that cannot be filled in',
    meaning:
      '$model and $version become label values and stand in quotes, where nothing in them can end the text; $window becomes a range.',
    cause: 'A variable is misspelt, stands on the wrong side of the quotes or has no value, or a quote is not closed.',
    cure: 'Write model="$model", version="$version" and [$window].',
  },
  US0267: {
    title: 'the live service is no challenger',
    meaning:
      'The number is that of what serves now, one for all. A challenger serves nobody before it is judged, so there is nothing to compare.',
    cause: 'versusChampion or by stands at promql, errorBudget, burnRate or openIncidents.',
    cure: 'Write an absolute bound, atLeast or atMost; select in the query.',
  },
  US0268: {
    title: 'no error budget to count',
    meaning:
      'The budget is what spec.slo.availability leaves; its answers are counted by the gateway of a traefik-file route, or by a query.',
    cause: 'The policy is batch or has another gateway and the criterion no query, or availability is 100%.',
    cure: 'Add query: the share of bad answers over $window, from 0 to 1.',
  },
  US0269: {
    title: 'the scorecard allows what the tier does not',
    meaning:
      'The ceilings of p50 and p95 of the tier, or of spec.slo, are gates (N8): a criterion must bound them at least as tightly. A bound of a higher percentile does. To a preset that a policy extends they are added.',
    cause: 'No criterion of p50, p95 or p99 has such an atMost, or the one that you wrote is looser.',
    cure: 'Add the criterion that the message names, or loosen spec.slo with an entry in spec.overrides.',
  },
} as const;
