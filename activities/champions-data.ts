import type { Baseline } from '../scorecards/drift/baseline.ts';
import type { BenignMark } from '../scorecards/drift/benign.ts';
import { millisecondsOf } from '../scorecards/drift/windows.ts';
import type { Champion } from '../scorecards/run.ts';
import type { AppliedPolicy } from '../scorecards/trigger.ts';
import type { Span } from '../scorecards/vocabulary.ts';

/** Whose rows are looked at, and as of when. */
export interface ChampionsData {
  readonly applied: AppliedPolicy;
  readonly champion: Champion;
  readonly baseline: Baseline;
  /** What persons have called harmless; absent: nothing. */
  readonly benign?: readonly BenignMark[];
  readonly asOf: string;
}

/** Whether a bucket lies wholly in a window. */
export const isWithin = (bucket: Span, window: Span): boolean =>
  millisecondsOf(bucket.from) >= millisecondsOf(window.from) &&
  millisecondsOf(bucket.until) <= millisecondsOf(window.until);
