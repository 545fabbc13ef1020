/** Codes of what must hold between fields of a policy (US020–US022) and of a scorecard (US023 on). All offline. */
export const RULE_CODES = {
  US0201: {
    title: 'steps do not rise',
    meaning: 'Each rollout step must send the challenger more traffic than the step before.',
    cause: 'Two steps are equal or in the wrong order.',
    cure: 'Sort rollout.steps, for example [5, 25, 50].',
  },
  US0202: {
    title: 'a step of 100 percent',
    meaning:
      'With all traffic on the challenger there is no champion left to compare with. The shift to 100 % is the soak.',
    cause: 'The last step was written out.',
    cure: 'Leave 100 out; rollout.soak says how long the successor is watched at full traffic.',
  },
  US0203: {
    title: 'first step over 10 percent',
    meaning: 'A canary begins with at most 10 % of the users (N5), so that a bad successor meets few of them.',
    cause: 'rollout.steps begins high.',
    cure: 'Begin at 5, or add an entry to spec.overrides for spec.rollout.steps with a reason and a name.',
  },
  US0204: {
    title: 'warning above the drift bound',
    meaning: 'A warning must come before the finding it warns of.',
    cause: 'Only one of the two bounds of a statistic was changed.',
    cure: 'Set warn below drift.',
  },
  US0205: {
    title: 'window is not whole buckets',
    meaning: 'The window is a sum of buckets; a part of one would mix two days.',
    cause: 'drift.window is no multiple of drift.bucket, or is shorter than it.',
    cure: 'Use 7d or 9d with 24h buckets.',
  },
  US0206: {
    title: 'persistence that cannot be reached',
    meaning: 'drift.persistence asks for more drifted windows than it looks at, so no drift would ever count.',
    cause: 'windows is larger than of.',
    cure: 'Set windows to at most of; 2 of 3 is the default.',
  },
  US0207: {
    title: 'data spans contradict each other',
    meaning:
      'The holdout must be shorter than the least data a run accepts, and that no longer than what training takes.',
    cause: 'One of dataset.train, atLeast and holdout was changed alone.',
    cure: 'Keep holdout below atLeast, and atLeast at most train.',
  },
  US0208: {
    title: 'duplicate name',
    meaning: 'Findings are known by name; two of one name could not be told apart.',
    cause: 'An entry was copied.',
    cure: 'Rename or remove one of them.',
  },
  US0209: {
    title: 'a column that the data section leaves out',
    meaning: 'dataset.columns is the list of columns that may be read. This field needs one that is not on it.',
    cause: 'A column was added elsewhere, but not to the list.',
    cure: 'Add it to dataset.columns, or use a column that is there.',
  },
  US0210: {
    title: 'shadow may not be skipped',
    meaning: 'For risk consequential and high every challenger is first compared on a copy of the traffic (SH3).',
    cause: 'shadow.skip is true.',
    cure: 'Remove it, or add an entry to spec.overrides for spec.shadow.skip with a reason and a name.',
  },
  US0211: {
    title: 'rollback slower than the tier allows',
    meaning:
      'When all of Understudy is dead, traffic returns after lease, guard tick and propagation. The tier bounds that.',
    cause: 'rollout.lease or rollout.soakLease is long, or the tier was raised.',
    cure: 'Shorten the lease to what the message names, or choose another tier.',
  },
  US0212: {
    title: 'tier preset loosened',
    meaning: 'A policy may be stricter than its tier, never looser without saying why (N8).',
    cause: 'A value of spec.slo is weaker than the preset.',
    cure: 'Keep to the preset, choose another tier, or add an entry to spec.overrides for the field.',
  },
  US0213: {
    title: 'this domain is high risk',
    meaning: 'Models for hiring, credit, pricing and safety decide about people; they need risk: high (GV9).',
    cause: 'spec.domain names such a field, spec.risk a lower risk.',
    cure: 'Write risk: high, or add an entry to spec.overrides for spec.risk with a reason and a name.',
  },
  US0214: {
    title: 'nobody named for an emergency',
    meaning: 'Who is called, who may approve a rollback and who tells the customers should stand in the file (GV8).',
    cause: 'metadata.escalation, rollbackBy or informs is missing.',
    cure: 'Name them; from risk: high on they are required.',
  },
  US0215: {
    title: 'serving and traffic belong together',
    meaning: 'With both, the policy is online; with neither, batch. One alone cannot shift traffic.',
    cause: 'One of the two sections is missing.',
    cure: 'Add the other one, or remove both.',
  },
  US0216: {
    title: 'not available in this version',
    meaning: 'The word or field is part of the policy language, but nothing in this version obeys it.',
    cause: 'The policy was written for another version.',
    cure: 'Use the backend that the message names, or leave the field out.',
  },
  US0217: {
    title: 'backend lacks what it runs',
    meaning:
      'A process needs a command, a container an image whose digest is pinned, a server a gateway that reaches it.',
    cause:
      'Command or image is missing, the image is named by a tag, which can move, or the gateway is of another kind.',
    cure: 'Add serving.command, write image: name@sha256:…, or name the gateway that the message names.',
  },
  US0218: {
    title: 'approval that cannot be given',
    meaning: 'The quorum, the approvers and the reminders must fit each other and the risk (AP6).',
    cause: 'quorum exceeds the named persons, a reminder comes after the deadline, or high risk lacks approver groups.',
    cure: 'Follow the message.',
  },
  US0219: {
    title: 'shadow is skipped',
    meaning: 'Allowed for routine models; the run records it with the reason in spec.overrides, if there is one.',
    cause: 'shadow.skip is true.',
    cure: 'Add an entry to spec.overrides for spec.shadow.skip, so that the record says why.',
  },
  US0220: {
    title: 'times of the rollout contradict each other',
    meaning: 'A step cannot end before it may, and a lease must outlive several looks.',
    cause: 'stepAtMost is below stepAtLeast, or lease is shorter than two looks.',
    cure: 'Follow the message.',
  },
  US0221: {
    title: 'override without effect',
    meaning: 'Overrides are shown with every approval; one that names no field, or loosens nothing, misleads.',
    cause: 'The field is mistyped, or what it excused has been corrected.',
    cure: 'Name the field as spec.rollout.steps, or remove the entry.',
  },
  US0222: {
    title: 'checked less often than the tier asks',
    meaning: 'standard asks for a daily look at quality, enhanced and mission-critical for a drift check as well (N8).',
    cause: 'triggers.check is missing or rarer than daily.',
    cure: 'Write check: "0 6 * * *", or add an entry to spec.overrides for spec.triggers.check.',
  },
  US0223: {
    title: 'kept for less than six months',
    meaning:
      'Logs of decisions are commonly asked for after months; 183 days is the least that is not warned about (GV4).',
    cause: 'retention.evidence or retention.logs is short.',
    cure: 'Write 183d or more.',
  },
  US0224: {
    title: 'not a cron expression',
    meaning: 'triggers.check takes five fields: minute, hour, day of month, month, day of week.',
    cause: 'A field is missing, out of range or misspelt.',
    cure: 'Write check: "0 6 * * *" for every day at six, UTC.',
  },
  US0225: {
    title: 'the model would see the answer',
    meaning: 'A feature is the label, or becomes known with it; the model would learn to read it off.',
    cause: 'A column with a role in data.labels is listed in data.features.',
    cure: 'Remove it from data.features.',
  },
  US0226: {
    title: 'how the data are pulled is unclear',
    meaning: 'data.pull needs exactly one of sql and command; an image runs a command.',
    cause: 'Both are given, or neither.',
    cure: 'Keep one.',
  },
  US0227: {
    title: 'statistic does not fit the feature',
    meaning:
      'Kolmogorov–Smirnov looks for the largest gap between cumulative shares; categories have no order to cumulate in.',
    cause: 'A categorical feature names ks, or has bounds for it.',
    cure: 'Name psi, cramersV, js or kl; or declare the feature continuous.',
  },
  US0228: {
    title: 'a route that cannot be had like this',
    meaning:
      'An adopted route is a user’s HTTPRoute in which two weights are set; a mirror would need its filters, which stay theirs.',
    cause: 'ownership adopted without gateway httproute or with a shadow, or a rule without ownership adopted.',
    cure: 'Follow the message, or leave ownership and rule out for a route of our own.',
  },
  US0229: {
    title: 'KServe cannot do this',
    meaning:
      'KServe serves each version by its storageUri and splits traffic by its own field, in whole percents, without copies; only in Standard mode somebody counts per arm.',
    cause:
      'storageUri is missing or the same for all versions, the mode is knative, a shadow is not skipped, a step is a fraction; or a field of KServe’s is used with another backend or gateway.',
    cure: 'Follow the message, or use serving.backend: kubernetes with traffic.gateway: httproute.',
  },
  US0230: {
    title: 'nothing to measure performance on',
    meaning:
      'Performance and its KPI are judged on logged scores; without them there is no row to compare with its label.',
    cause: 'drift.performance or drift.kpi is written, and data.observations names no score.',
    cure: 'Log the score of every answer and name its column in data.observations.score.',
  },
  US0231: {
    title: 'a group without criterion',
    meaning:
      'Business, quality, latency and size must each be judged (EV1); a model good at one of them may be bad at another.',
    cause: 'The scorecard has no criterion in the group.',
    cure: "Add one, or write extends: classification and keep the preset's.",
  },
  US0232: {
    title: 'a criterion without bound',
    meaning: 'Nothing would make this criterion fail.',
    cause: 'atLeast, atMost and versusChampion are all missing.',
    cure: 'Add one of them, for example versusChampion: { noWorseBy: 0.01 }.',
  },
  US0233: {
    title: 'cost without prices',
    meaning: 'metric: cost weighs misses against false alarms; it needs the price of each.',
    cause: 'falseNegative or falsePositive is missing.',
    cure: 'Write what one of each costs you, in any one unit.',
  },
  US0234: {
    title: 'slice is not declared',
    meaning:
      'A criterion per slice needs a column that data.slices of the policy names; it travels with every snapshot.',
    cause: 'by is mistyped, or the column was not added to data.slices.',
    cure: 'Correct by, or add the column to spec.data.slices.',
  },
  US0235: {
    title: 'metric does not fit the task',
    meaning: 'The metric is not defined for this task, or only per group.',
    cause: 'The scorecard mixes metrics of classification and regression, or a fairness metric lacks by.',
    cure: 'Correct spec.task or the metric; fairness metrics need by.',
  },
  US0236: {
    title: 'bound points the wrong way',
    meaning: 'For this metric more is better and only an upper bound is set, or the reverse; a bad model would pass.',
    cause: 'atLeast and atMost were mixed up.',
    cure: 'Swap them.',
  },
  US0237: {
    title: 'mistakes cost the same',
    meaning: 'The preset prices a miss like a false alarm. That is seldom true, and it decides who is promoted.',
    cause: 'The policy extends the classification preset unchanged.',
    cure: 'Say what yours cost: criteria: [{ name: cost of mistakes, falseNegative: 5, falsePositive: 1 }].',
  },
  US0238: {
    title: 'not signed off',
    meaning: 'A scorecard is agreed before the first run and names who agreed (EV2).',
    cause: 'signedOffBy is missing or empty.',
    cure: 'Add signedOffBy with the people who agreed to these bounds.',
  },
  US0239: {
    title: 'unit does not fit the metric',
    meaning: 'Bounds of latency are durations, of size sizes, of all else bare numbers or shares.',
    cause: 'A bound was copied from another criterion.',
    cure: 'Write the bound in the unit that the message names.',
  },
} as const;
