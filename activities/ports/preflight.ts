import type { Policy } from '../../scorecards/policy/schema.ts';

/**
 * Looks, before anything is started, whether the places that a policy names can do what it will ask of them. Changes
 * nothing, and answers within seconds.
 */
export interface Preflight {
  /**
   * What was looked at, in the order in which a person would mend it; a place that the policy does not use is not looked
   * at. Without a policy: what every policy needs there. Never throws for what it finds: a place that does not answer is a
   * finding too.
   */
  look(policy?: Policy): Promise<readonly PreflightFinding[]>;
}

export interface PreflightFinding {
  /** What was looked at, in a word or two: `cluster`, `rights`, `accelerators`. */
  readonly name: string;
  /** `problem`: a run would break off on the way. `warning`: it may, or nobody could tell ("not checked: …"). */
  readonly state: 'ok' | 'warning' | 'problem';
  readonly text: string;
  /** What to do about it; may hold lines to be pasted into a manifest. */
  readonly next?: string;
}
