import type { ShadowBounds, ShadowCounts, ShadowVerdict } from './disagreement.ts';
import type { ShareVerdict } from './share-test.ts';
import type { CanaryPlan, CanaryVerdict, CanaryWord, Look } from './verdict.ts';
import type { Reading } from './watch.ts';

/**
 * The decision log of a run: JSON Lines, each line in canonical form. A watch opens with one `phase` line, then has one `look`
 * line for every look, and closes with one `end` line unless it was cut off. Counters stand in it as they were read, so the
 * judge can be asked again.
 */
export type LogLine = PhaseLine | LookLine | EndLine;

export interface PhaseLine {
  readonly kind: 'phase';
  readonly schemaVersion: 1;
  readonly run: string;
  readonly model: string;
  /** `shadow`, `step-5`, `soak`. */
  readonly phase: string;
  /** Epoch milliseconds by the clock of the worker that began. */
  readonly startedAt: number;
  readonly plan: CanaryPlan;
  /** How long the phase may be dark, milliseconds. */
  readonly lapseMs: number;
  /** A person was being asked meanwhile. */
  readonly holding: boolean;
}

export interface LookLine {
  readonly kind: 'look';
  readonly phase: string;
  /** From 1, without a hole. */
  readonly number: number;
  readonly reading: Reading;
  /** What both arms did since the look before. */
  readonly look: Look;
  /** Why the route is not as we wrote it; absent: it is, or nobody could say. */
  readonly foreign?: string;
  readonly verdict: CanaryVerdict;
  readonly share: ShareVerdict['word'];
  /** A shadow's pairs so far and what they say. */
  readonly pairs?: JudgedPairs;
}

export interface EndLine {
  readonly kind: 'end';
  readonly phase: string;
  readonly looks: number;
  /** `lapsed`: dark for as long as it may be. `called-off`: a person spoke, or the run was stopped. */
  readonly why: 'decided' | 'lapsed' | 'called-off';
  readonly word: CanaryWord;
}

export type JudgedPairs = ShadowCounts & ShadowBounds & ShadowVerdict;
