import type { LogProfile } from '../../scorecards/data-checks/judge-log.ts';
import type { Span } from '../../scorecards/vocabulary.ts';

/** Which rows of a serving log are asked for. */
export interface LogRequest {
  /** Directory with `day=…/`, glob, or one file. */
  readonly log: string;
  /** Half-open, by the time of the answer; absent: all rows. */
  readonly span?: Span;
}

export type { LogProfile };
