import type { CanaryPlan } from '../scorecards/canary/verdict.ts';
import type { RunContext } from '../scorecards/run.ts';
import type { TrafficTarget } from './ports/gateway.ts';

/** One phase that is to be watched: which route, by which plan, and how long in the dark. */
export interface PhaseOrder {
  readonly context: RunContext;
  readonly traffic: TrafficTarget;
  /** Names the phase in the decision log: `shadow`, `step-5`, `soak`. */
  readonly phase: string;
  readonly plan: CanaryPlan;
  /** How long a phase may be dark before its traffic must go back, milliseconds. */
  readonly lapseMs: number;
  /** A person was asked: only harm, darkness and the end of the step end the watch. */
  readonly holding?: boolean;
}
