import { CLASS_PAGES } from './class-metric-pages.ts';
import { GROUP_PAGES } from './group-metric-pages.ts';
import { PART_PAGES } from './part-metric-pages.ts';
import { measuredMetric } from './parts.ts';
import { VALUE_PAGES } from './value-metric-pages.ts';
import { RUN_PAGES } from './run-metric-pages.ts';
import type { CriterionMetric, Scorecard, ScorecardCriterion } from './scorecard-schema.ts';
import { SERVICE_PAGES } from './service/pages.ts';

type Task = Scorecard['spec']['task'];
/** Unit of a bare number: milliseconds, bytes, a share from 0 to 1, or whatever the label or the prices are in. */
export type MetricUnit = 'ms' | 'bytes' | 'share' | 'number';

export interface MetricPage {
  readonly about: string;
  readonly formula: string;
  /** Where the formula comes from. */
  readonly source: string;
  readonly reading: string;
  readonly unit: MetricUnit;
  /** Absent where only the criterion can say it. */
  readonly better?: 'higher' | 'lower';
  /** The field that says which way is good, where it is not `direction`. */
  readonly saidBy?: string;
  /** Tasks it is defined for. */
  readonly tasks: readonly Task[];
  /** Defined over groups only: a criterion needs `by`. */
  readonly grouped?: boolean;
}

const LABELLED: readonly Task[] = ['classification', 'ranking'];
const NUMBERS: readonly Task[] = ['classification', 'regression', 'ranking'];
const ALL: readonly Task[] = [...NUMBERS, 'multiclass'];
/** Where a row is flagged or not; of several classes one is `class`. */
const DECIDED: readonly Task[] = [...LABELLED, 'multiclass'];
const REGRESSION: readonly Task[] = ['regression'];
const TIMES = { unit: 'ms', better: 'lower', tasks: ALL, source: 'nearest rank over raw latencies' } as const;
const SHARE_UP = { unit: 'share', better: 'higher', tasks: LABELLED } as const;
const ERROR = { unit: 'number', better: 'lower', tasks: REGRESSION } as const;

/** What each metric of a scorecard is; `understudy explain METRIC` prints it and lint checks bounds against it. */
export const METRIC_PAGES: Readonly<Record<CriterionMetric, MetricPage>> = {
  cost: {
    about:
      'What the answers cost per row, at the prices of the criterion; without prices for right answers, the mistakes.',
    formula:
      '(misses × falseNegative + false alarms × falsePositive + true positives × truePositive + true negatives × trueNegative) / rows',
    source: 'Elkan 2001, The foundations of cost-sensitive learning',
    reading:
      'In the unit of the prices. Compare with the champion on the same rows; noWorseBy is a share of its value. Less than 0 is a gain.',
    unit: 'number',
    better: 'lower',
    tasks: DECIDED,
  },
  auc: {
    ...SHARE_UP,
    about: 'How well scores order rows: the chance that a random positive scores above a random negative.',
    formula: 'area under the ROC curve; ties count half',
    source: 'Hanley and McNeil 1982; intervals by DeLong et al. 1988',
    reading: '0.5 is guessing, 1 perfect. Says nothing about the cut or about calibration.',
  },
  recall: {
    ...SHARE_UP,
    tasks: DECIDED,
    about: 'Share of positives that are flagged at the operating point.',
    formula: 'true positives / (true positives + misses)',
    source: 'van Rijsbergen 1979; interval Wilson 1927',
    reading: 'Low means missed cases. Look at it per slice: an average hides a group that is not found.',
  },
  precision: {
    ...SHARE_UP,
    tasks: DECIDED,
    about: 'Share of flagged rows that are positive.',
    formula: 'true positives / (true positives + false alarms)',
    source: 'van Rijsbergen 1979; interval Wilson 1927',
    reading: 'Low means false alarms. It rises when fewer rows are flagged; read it together with recall.',
  },
  f1: {
    ...SHARE_UP,
    tasks: DECIDED,
    about: 'Balance of precision and recall.',
    formula: '2 × precision × recall / (precision + recall)',
    source: 'van Rijsbergen 1979',
    reading: 'Weighs both mistakes alike; prefer cost when their prices are known.',
  },
  accuracy: {
    ...SHARE_UP,
    tasks: DECIDED,
    about: 'Share of rows judged right.',
    formula: '(true positives + true negatives) / rows',
    source: 'interval Wilson 1927',
    reading: 'With 1 % positives, flagging nobody reaches 0.99. Seldom what you want.',
  },
  logLoss: {
    unit: 'number',
    better: 'lower',
    tasks: LABELLED,
    about: 'How surprised the model is by the truth.',
    formula: '−mean(y ln p + (1 − y) ln(1 − p)), p clipped away from 0 and 1',
    source: 'Good 1952',
    reading: '0 is perfect, ln 2 = 0.693 is a coin. Punishes confident mistakes hard.',
  },
  brier: {
    unit: 'number',
    better: 'lower',
    tasks: LABELLED,
    about: 'Mean squared distance of the score from the truth.',
    formula: 'mean((p − y)²)',
    source: 'Brier 1950',
    reading: '0 is perfect; the base rate q alone reaches q(1 − q).',
  },
  ece: {
    unit: 'share',
    better: 'lower',
    tasks: LABELLED,
    about: 'Expected calibration error: how far scores lie from observed rates.',
    formula: 'Σ (rows in bin / rows) × |mean score − observed rate| over ten bins of equally many rows',
    source: 'Naeini, Cooper and Hauskrecht 2015',
    reading: '0.05: scores are off by five points on average. Depends on the binning; compare like with like.',
  },
  averagePrecision: {
    ...SHARE_UP,
    about: 'Precision averaged over all cuts, weighted by the recall each adds.',
    formula: 'Σ (recall_n − recall_n−1) × precision_n',
    source: 'Manning, Raghavan and Schütze 2008, chapter 8',
    reading: 'Guessing reaches the base rate. Better than auc when positives are rare.',
  },
  precisionAtK: {
    ...SHARE_UP,
    about: 'Share of positives among the first k rows by score.',
    formula: 'positives among the top k / k; k is a count or a share of rows, 10 % when absent; ties are all in',
    source: 'Manning, Raghavan and Schütze 2008, chapter 8',
    reading: 'What the people who work down the list will see.',
  },
  mae: {
    ...ERROR,
    about: 'Mean distance from the truth, in the unit of the label.',
    formula: 'mean(|prediction − label|)',
    source: 'Willmott and Matsuura 2005',
    reading: 'Every unit of error counts alike.',
  },
  rmse: {
    ...ERROR,
    about: 'Root of the mean squared error, in the unit of the label.',
    formula: '√mean((prediction − label)²)',
    source: 'Gauss 1809, least squares',
    reading: 'Large errors count more. Far above mae means few rows are far off.',
  },
  mape: {
    ...ERROR,
    unit: 'share',
    about: 'Mean distance from the truth as a share of it.',
    formula: 'mean(|prediction − label| / |label|) over rows whose label is not 0',
    source: 'Hyndman and Koehler 2006',
    reading: '0.1: off by a tenth. Punishes predictions above the truth more than those below.',
  },
  meanLabelAtTop: {
    unit: 'number',
    better: 'higher',
    tasks: NUMBERS,
    about: 'Mean label of the rows that are flagged: what acting on the list yields per row.',
    formula: 'mean(label) over the rows at or above the operating point',
    source: 'lift without the division by the base rate; Ling and Li 1998',
    reading: 'In the unit of the label. Set operatingPoint: { top: 10% }, so that both models flag as many rows.',
  },
  p50: {
    ...TIMES,
    about: 'Median latency.',
    formula: '50th percentile of answers',
    reading: 'What half of the users see.',
  },
  p95: {
    ...TIMES,
    about: 'Latency that 95 % keep.',
    formula: '95th percentile of answers',
    reading: 'Bounded by the tier.',
  },
  p99: {
    ...TIMES,
    about: 'Tail latency.',
    formula: '99th percentile of answers',
    reading:
      'Needs load to mean anything: set load: { rate: 50/s, for: 15s }. Batch: per 1,000 rows of one run of predict, without an interval.',
  },
  bytes: {
    about: 'Size of the artifact on disk.',
    formula: 'sum of the files of the artifact',
    source: 'the artifact manifest',
    reading: 'Grows the start-up time and the bill; a jump often means that data was packed in.',
    unit: 'bytes',
    better: 'lower',
    tasks: ALL,
  },
  ...VALUE_PAGES,
  ...GROUP_PAGES,
  ...SERVICE_PAGES,
  ...RUN_PAGES,
  ...CLASS_PAGES,
  ...PART_PAGES,
};

/** Which way is good: what the criterion says where the metric is the team's own, else the metric, else the one that it is of. */
export const betterOf = (criterion: Pick<ScorecardCriterion, 'metric' | 'of' | 'direction'>): MetricPage['better'] =>
  criterion.direction ??
  METRIC_PAGES[criterion.metric].better ??
  METRIC_PAGES[measuredMetric<CriterionMetric>(criterion)].better;

export interface DriftPage {
  readonly about: string;
  readonly formula: string;
  readonly source: string;
  readonly reading: string;
}

/** Statistics of drift, for `explain`; their bounds are fields of the policy. */
export const DRIFT_PAGES: Readonly<Record<string, DriftPage>> = {
  psi: {
    about: 'Population stability index: how far the shares of bins have moved from the baseline.',
    formula: 'Σ bins (current − baseline) × ln(current / baseline)',
    source: 'Lewis 1994; bounds 0.1 and 0.2 by industry custom (Siddiqi 2006)',
    reading: 'Below 0.1 steady, from 0.2 drift (N1). Grows with fewer rows: below the noise floor it is not judged.',
  },
  ks: {
    about: 'Kolmogorov–Smirnov distance of two distributions of a continuous feature.',
    formula: 'max |F_current(x) − F_baseline(x)|',
    source: 'Smirnov 1948',
    reading: '0 to 1: the largest share of rows that moved past some value. Judged by size, not by p-value alone.',
  },
  cramersV: {
    about: 'Cramér’s V: how strongly a category depends on being current or baseline.',
    formula: '√(χ² / rows of both sides), categories expected fewer than five times pooled',
    source: 'Cramér 1946; pooling by Cochran 1954',
    reading: '0 steady, 1 entirely different. Does not grow with the number of rows.',
  },
  js: {
    about: 'Jensen–Shannon distance: a symmetric, bounded form of KL.',
    formula: '√(½ KL(current ‖ m) + ½ KL(baseline ‖ m)), m their mean',
    source: 'Lin 1991; Endres and Schindelin 2003',
    reading: '0 to 1 with logarithms to base 2. Decides only where the policy names it.',
  },
  kl: {
    about: 'Kullback–Leibler divergence of the current bins from the baseline.',
    formula: 'Σ current × ln(current / baseline)',
    source: 'Kullback and Leibler 1951',
    reading: 'Not symmetric and without upper bound. Decides only where the policy names it.',
  },
};
