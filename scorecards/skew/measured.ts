/** In a table of served features: the instant of the answer, and what its observation is called. */
export const SERVED_TIME = 'understudy_time';
export const SERVED_KEY = 'understudy_key';

/** What the good answers of a serving log were given, feature by feature. */
export interface ServedProfile {
  /** Answered requests, each once. */
  readonly rows: number;
  readonly features: readonly {
    readonly name: string;
    /** Requests whose inputs do not name the feature. */
    readonly absent: number;
    /** Values that cannot be of the training data's type. */
    readonly mistyped: number;
    /** Set where the policy asks for freshness: values older than allowed, and values without their instant. */
    readonly fresh?: { readonly stale: number; readonly unknown: number };
  }[];
}

/** Single requests held against the observations of the same id. */
export interface Parity {
  /** Requests that have an observation, and those of them that were compared. */
  readonly joined: number;
  readonly compared: number;
  readonly features: readonly {
    readonly name: string;
    readonly different: number;
    /** Ids of some that differ, at most three. */
    readonly examples: readonly string[];
  }[];
  /** Features that the observations have no column of. */
  readonly absent: readonly string[];
}
