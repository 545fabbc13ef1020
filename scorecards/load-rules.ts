import { isBoundedBy, isLatency, loadFor } from './candidate/latency.ts';
import { counted } from './counted.ts';
import type { Problem } from './diagnostics/diagnostic.ts';
import { problem } from './policy/rule.ts';
import type { Policy } from './policy/schema.ts';
import { formatDuration } from './policy/units.ts';
import type { Scorecard } from './scorecard-schema.ts';

/** A load run that can never show what the criteria ask of it (US0290 on). A batch policy has none: `predict` is timed instead. */
export function loadRules({ spec }: Scorecard, policy: Policy | undefined): Problem[] {
  const criteria = spec.criteria.filter(isLatency);
  if (criteria.length === 0 || (policy !== undefined && policy.spec.serving === undefined)) return [];
  const load = loadFor(criteria);
  const sent = Math.floor((load.rate * load.for) / 1000);
  const text = `${load.rate}/s for ${formatDuration(load.for)}`;
  const few = criteria.find(({ minimum }) => minimum > sent) ?? criteria.find((one) => !isBoundedBy(one, sent));
  const tooFew = few && `the load of ${text} sends ${counted(sent)} requests to a model, and "${few.name}" needs more`;
  const others = new Set(
    criteria.flatMap(({ load: own }) => (own === undefined ? [] : [`${own.rate}/s for ${own.for}`])),
  );
  const help = 'ask for more, or for longer, in its load';
  return [
    ...(tooFew === undefined ? [] : [problem('US0290', 'spec.criteria', tooFew, { at: 'key', help })]),
    ...(others.size < 2
      ? []
      : [
          problem(
            'US0291',
            'spec.criteria',
            `criteria ask for different loads; one run of ${text} serves all of them`,
            {
              at: 'key',
              severity: 'warning',
              help: 'write the same load in each, or in one of them only',
            },
          ),
        ]),
  ];
}
