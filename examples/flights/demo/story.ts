/** What the demo shows and what must be true of it; every figure is computed in the run and compared with `expected.json`. */
export const MODEL = 'flights-late';
export const APPROVER = 'ana@operations.example';

export const AS_OF = {
  bootstrap: '2001-02-02T06:00:00Z',
  rejected: '2001-03-13T06:00:00Z',
  drifted: '2001-04-30T06:00:00Z',
  breached: '2001-05-14T06:00:00Z',
  incomplete: '2001-07-02T06:00:00Z',
} as const;

/** Of the run sheet and the drift table, what the story reads. */
export interface Sheet {
  readonly run: string;
  readonly stage: string;
  readonly champion?: { readonly version: string };
  readonly challenger?: { readonly version?: string };
  readonly stages: readonly { readonly stage: string; readonly state: string; readonly result: string }[];
  readonly ended?: { readonly outcome: string; readonly reason: string };
}

export interface DriftDay {
  readonly asOf: string;
  readonly verdict: string;
  readonly score: number;
  readonly fires: boolean;
  readonly suppressedSpike: boolean;
  readonly reason: string;
}

/** One line of the closing table. */
export interface Happened {
  readonly what: string;
  readonly asOf: string;
  readonly run: string;
  readonly ended: string;
  readonly why: string;
  readonly seconds: number;
}

/** `expected.json`: what the data of 2001 must lead to. Made by `test/examples/flights/expected.ts`, never by hand. */
export interface Expected {
  readonly firstFire: string;
  /** Days on which drift had not lasted. */
  readonly spikes: readonly string[];
  /** The worst one, against January. */
  readonly psiAtFire: number;
  readonly candidates: readonly ExpectedCandidate[];
}

/** A candidate against the champion of its time, on every row of its own holdout. */
interface ExpectedCandidate {
  readonly asOf: string;
  /** First and last day. */
  readonly holdout: readonly [string, string];
  readonly champion: string | null;
  readonly auc: number;
  /** Per flight. */
  readonly cost: number;
  readonly parity: number;
  /** Challenger less champion: the value and the ends of its 95 % interval. */
  readonly versusChampion?: {
    readonly auc: readonly [number, number, number];
    readonly costPercent: readonly [number, number, number];
  };
  readonly verdict: string;
  /** Names of the criteria that it fails. */
  readonly failed: readonly string[];
}

/** What the chapters leave behind. */
export interface Story {
  readonly expectations: Expectations;
  readonly happened: Happened[];
}

/** Collects what should have been true and was not; the demo ends non-zero when anything is here. */
export class Expectations {
  readonly broken: string[] = [];

  that(holds: boolean, sentence: string): void {
    if (!holds) this.broken.push(sentence);
  }
}
