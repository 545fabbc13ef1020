import type { Outcome } from '../scorecards/vocabulary.ts';

/** Why a stage does not hand on to the next one. */
export class Ending {
  readonly outcome: Outcome;
  readonly reason: string;

  constructor(outcome: Outcome, reason: string) {
    this.outcome = outcome;
    this.reason = reason;
  }
}

export function ends<T>(result: T | Ending): result is Ending {
  return result instanceof Ending;
}

/** Failures that mean "these data, or this budget, must not become a model": the run ends `blocked`, the champion serves on. */
const BLOCKING = new Set([
  'DataMissing',
  'DataUnreadable',
  'DataSchema',
  'DataInvalid',
  'DataStale',
  'QueryFailed',
  'TrainerData',
  'BudgetExceeded',
  'PointerMovedOutOfBand',
  'ForeignWrite',
]);

export function outcomeOfFailure(type: string): Outcome {
  return BLOCKING.has(type) ? 'blocked' : 'failed';
}
