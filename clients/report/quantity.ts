import type { HeldBound } from '../../scorecards/candidate/bounds.ts';
import { unitOf as unitInSentences } from '../../scorecards/candidate/sentence.ts';
import type { CriterionMetric } from '../../scorecards/scorecard-schema.ts';
import type { Estimate } from '../../scorecards/vocabulary.ts';

/** How numbers of a metric are shown: times the factor, with the suffix. */
export interface Unit {
  readonly factor: number;
  readonly suffix: string;
}

/** As the sentences of a verdict have it. Shares, and numbers in the label's own unit, stay bare. */
export const unitOf = (metric: CriterionMetric): Unit => unitOfBound(metric, { kind: 'atLeast' });

/** A bound that is a share of the champion's value is told in percent of it. */
export function unitOfBound(metric: CriterionMetric, bound: Pick<HeldBound, 'kind' | 'relativeTo'>): Unit {
  const { factor, unit } = unitInSentences(metric, bound);
  return { factor, suffix: unit };
}

/** `0.721 [0.710, 0.732]`, `41.3 ms [40.1, 42.6]`: as many decimals as the interval lets one read. Nothing for nothing. */
export function estimateText(
  estimate: Estimate | undefined,
  { factor, suffix }: Unit,
  { isChange = false, isShort = false } = {},
): string {
  if (estimate === undefined) return '';
  const [value, low, high] = [estimate.value, estimate.low, estimate.high].map((number) => number * factor);
  if (value === undefined || low === undefined || high === undefined) return '';
  const digits = digitsOf(value, (high - low) / 2);
  const write = (number: number) => signed(number.toFixed(digits), isChange);
  return low === high || isShort
    ? `${write(value)}${suffix}`
    : `${write(value)}${suffix} [${write(low)}, ${write(high)}]`;
}

/** A bound as it was asked for, without the noise of the last bits. */
export const exactText = (value: number, { factor, suffix }: Unit, { isChange = false } = {}): string =>
  `${signed(String(Number((value * factor).toPrecision(9))), isChange)}${suffix}`;

const MOST_DIGITS = 6;

/** Two figures of the half-width; three of a value that is exact. */
function digitsOf(value: number, halfWidth: number): number {
  const [of, figures] = halfWidth > 0 ? [halfWidth, 2] : [Math.abs(value), 3];
  if (!(of > 0) || !Number.isFinite(of)) return 0;
  return Math.max(0, Math.min(MOST_DIGITS, figures - 1 - Math.floor(Math.log10(of))));
}

/** With a minus sign as wide as a plus; zero has neither. */
function signed(text: string, isChange: boolean): string {
  if (Number(text) === 0) return text.replace('-', '');
  return text.startsWith('-') ? `−${text.slice(1)}` : `${isChange ? '+' : ''}${text}`;
}
