import type { RunContext } from '../scorecards/run.ts';
import type { Dataset } from './dataset.ts';
import type { LatencyRef } from './load-run.ts';
import type { Predictions } from './prediction.ts';
import type { TrainedCandidate } from './training.ts';
import type { CountedBefore } from './vanished-slices.ts';

/** What a scorecard is held against: the candidate, and what it and the champion said of the same rows. */
export interface JudgeInput extends CountedBefore {
  readonly context: RunContext;
  readonly dataset: Dataset;
  readonly candidate: TrainedCandidate;
  readonly predictions: { readonly challenger: Predictions; readonly champion?: Predictions };
  readonly latency: LatencyRef;
  /** One of several models of the run: what is said of it is noted by its name, and the run's own word comes later. */
  readonly variant?: string;
}
