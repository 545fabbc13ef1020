/** What a model learns from and what it is judged on: weeks of flights, week 0 beginning on Monday 2001-01-01. */
export interface Window {
  /** Also the folder of what is made of it. */
  readonly name: string;
  readonly asOf: string;
  readonly trainMs: number;
  readonly holdoutMs: number;
  /** The first champion may have less than the policy's days of training. */
  readonly bootstrap: boolean;
}

const DAY = 86_400_000;
const FIRST_DAY = Date.UTC(2001, 0, 1);
/** Of the half year; the data end with Saturday, so it has six days. */
const LAST_WEEK = 25;
/** The policy's `dataset.train`. */
const TRAINED_WEEKS = 6;

/** The weeks that are replayed: the first has six whole weeks before it. */
export const REPLAYED = Array.from({ length: LAST_WEEK - TRAINED_WEEKS + 1 }, (_, index) => TRAINED_WEEKS + index);

/** Trained on all of January, the days that come before every week that is replayed. */
export const JANUARY: Window = {
  name: 'january',
  asOf: '2001-02-08T12:00:00.000Z',
  trainMs: 42 * DAY,
  holdoutMs: 7 * DAY,
  bootstrap: true,
};

/** Trained on the weeks from `first` up to the one before `judgedOn`; every label of that week has had its twelve hours. */
export function trainedOn(first: number, judgedOn: number): Window {
  const days = judgedOn === LAST_WEEK ? 6 : 7;
  return {
    name: `weeks-${first}-to-${judgedOn - 1}`,
    asOf: new Date(FIRST_DAY + (7 * judgedOn + days + 0.5) * DAY).toISOString(),
    trainMs: (judgedOn - first) * 7 * DAY,
    holdoutMs: days * DAY,
    bootstrap: false,
  };
}

/** The candidate of a week as the policy makes it: six weeks of training, then the week itself. */
export const candidateOf = (week: number): Window => trainedOn(week - TRAINED_WEEKS, week);

/** First and last day of a span. */
export const daysOf = ({ from, until }: { readonly from: string; readonly until: string }) =>
  [from.slice(0, 10), new Date(Date.parse(until) - 1).toISOString().slice(0, 10)] as const;
