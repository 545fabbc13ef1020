import { counted } from '../counted.ts';
import { spanText } from '../drift/sentence.ts';
import type { DriftCriterion, DriftFinding } from '../drift/verdict.ts';
import type { Policy } from '../policy/schema.ts';
import { independentDifference } from '../statistics/independent-difference.ts';
import { pairedRatios } from '../statistics/paired-ratios.ts';
import type { Estimate, Span } from '../vocabulary.ts';
import { numberText, percentText, rangeText } from './sentence.ts';

export type KpiRule = NonNullable<Policy['spec']['drift']['kpi']>;

/** What one bucket's rows add up to; rows without a number count for nothing. */
export interface KpiBucket {
  readonly bucket: Span;
  readonly rows: number;
  readonly sum: number;
}

export interface KpiWindow {
  readonly kpi: KpiRule;
  readonly window: Span;
  readonly buckets: readonly KpiBucket[];
  /** The champion's baseline days. */
  readonly reference: readonly KpiBucket[];
  /** What the champion's labels say of the same window: kind `concept`. */
  readonly concept: readonly DriftFinding[];
  readonly absent?: string;
}

/**
 * Whether the business falls while the champion's own numbers hold: then labels or attribution may be wrong, and a new model
 * would learn from them. The fall must reach the policy's share of the baseline days and, with 95 % intervals from the spread
 * between buckets, be more than chance. A fall together with the offline metrics is concept drift and none of this.
 */
export function judgeDivergence(input: KpiWindow): DriftFinding {
  const { kpi, window } = input;
  const criterion = criterionOf(kpi);
  const unjudged = (judged: 'missing' | 'inconclusive', sentence: string): DriftFinding => {
    const reason = judged === 'missing' ? 'no-data' : 'too-few-buckets';
    return { criterion, judged, level: 'none', reason, sentence: `${kpi.name}: ${sentence} Not judged.` };
  };
  if (input.absent !== undefined) return unjudged('missing', `there is no column ${input.absent}.`);
  const [now, before] = [levelOf(kpi, input.buckets), levelOf(kpi, input.reference)];
  if (!now || !before || before.value === 0)
    return unjudged(
      'inconclusive',
      `${input.buckets.length} buckets from ${spanText(window)} against ${input.reference.length} of the champion's baseline; two on each side are needed.`,
    );
  const { isCertain, worse } = fallOf(kpi, now, before);
  const said = `${kpi.name}: ${numberText(now.value)}${rangeText(now)} from ${spanText(window)}, ${numberText(before.value)}${rangeText(before)} on the champion's baseline days: ${percentText(Math.abs(worse))} ${worse < 0 ? 'better' : 'worse'}, told from ${percentText(kpi.worseBy)}`;
  const measurement = { value: worse, n: { current: rowsOf(input.buckets), baseline: rowsOf(input.reference) } };
  const judged = { criterion, measurement } as const;
  const calm = (why: string): DriftFinding => ({
    ...judged,
    judged: 'pass',
    level: 'none',
    reason: 'within-bound',
    sentence: `${said}${why}.`,
  });
  if (worse < kpi.worseBy) return calm('');
  if (!isCertain) return { ...calm('; the buckets differ too much for that to be certain'), reason: 'not-significant' };
  const failed = input.concept.filter((finding) => finding.judged === 'fail');
  if (failed.length > 0) return calm('; the offline metrics fell too, so this is drift');
  const open = input.concept.filter((finding) => finding.judged !== 'pass');
  if (open.length > 0 || input.concept.length === 0)
    return { ...unjudged('inconclusive', 'whether the offline metrics hold is not known.'), measurement };
  const held = `${counted(input.concept.length)} performance ${input.concept.length === 1 ? 'criterion holds' : 'criteria hold'}`;
  const sentence = `${said}; ${held}. Labels or attribution may be wrong; no retraining follows.`;
  return { ...judged, judged: 'fail', level: 'breach', reason: 'breach', sentence };
}

const criterionOf = ({ column, name, worseBy }: KpiRule): DriftCriterion => ({
  name,
  kind: 'divergence',
  metric: 'kpi',
  column,
  slice: [],
  warn: worseBy,
  limit: worseBy,
  minimum: 0,
  weight: 1,
  critical: false,
});

/** Σ sums / Σ rows, or the mean sum of a bucket; its interval is that of a ratio whose units are buckets. */
function levelOf({ aggregate }: KpiRule, buckets: readonly KpiBucket[]): Estimate | undefined {
  const cells = buckets
    .filter(({ rows }) => rows > 0)
    .map(({ rows, sum }) => ({ rows: 1, challenger: { over: sum, under: aggregate === 'mean' ? rows : 1 } }));
  return pairedRatios(cells)?.challenger;
}

function fallOf({ better }: KpiRule, now: Estimate, before: Estimate) {
  const change = independentDifference(now, before);
  const size = Math.abs(before.value);
  return better === 'higher'
    ? { worse: -change.value / size, isCertain: change.high < 0 }
    : { worse: change.value / size, isCertain: change.low > 0 };
}

const rowsOf = (buckets: readonly KpiBucket[]): number => buckets.reduce((total, { rows }) => total + rows, 0);
