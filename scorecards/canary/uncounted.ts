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
}

export interface Attributed {
  readonly champion: ArmDelta;
  readonly challenger: ArmDelta;
  /** What could not be given to an arm yet. */
  readonly uncounted: number;
}

/**
 * Gives the router's 5xx that no arm counted (no ready server, no such Service) to the arm that got fewer requests than its
 * share. Without this a challenger nobody can reach looks unvisited while its share of the users gets errors.
 *
 * A surplus on the arms (they count a request before the router does) is carried forward as a negative remainder; what fell
 * into an interval in which the weight changed waits for the next one. A gateway without router counters attributes nothing.
 */
export function attributeUncounted(deltas: Deltas, split: Split, before: number): Attributed {
  const { champion, challenger } = deltas.arms;
  const found = before + deltas.router.bad - champion.bad - challenger.bad;
  if (found <= 0 || split.weightChanged) return { champion, challenger, uncounted: found };
  const weight = split.mode === 'shadow' ? 0 : split.percent / 100;
  const shortChallenger = weight * deltas.router.requests - challenger.requests;
  const shortChampion = (1 - weight) * deltas.router.requests - champion.requests;
  const withFound = ({ requests, bad }: ArmDelta): ArmDelta => ({ requests: requests + found, bad: bad + found });
  return weight > 0 && shortChallenger > shortChampion
    ? { champion, challenger: withFound(challenger), uncounted: 0 }
    : { champion: withFound(champion), challenger, uncounted: 0 };
}
