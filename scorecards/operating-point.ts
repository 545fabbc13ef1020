import type { CandidateVerdict } from './candidate/verdict.ts';
import { counted } from './counted.ts';
import { measuredMetric } from './parts.ts';
import { numberText } from './performance/sentence.ts';
import type { Scorecard, ScorecardCriterion } from './scorecard-schema.ts';
import { FLAG_METRICS } from './statistics/flag-metrics.ts';
import { GROUP_GAPS } from './statistics/group-gaps.ts';

/** The threshold of one model at which F1 is highest on rows of its training that it did not learn from. */
export interface BestF1 {
  readonly threshold: number;
  /** F1 at that threshold. */
  readonly f1: number;
  /** Labelled rows that it was found on, and those of them with label 1. */
  readonly rows: number;
  readonly positives: number;
}

/** Why there is no number. */
export interface Unknown {
  readonly why: string;
}

/**
 * Where a model's threshold is from, when the scorecard asks for that of best F1: found on the predictions with that SHA-256,
 * or named by whoever judged files.
 */
export type PointSource =
  | (BestF1 & { readonly predictions: string })
  | { readonly threshold: number; readonly given: true }
  | Unknown;

/** Of each model its own; without a champion only the challenger's. */
export interface PointSources {
  readonly challenger: PointSource;
  readonly champion?: PointSource;
}

// Precision among the k highest rows has a cut of its own in every slice.
const AT_CUT: ReadonlySet<string> = new Set([
  ...FLAG_METRICS.filter((metric) => metric !== 'precisionAtK'),
  ...GROUP_GAPS,
]);

/** Whether a criterion rests on which rows each model flags at the operating point; SQL does when it says `flagged`. */
export const isAtCut = (criterion: Pick<ScorecardCriterion, 'metric' | 'of' | 'sql'>): boolean => {
  const { metric, sql = '' } = criterion;
  return AT_CUT.has(measuredMetric<string>(criterion)) || (metric === 'sql' && /\bflagged\b/i.test(sql));
};

/** Whether rows are flagged by a score: a regression has no cut, and of several classes each row names its own. */
export const hasCut = (task: Scorecard['spec']['task']): boolean => task !== 'regression' && task !== 'multiclass';

/** Whether thresholds have to be handed on to whoever measures: they must not be found on the rows that are judged. */
export const asksBestF1 = ({ spec }: Scorecard): boolean => hasCut(spec.task) && 'bestF1' in spec.operatingPoint;

/** Undefined where none is known. */
export const thresholdOf = (source: PointSource | undefined): number | undefined =>
  source !== undefined && 'threshold' in source ? source.threshold : undefined;

/** Why a criterion that rests on the flags of a model cannot be measured. */
export const tellUnknown = (who: 'challenger' | 'champion', source: PointSource | undefined): string =>
  `of the ${who} no threshold of best F1 is known: ${source !== undefined && 'why' in source ? source.why : 'none was handed on'}`;

/** The verdict with a note of where each model's threshold is from; undefined: the scorecard says where rows are flagged from. */
export const notingPoints = <V extends Pick<CandidateVerdict, 'notes'>>(
  verdict: V,
  points: PointSources | undefined,
): V => (points === undefined ? verdict : { ...verdict, notes: [...(verdict.notes ?? []), tellPoints(points)] });

function tellPoints({ challenger, champion }: PointSources): string {
  const told = [`challenger ${tell(challenger)}`, ...(champion ? [`champion ${tell(champion)}`] : [])];
  const own = 'the threshold of best F1 on rows of its training that it did not learn from';
  return `Operating point: each model flags from ${own}, frozen with it; ${told.join('; ')}.`;
}

function tell(source: PointSource): string {
  if ('why' in source) return `unknown, because ${source.why}`;
  const from = `from ${Number(source.threshold.toPrecision(6))}`;
  if ('given' in source) return `${from}, as given`;
  const rows = `${counted(source.rows)} rows, ${counted(source.positives)} of them positive`;
  return `${from} (F1 ${numberText(source.f1)} on ${rows}; sha256:${source.predictions.slice(0, 12)})`;
}
