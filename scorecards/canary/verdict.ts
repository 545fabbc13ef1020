/** Plain values of the canary judge. All times are milliseconds; all counts are of requests that ended. */

/** `rollback` and `target-down` both call for a rollback (`isHarm`); the second says that nobody is there to be judged. */
export type CanaryWord =
  | 'rollback'
  | 'freeze'
  | 'clear'
  | 'wait'
  | 'no-traffic'
  | 'dark'
  | 'target-down'
  | 'inconclusive'
  | 'cancelled';

/** What is being watched: live weights side by side, a mirror, or 100 % against a frozen baseline. */
export type WatchMode = 'canary' | 'shadow' | 'soak';

/**
 * What a bad event is held against. `arms`: the champion's share at the same time, and a floor. `alone`: the floor only, since the
 * arms did not get their requests by chance or only one of them is counted. `pairs`: both answered the same requests, and an arm's
 * bad events are those in which it alone was wrong; whoever is worse on these is worse, so there is no floor.
 */
export type Comparison = 'arms' | 'alone' | 'pairs';

/** How one yes/no question about answers is judged. Rates and probabilities are fractions. */
export interface Bounds {
  readonly harmRatio: number;
  /** Probability of a false alarm that this question may spend in this phase. */
  readonly alpha: number;
  readonly beta: number;
  readonly floor: number;
  /** 1: none. */
  readonly ceiling: number;
  readonly safeRatio: number;
  readonly safeRate: number;
  readonly minBadEvents: number;
  /** Upper end of the champion's bad rate, frozen before a soak; absent elsewhere. */
  readonly frozenRate?: number;
  /** Exponent in (0, 1] on every likelihood ratio, for bad events that come in bursts. Absent: 1. */
  readonly lambda?: number;
  /** Absent: `arms`. */
  readonly compared?: Comparison;
}

export interface CanaryPlan extends Bounds {
  readonly mode: WatchMode;
  /** Share of live (or mirrored) traffic asked for, 0–100. */
  readonly percent: number;
  readonly lookMs: number;
  readonly atLeastMs: number;
  readonly atMostMs: number;
  /** Looks planned for the phase: evidence may begin anew at each of them. Absent: it begins once. */
  readonly restartLooks?: number;
  /** Where `lambda` comes from: the champion's own looks, or an assumption because too little was seen. Absent: not asked. */
  readonly dispersion?: 'measured' | 'unknown';
  /** What is asked of the answers besides errors. */
  readonly events?: readonly EventPlan[];
  readonly budget?: ReleaseBudget;
}

export type EventKind = 'errors' | 'timeouts' | 'slow' | 'malformed' | 'disagreement' | 'wrong-label' | 'guardrail';

/** A yes/no question beside the errors that the gateway counts. */
export interface EventPlan extends Bounds {
  /** Unique within the plan; it stands in reasons. */
  readonly name: string;
  readonly kind: EventKind;
  /** False: it is computed and shown, and neither ends nor holds a phase. */
  readonly decides: boolean;
  /** A step goes on only when this event is clear too. */
  readonly gates: boolean;
  /** Values of a column, declared in advance: harm in any of them is harm. */
  readonly slices?: readonly string[];
  /** What all slices together may spend, besides `alpha`. */
  readonly sliceAlpha?: number;
  /** Further definitions of bad (other latencies), whose relative evidence is averaged with the event's own. */
  readonly thresholds?: readonly string[];
}

/** A release may cost this share of a month's error budget, whatever the statistics say. */
export interface ReleaseBudget {
  /** The objective, a fraction below 1. */
  readonly availability: number;
  readonly monthlyRequests: number;
  readonly share: number;
  /** What earlier phases of the release have cost, in bad answers beyond the champion's. */
  readonly before: number;
}

export interface ArmDelta {
  readonly requests: number;
  readonly bad: number;
}

export interface BothArms {
  readonly champion: ArmDelta;
  readonly challenger: ArmDelta;
}

/** What one look counted of one event. A threshold or slice that is absent was not counted, which is not zero. */
export interface EventCounts extends BothArms {
  readonly thresholds?: Readonly<Record<string, BothArms>>;
  readonly slices?: Readonly<Record<string, BothArms>>;
}

/** One look: what happened on both arms since the look before, or why nothing is known. */
export type Look =
  | {
      readonly kind: 'counts';
      readonly at: number;
      readonly champion: ArmDelta;
      readonly challenger: ArmDelta;
      readonly challengerDown: boolean;
      /** By the event's name. One that is absent was not counted in this look, which is not zero. */
      readonly events?: Readonly<Record<string, EventCounts>>;
      /** Requests that the challenger failed and the gateway then sent to the champion; they are not among the champion's. */
      readonly retried?: number;
    }
  | { readonly kind: 'missed'; readonly at: number; readonly why: string };

export interface EValues {
  readonly harm: number;
  readonly ceiling: number;
  readonly safe: number;
}

export interface EventVerdict {
  readonly word: CanaryWord;
  readonly evidence: EValues;
  /** Slices in which there is harm. */
  readonly harmed?: readonly string[];
}

export interface CanaryVerdict {
  readonly word: CanaryWord;
  /** One sentence with the numbers. */
  readonly reason: string;
  /** e-values, cut off at 1e300 so that they stay finite. They are those of `event` where one is named. */
  readonly evidence: EValues;
  /** The event that the word is about, `release-budget`, or absent for errors. */
  readonly event?: string;
  /** Every event of the plan, by name. */
  readonly events?: Readonly<Record<string, EventVerdict>>;
}
