import type { Description } from './descriptions.ts';

/** Fields that say what the data must satisfy, and what is served must have in common with what was trained on. */
export const CHECK_FIELDS: Readonly<Record<string, Description>> = {
  'spec.dataset.checks.verify': [
    'Whether counts and ranges are taken from the footers of the files (fast) or counted again (trusting nobody).',
    'verify: scan',
  ],
  'spec.dataset.checks.schema': [
    'What each kind of change of the columns does: between the days of a snapshot, and since the champion was trained.',
    'schema: { added: ignore }',
  ],
  'spec.dataset.checks.schema.added': ['A column that was not there before.', 'added: ignore'],
  'spec.dataset.checks.schema.removed': ['A column that is not there any more.', 'removed: fail'],
  'spec.dataset.checks.schema.widened': [
    'A wider type of the same kind, such as INTEGER to BIGINT.',
    'widened: ignore',
  ],
  'spec.dataset.checks.schema.changed': ['Another type.', 'changed: warn'],
  'spec.dataset.checks.volume': [
    'Rows of each day of the holdout, as a multiple of the median of up to four earlier days of the same weekday; of a drift window, of the baseline’s days of that weekday.',
    'volume: { atLeast: 0.8, atMost: 1.5, severity: fail }',
  ],
  'spec.dataset.checks.volume.atLeast': ['Fewer than so many times the usual rows break the check.', 'atLeast: 0.8'],
  'spec.dataset.checks.volume.atMost': ['More than so many times the usual rows break the check.', 'atMost: 1.5'],
  'spec.dataset.checks.volume.severity': ['fail ends the run, warn is only reported.', 'severity: fail'],
  'spec.dataset.checks.columns': [
    'What single columns of the observations must satisfy.',
    'columns: [{ name: hour, atLeast: 0, atMost: 23 }]',
    'each asks for something',
  ],
  'spec.dataset.checks.columns[].name': ['Column.', 'name: hour', 'in dataset.columns, where that is given'],
  'spec.dataset.checks.columns[].severity': ['fail ends the run, warn is only reported.', 'severity: warn'],
  'spec.dataset.checks.columns[].nulls': ['Largest share of missing values.', 'nulls: 1%'],
  'spec.dataset.checks.columns[].atLeast': ['Smallest number that may occur.', 'atLeast: 0'],
  'spec.dataset.checks.columns[].atMost': ['Largest number that may occur.', 'atMost: 23', 'not below atLeast'],
  'spec.dataset.checks.columns[].oneOf': ['The only values that may occur.', 'oneOf: [web, store]'],
  'spec.dataset.checks.columns[].duplicates': [
    'Largest share of rows that repeat a value of another row; below it a repeated value is a warning.',
    'duplicates: 1%',
  ],
  'spec.dataset.checks.sources': [
    'How much more of the rows one source may make up than in the champion’s snapshot (SE4).',
    'sources: { by: channel, severity: fail }',
  ],
  'spec.dataset.checks.sources.by': ['Feature or slice that says where a row came from.', 'by: channel'],
  'spec.dataset.checks.sources.atMost': ['So many times its former share; of a new source, of one row.', 'atMost: 2'],
  'spec.dataset.checks.sources.atLeastRows': ['A source with fewer rows is not judged.', 'atLeastRows: 1000'],
  'spec.dataset.checks.sources.severity': ['fail ends the run, warn is only reported.', 'severity: fail'],
  'spec.dataset.checks.labelFlips': [
    'How many labels may differ from what they were in the champion’s snapshot, of the rows that are in both (SE4).',
    'labelFlips: { by: channel, atMost: 0.5%, severity: fail }',
  ],
  'spec.dataset.checks.labelFlips.by': ['Feature or slice by which flips are told apart besides.', 'by: channel'],
  'spec.dataset.checks.labelFlips.atMost': ['Largest share of changed labels.', 'atMost: 0.5%'],
  'spec.dataset.checks.labelFlips.atLeastRows': [
    'With fewer rows in both snapshots flips are not judged.',
    'atLeastRows: 500',
  ],
  'spec.dataset.checks.labelFlips.severity': ['fail ends the run, warn is only reported.', 'severity: fail'],
  'spec.dataset.checks.results': [
    'Results of other tools that count as findings: a failed expectation ends the run like a check of our own.',
    'results: [{ tool: great-expectations, path: checks/*.json }]',
  ],
  'spec.dataset.checks.results[].tool': [
    'Who wrote them; findings is our own published form, for tools of your own.',
    'tool: evidently',
  ],
  'spec.dataset.checks.results[].path': ['JSON files, relative to the policy; the newest counts.', 'path: gx/*.json'],
  'spec.dataset.checks.results[].within': [
    'Older than this before as-of, a result says nothing any more.',
    'within: 12h',
  ],
  'spec.data.features[].at': [
    'Column of the observations, and input of the requests, that says when the value was made.',
    'at: origin_late_at',
    'needs freshWithin',
  ],
  'spec.shadow.skew': [
    'How far what is served may be from what was trained on; a breach blocks the promotion (FE1).',
    'skew: { distribution: {}, rows: { id: flight } }',
  ],
  'spec.shadow.skew.outside': [
    'Largest share of served values that training never had: out of its range, no category of it, or null.',
    'outside: 1%',
  ],
  'spec.shadow.skew.distribution': [
    'Compares whole distributions; for shadows that are long enough to look like the days of training.',
    'distribution: { ks: 0.15, psi: 0.2 }',
  ],
  'spec.shadow.skew.distribution.ks': ['Largest Kolmogorov–Smirnov distance of a continuous feature.', 'ks: 0.15'],
  'spec.shadow.skew.distribution.psi': ['Largest population stability index of a feature.', 'psi: 0.2'],
  'spec.shadow.skew.rows': [
    'Compares the served values of single requests with the observations of the same id (FE2).',
    'rows: { id: flight }',
  ],
  'spec.shadow.skew.rows.id': [
    'Input that names the observation; absent: the request id is the observation’s id.',
    'id: flight',
  ],
  'spec.shadow.skew.rows.sample': ['So many requests are compared, chosen by a hash of their id.', 'sample: 5000'],
  'spec.shadow.skew.rows.atLeast': ['Fewer requests with an observation than this are no evidence.', 'atLeast: 200'],
  'spec.shadow.skew.rows.tolerance': [
    'Numbers may differ by so much, relative to the larger of 1 and the value.',
    'tolerance: 0.001',
  ],
  'spec.shadow.skew.rows.atMost': ['Largest share of requests that may differ in a feature.', 'atMost: 0.5%'],
  'spec.shadow.skew.waivers': [
    'Breaches that somebody answers for by name and reason; shown with the shadow, the approval and the report.',
    'waivers: [{ feature: hour, by: lead@growth.example, reason: …, until: 2027-01-31 }]',
  ],
  'spec.shadow.skew.waivers[].feature': ['Feature whose breach is waived.', 'feature: hour', 'a feature of the policy'],
  'spec.shadow.skew.waivers[].by': ['Who answers for it.', 'by: lead@growth.example'],
  'spec.shadow.skew.waivers[].reason': ['Why it does no harm.', 'reason: served in minutes since midnight on purpose'],
  'spec.shadow.skew.waivers[].until': [
    'The last day (UTC) as of which a run may rely on it; later ones are blocked again.',
    'until: 2027-01-31',
  ],
};
