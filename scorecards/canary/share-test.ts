import { lnBeta } from '../statistics/ln-beta.ts';
import type { Look } from './verdict.ts';
import { counted, percentOf } from './wording.ts';

/** Evidence against the asked weight at which it counts as not in effect. */
const LIMIT = 100;
/** Scrapes in a row without a new request that prove an arm is off. */
const QUIET_LOOKS = 2;

/** Requests per arm since a weight was written. Plain JSON. */
export interface ShareTally {
  readonly champion: number;
  readonly challenger: number;
  /** Scrapes in a row in which the arm that should be off had no new request. */
  readonly quietLooks: number;
  /** The gateway itself had taken the challenger out at the last look. */
  readonly challengerDown: boolean;
}

export interface ShareVerdict {
  readonly word: 'effective' | 'not-effective' | 'unproven';
  readonly reason: string;
}

/** Nothing counted yet. Begin one per weight written; after a rollback, once the longest request time-out has passed. */
export function openShareTally(): ShareTally {
  return { champion: 0, challenger: 0, quietLooks: 0, challengerDown: false };
}

/** Adds a look. `percent` is the challenger's asked weight; a missed look tells nothing and changes nothing. */
export function countShare(tally: ShareTally, percent: number, look: Look): ShareTally {
  if (look.kind === 'missed') return tally;
  const shouldBeOff = percent >= 100 ? look.champion : look.challenger;
  return {
    champion: tally.champion + look.champion.requests,
    challenger: tally.challenger + look.challenger.requests,
    quietLooks: shouldBeOff.requests === 0 ? tally.quietLooks + 1 : 0,
    challengerDown: look.challengerDown,
  };
}

/**
 * Whether the gateway serves the asked percentage, from what it counted and not from what it promised. At 0 and 100 the arm
 * that should be off must stay silent; between them the share is tested.
 */
export function judgeShare(percent: number, tally: ShareTally): ShareVerdict {
  if (percent <= 0) return judgeSilence('challenger', tally);
  if (percent >= 100) return judgeSilence('champion', tally);
  const weight = percent / 100;
  const total = tally.champion + tally.challenger;
  const seen = `the challenger got ${percentOf(tally.challenger, total)} of ${counted(total)} requests, asked ${percent} %`;
  if (tally.challengerDown) {
    return { word: 'unproven', reason: `${seen}; the gateway has taken the challenger's server out` };
  }
  if (Math.exp(shareLogEvidence(weight, tally.challenger, total)) >= LIMIT) {
    return { word: 'not-effective', reason: `${seen}: the weight is not in effect` };
  }
  return confirmed(weight, tally)
    ? { word: 'effective', reason: seen }
    : { word: 'unproven', reason: `${seen} so far` };
}

/**
 * ln E against "the challenger's share is `weight`", for `challenger` of `total` requests: a beta mixture with mean `weight`
 * and the weight of 100 requests, over the binomial likelihood at `weight` (0 < weight < 1).
 */
export function shareLogEvidence(weight: number, challenger: number, total: number): number {
  const a = 100 * weight;
  const b = 100 * (1 - weight);
  const champion = total - challenger;
  const mixture = lnBeta(a + challenger, b + champion) - lnBeta(a, b);
  return mixture - challenger * Math.log(weight) - champion * Math.log1p(-weight);
}

/** Absence of evidence against the weight is not enough: enough requests, both arms alive, and the share near the asked one. */
function confirmed(weight: number, tally: ShareTally): boolean {
  const total = tally.champion + tally.challenger;
  const smaller = Math.min(weight, 1 - weight);
  if (total < Math.max(200, 10 / smaller) || tally.champion === 0 || tally.challenger === 0) return false;
  const slack = Math.max(Math.min(0.02, smaller / 2), 3 * Math.sqrt((weight * (1 - weight)) / total));
  return Math.abs(tally.challenger / total - weight) <= slack;
}

function judgeSilence(arm: 'champion' | 'challenger', tally: ShareTally): ShareVerdict {
  const off = tally.quietLooks >= QUIET_LOOKS;
  return off
    ? { word: 'effective', reason: `the ${arm} got no request in ${tally.quietLooks} scrapes in a row` }
    : { word: 'unproven', reason: `the ${arm} got ${counted(tally[arm])} requests since the write` };
}
