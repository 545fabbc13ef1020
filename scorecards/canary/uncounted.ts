import type { ArmName } from './scrape.ts';
import type { ArmDelta, WatchMode } from './verdict.ts';

/** What happened between two scrapes. `bad` are answers of 500 and above; 499 is a client that left, not an error. */
export interface Deltas {
  readonly arms: Readonly<Record<ArmName, ArmDelta>>;
  readonly router: ArmDelta;
}

/** What the gateway was asked to do while the interval passed. */
export interface Split {
  readonly mode: WatchMode;
  /** The challenger's share of live traffic; a mirror's percentage is not one and counts as 0. */
  readonly percent: number;
  /** The weight was written during this interval, so nobody can say which arm should have had which request. */
  readonly weightChanged: boolean;
  /** The gateway sends to the champion what the challenger answered with 5xx. Absent: it does not. */
  readonly shielded?: boolean;
}

export interface Attributed {
  readonly champion: ArmDelta;
  readonly challenger: ArmDelta;
  /** Requests that are not among the champion's because the challenger had them first. */
  readonly retried: number;
  /** What could not be given to an arm yet. */
  readonly uncounted: number;
}

/**
 * Gives the router's 5xx that no arm counted (no ready server, no such Service) to the arm that got fewer requests than its
 * share. Without this a challenger nobody can reach looks unvisited while its share of the users gets errors.
 *
 * A surplus on the arms (they count a request before the router does) is carried forward as a negative remainder; what fell
 * into an interval in which the weight changed waits for the next one. A gateway without router counters attributes nothing.
 *
 * Behind a shield users, and so the router, do not see the challenger's errors; the champion's counters hold each such request
 * too, and if it fails there as well, that error. The requests are taken out; the errors cannot be told apart and stay, which makes
 * the champion look a little worse when both fail.
 */
export function attributeUncounted(deltas: Deltas, split: Split, before: number): Attributed {
  const { challenger } = deltas.arms;
  const retried = split.shielded === true && split.mode === 'canary' ? challenger.bad : 0;
  const champion = withoutRetried(deltas.arms.champion, retried);
  const seenBad = retried > 0 ? deltas.arms.champion.bad : deltas.arms.champion.bad + challenger.bad;
  const found = before + deltas.router.bad - seenBad;
  if (found <= 0 || split.weightChanged) return { champion, challenger, retried, uncounted: found };
  const weight = split.mode === 'shadow' ? 0 : split.percent / 100;
  const shortChallenger = weight * deltas.router.requests - challenger.requests;
  const shortChampion = (1 - weight) * deltas.router.requests - champion.requests;
  const withFound = ({ requests, bad }: ArmDelta): ArmDelta => ({ requests: requests + found, bad: bad + found });
  return weight > 0 && shortChallenger > shortChampion
    ? { champion, challenger: withFound(challenger), retried, uncounted: 0 }
    : { champion: withFound(champion), challenger, retried, uncounted: 0 };
}

function withoutRetried({ requests, bad }: ArmDelta, retried: number): ArmDelta {
  const own = Math.max(0, requests - retried);
  return { requests: own, bad: Math.min(own, bad) };
}
