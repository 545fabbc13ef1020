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

export interface CanaryPlan {
  readonly mode: WatchMode;
  /** Share of live (or mirrored) traffic asked for, 0–100. */
  readonly percent: number;
  readonly lookMs: number;
  readonly atLeastMs: number;
  readonly atMostMs: number;
  readonly harmRatio: number;
  /** Harm alarm of this phase, already split over the release's phases. */
  readonly alpha: number;
  readonly beta: number;
  readonly floor: number;
  readonly ceiling: number;
  readonly safeRatio: number;
  readonly safeRate: number;
  readonly minBadEvents: number;
  /** Upper end of the champion's bad rate, frozen before a soak; absent elsewhere. */
  readonly frozenRate?: number;
  /** Looks planned for the phase: evidence may begin anew at each of them. Absent: it begins once. */
  readonly restartLooks?: number;
  /** Exponent in (0, 1] on every likelihood ratio, for errors that come in bursts. Absent: 1. */
  readonly lambda?: number;
  /** Where `lambda` comes from: the champion's own looks, or an assumption because too little was seen. Absent: not asked. */
  readonly dispersion?: 'measured' | 'unknown';
}

export interface ArmDelta {
  readonly requests: number;
  readonly bad: number;
}

/** One look: what happened on both arms since the look before, or why nothing is known. */
export type Look =
  | {
      readonly kind: 'counts';
      readonly at: number;
      readonly champion: ArmDelta;
      readonly challenger: ArmDelta;
      readonly challengerDown: boolean;
    }
  | { readonly kind: 'missed'; readonly at: number; readonly why: string };

export interface CanaryVerdict {
  readonly word: CanaryWord;
  /** One sentence with the numbers. */
  readonly reason: string;
  /** e-values, cut off at 1e300 so that they stay finite. */
  readonly evidence: { readonly harm: number; readonly ceiling: number; readonly safe: number };
}
