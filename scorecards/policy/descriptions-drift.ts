import type { Description } from './descriptions.ts';

/** Fields that say when the data count as moved, and what follows. */
export const DRIFT_FIELDS: Readonly<Record<string, Description>> = {
  'spec.drift': ['When the data count as moved, and what follows.'],
  'spec.drift.window': [
    'Rolling window compared with the champion’s training data (N2).',
    'window: 7d',
    'a whole number of buckets',
  ],
  'spec.drift.bucket': ['Part of the window that is counted at once, in UTC (N3).', 'bucket: 24h'],
  'spec.drift.persistence': ['How often drift must be seen before it counts.', 'persistence: { windows: 2, of: 3 }'],
  'spec.drift.persistence.windows': ['So many windows drifted …', 'windows: 2', 'at most of'],
  'spec.drift.persistence.of': ['… of the last so many.', 'of: 3'],
  'spec.drift.share': ['Importance-weighted share of drifted features that makes the dataset drift.', 'share: 0.3'],
  'spec.drift.psi': [
    'Bounds of the population stability index (N1).',
    'psi: { warn: 0.1, drift: 0.2 }',
    'warn below drift',
  ],
  'spec.drift.psi.warn': ['Shown as a warning from here on.', 'warn: 0.1'],
  'spec.drift.psi.drift': ['Drift from here on (N1).', 'drift: 0.2'],
  'spec.drift.ks': ['Bounds of the Kolmogorov–Smirnov distance.', 'ks: { warn: 0.1, drift: 0.15 }', 'warn below drift'],
  'spec.drift.ks.warn': ['Shown as a warning from here on.', 'warn: 0.1'],
  'spec.drift.ks.drift': ['Drift from here on.', 'drift: 0.15'],
  'spec.drift.minimum': ['Fewest rows a side for a finding; below it is inconclusive (N10).', 'minimum: 500'],
  'spec.drift.learned': [
    'Widen the bounds of each feature to what its own days of the baseline (8 or more) make usual: mean + 3 standard deviations.',
    'learned: true',
  ],
  'spec.drift.slices': [
    'Features whose drift is judged in each slice too; each costs about twice as much again for every slice column.',
    'slices: { features: [fare] }',
  ],
  'spec.drift.slices.features': ['The features.', 'features: [fare]', 'a feature'],
  'spec.drift.slices.by': ['The slice columns; absent: all of data.slices.', 'by: [weekday]', 'one of data.slices'],
  'spec.drift.slices.values': [
    'Most values of one slice column that are judged by themselves, most frequent in the baseline first.',
    'values: 20',
  ],
  'spec.drift.respond': [
    'What each kind of finding of a check leads to: ignore and observe suppress it with its reason, retrain trains once it has lasted, block ends the run before it trains, whoever asked, and pages (TR7).',
    'respond: { data: retrain }',
  ],
  'spec.drift.respond.data': ['Features moved.', 'data: retrain'],
  'spec.drift.respond.prediction': ['Scores moved.', 'prediction: observe'],
  'spec.drift.respond.concept': ['Quality fell on mature labels.', 'concept: retrain'],
  'spec.drift.respond.fairness': [
    'A gap between groups that drift.performance.criteria bounds grew too wide.',
    'fairness: observe',
  ],
  'spec.drift.respond.schema': ['A column is gone or changed its type.', 'schema: block'],
  'spec.drift.respond.quality': [
    'Nulls, categories never seen, slices without rows, rows of other days.',
    'quality: block',
  ],
  'spec.drift.respond.skew': [
    'Training and serving disagree on a feature. The shadow finds it, not a check: block rejects the candidate, every other word tells it and lets the candidate go on, which needs an override (FE1).',
    'skew: block',
  ],
};
