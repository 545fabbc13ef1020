import { wilson } from '../statistics/wilson.ts';
import { asPercent, counted } from './wording.ts';

/** What a shadow run produced, counted at its end. */
export interface ShadowCounts {
  /** Scored requests that both models answered, joined by request id. */
  readonly pairs: number;
  /** Pairs whose two decisions differ. */
  readonly disagreements: number;
  readonly championAnswers: number;
  /** All answers of the challenger, its errors included. */
  readonly challengerAnswers: number;
  readonly challengerErrors: number;
}

export interface ShadowBounds {
  /** Pairs wanted before anything is concluded. */
  readonly atLeast: number;
  /** The agreed share of disagreement, a fraction. */
  readonly ceiling: number;
}

export interface ShadowVerdict {
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
  readonly reason: string;
}

/** Fewer partners than this, and the pairs are no longer a sample of the traffic. */
const PAIR_RATE_AT_LEAST = 0.9;
/** Two-sided, so that its lower end alone is exceeded by chance in 1 % of shadows. */
const CONFIDENCE = 0.98;

/**
 * Whether the two models agree as much as was agreed. An error in the place of an answer disagrees. It passes when the
 * observed share is at most the ceiling, on a full sample; it fails when even the lower end of a one-sided 99 % Wilson
 * interval is above the ceiling; what lies between, too few pairs, and a biased sample are inconclusive and never a pass.
 */
export function judgeShadow(counts: ShadowCounts & ShadowBounds): ShadowVerdict {
  const { pairs, challengerErrors, challengerAnswers, atLeast, ceiling } = counts;
  const scored = challengerAnswers - challengerErrors;
  const judged = pairs + challengerErrors;
  if (judged < atLeast) {
    return inconclusive(`${counted(judged)} pairs, at least ${counted(atLeast)} are wanted${whatWasThere(counts)}`);
  }
  if (scored > 0 && pairs / scored < PAIR_RATE_AT_LEAST) {
    const rate = (Math.floor((1000 * pairs) / scored) / 10).toFixed(1);
    return inconclusive(`only ${rate} % of ${counted(scored)} shadow answers have a partner, at least 90 % are wanted`);
  }
  const different = counts.disagreements + challengerErrors;
  const share = different / judged;
  const errors = challengerErrors > 0 ? `, ${counted(challengerErrors)} of them errors` : '';
  const seen = `disagreement ${asPercent(share)} (${counted(different)} of ${counted(judged)} pairs${errors})`;
  if (share <= ceiling) return { verdict: 'pass', reason: `${seen}, at most ${asPercent(ceiling)} was agreed` };
  const lower = wilson(different, judged, CONFIDENCE)?.low ?? 0;
  if (lower > ceiling) {
    return {
      verdict: 'fail',
      reason: `${seen}, surely above ${asPercent(lower)}; at most ${asPercent(ceiling)} was agreed`,
    };
  }
  return inconclusive(
    `${seen} is above the agreed ${asPercent(ceiling)}, but may be chance: its lower end is ${asPercent(lower)}`,
  );
}

function inconclusive(reason: string): ShadowVerdict {
  return { verdict: 'inconclusive', reason };
}

function whatWasThere({ championAnswers, challengerAnswers }: ShadowCounts): string {
  return ` (the champion answered ${counted(championAnswers)} requests, the shadow ${counted(challengerAnswers)})`;
}
