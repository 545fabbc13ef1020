import type { DataKind, DataWord } from '../scorecards/data-checks/finding.ts';
import type { DriftWord } from '../scorecards/drift/verdict.ts';
import type { RefusalCode } from '../scorecards/decision.ts';
import type { DecisionRecord } from '../scorecards/trigger.ts';
import type { Outcome, Stage } from '../scorecards/vocabulary.ts';

/** The snapshot that a candidate is trained on, and what its server was asked in the shadow. */
export const DATA_SOURCES = ['snapshot', 'served'] as const;
export const DATA_VERDICTS = ['pass', 'warn', 'inconclusive', 'fail'] as const;

/** Facts for Prometheus, said once where they are decided. Never throws; labels come from closed sets. */
export interface Telemetry {
  triggerDecided(record: DecisionRecord): void;
  runEnded(run: {
    readonly model: string;
    readonly outcome: Outcome;
    readonly trigger: string;
    readonly seconds: number;
  }): void;
  stageEnded(stage: {
    readonly model: string;
    readonly stage: Stage;
    readonly outcome: 'done' | 'failed';
    readonly seconds: number;
  }): void;
  driftMeasured(drift: {
    readonly model: string;
    readonly test: 'psi' | 'ks';
    readonly value: number;
    readonly breached: number;
  }): void;
  /** The champion's numbers on its newest labelled window, and what of them breaks a rule. */
  championMeasured(champion: {
    readonly model: string;
    readonly coverage: number;
    readonly realised: Readonly<Record<string, number>>;
    readonly estimated: Readonly<Record<string, number>>;
    readonly breached: Readonly<Record<'concept' | 'fairness' | 'divergence', boolean>>;
  }): void;
  /** What the checks of a run's data found. */
  dataChecked(checked: {
    readonly model: string;
    readonly source: (typeof DATA_SOURCES)[number];
    readonly verdict: (typeof DATA_VERDICTS)[number];
    readonly findings: readonly { readonly kind: DataKind; readonly word: DataWord; readonly count: number }[];
  }): void;
  /** The newest window of drift. `until` in seconds since 1970; a feature's ratio is its distance beside its own limit. */
  windowJudged(window: {
    readonly model: string;
    readonly verdict: DriftWord;
    readonly until: number;
    readonly rows: { readonly current: number; readonly baseline: number };
    /** The farthest, at most five. */
    readonly features: readonly { readonly feature: string; readonly ratio: number }[];
  }): void;
  /** A training is over and booked, whether it left a model or not. */
  trainingBooked(training: {
    readonly model: string;
    readonly team: string;
    readonly runSeconds: number;
    readonly gpuSeconds: number;
    readonly cost?: { readonly amount: number; readonly currency: string };
  }): void;
  weightSet(weight: { readonly model: string; readonly ratio: number }): void;
  rolledBack(rollback: { readonly cause: string; readonly seconds: number }): void;
  humanWaited(wait: { readonly kind: 'approval'; readonly seconds: number }): void;
  decisionRefused(refusal: { readonly reason: RefusalCode }): void;
}
