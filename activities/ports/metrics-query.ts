/** The team's own metrics: one number of an instant, asked in the language of whatever keeps them (PromQL). */
export interface MetricsQuery {
  /**
   * What the query came to at an instant. A question without one number as its answer is no failure: `absent` says why, in
   * words that can follow "was not measured:". Reads only, so it may be asked again. Throws `unavailable`, `timeout`,
   * `rate-limited`, `unauthorised`, `forbidden` or `malformed-answer`.
   */
  ask(question: InstantQuestion): Promise<InstantAnswer>;
  /** How many alerting rules are evaluated there: where there is none, no alert is no good news. Throws as `ask` does. */
  alertRules(limits: { readonly timeoutMs: number }): Promise<number>;
}

export interface InstantQuestion {
  readonly query: string;
  /** ISO 8601. */
  readonly at: string;
  readonly timeoutMs: number;
}

/**
 * `empty`: no series. `several`: more than one, and none of them is meant more than another. `not-finite`: NaN or infinite,
 * usually a division by zero. `no-number`: text, a range or a histogram. `partial`: an answer that warns of what it lacks.
 * `refused`: the query is wrong, in the words of who refused it.
 */
export type AbsenceReason = 'empty' | 'several' | 'not-finite' | 'no-number' | 'partial' | 'refused';

export type InstantAnswer =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'absent'; readonly reason: AbsenceReason; readonly why: string };
