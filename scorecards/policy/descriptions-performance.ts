import type { Description } from './descriptions.ts';

/** Fields about how well the champion does once labels are known, and about the business behind it. */
export const PERFORMANCE_FIELDS: Readonly<Record<string, Description>> = {
  'spec.drift.performance': [
    'What the scores of data.observations.score must keep once their labels are mature (MO6, MO13).',
    'performance: { criteria: [{ metric: auc, atLeast: 0.7 }] }',
  ],
  'spec.drift.performance.coverage': [
    'Share of mature rows that must have a label; below it a window is inconclusive (DA5).',
    'coverage: 80%',
  ],
  'spec.drift.performance.minimum': ['Fewest labelled rows of a window.', 'minimum: 1000'],
  'spec.drift.performance.criteria': [
    'Each is judged on every labelled window; absent, the AUC may be .05 below that of the champion’s holdout.',
    'criteria: [{ metric: recall, by: region, noWorseBy: 0.1 }]',
    'needs data.observations.score',
  ],
  'spec.drift.performance.criteria[].name': ['How findings call it; absent, its metric.', 'name: ranking'],
  'spec.drift.performance.criteria[].metric': ['What is measured.', 'metric: auc'],
  'spec.drift.performance.criteria[].by': [
    'Per value of this slice column; for fairness the column whose groups are compared.',
    'by: region',
    'one of data.slices',
  ],
  'spec.drift.performance.criteria[].atLeast': ['A smaller value fails.', 'atLeast: 0.7'],
  'spec.drift.performance.criteria[].atMost': ['A larger value fails.', 'atMost: 0.2'],
  'spec.drift.performance.criteria[].noWorseBy': [
    'Fails when it is worse than on the champion’s holdout by more than this.',
    'noWorseBy: 0.03',
  ],
  'spec.drift.performance.criteria[].k': ['Of precisionAtK: rows of a window.', 'k: 500'],
  'spec.drift.performance.criteria[].top': ['Of precisionAtK, in place of k: share of the rows (10 %).', 'top: 5%'],
  'spec.drift.kpi': [
    'A number of the business; that it falls while all performance criteria hold is told to people and starts no run (DA9).',
    'kpi: { name: revenue per visit, column: revenue, worseBy: 10% }',
    'needs data.observations.score',
  ],
  'spec.drift.kpi.name': ['How alerts call it.', 'name: revenue per visit'],
  'spec.drift.kpi.column': ['Column with a number per row.', 'column: revenue'],
  'spec.drift.kpi.of': ['Which files have the column.', 'of: labels'],
  'spec.drift.kpi.aggregate': ['Mean per row, or sum per bucket.', 'aggregate: sum'],
  'spec.drift.kpi.better': ['Which way is good.', 'better: lower'],
  'spec.drift.kpi.worseBy': ['So much worse than on the champion’s baseline days is told.', 'worseBy: 10%'],
};
