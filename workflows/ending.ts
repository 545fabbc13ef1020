import type { Outcome } from '../scorecards/vocabulary.ts';

/** Why a stage does not hand on to the next one. */
export class Ending {
  readonly outcome: Outcome;
  readonly reason: string;
  /** The last lines of the trainer that ended the run. */
  readonly logTail: string | undefined;

  constructor(outcome: Outcome, reason: string, logTail?: string) {
    this.outcome = outcome;
    this.reason = reason;
    this.logTail = logTail;
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
  'DataErased',
  'QueryFailed',
  'TrainerData',
  'BudgetExceeded',
  'PointerMovedOutOfBand',
  'ForeignWrite',
]);

interface Failed {
  readonly type: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export function endingOfFailure(fault: Failed): Ending {
  const { type, message } = fault;
  return new Ending(outcomeOfFailure(type), `${type}: ${message}`, logTailOf(fault));
}

/** What the one who failed wrote last; undefined when that is nothing. */
export function logTailOf({ details }: Pick<Failed, 'details'>): string | undefined {
  const { logTail } = details;
  return typeof logTail === 'string' && logTail.trim() !== '' ? logTail : undefined;
}

export function outcomeOfFailure(type: string): Outcome {
  return BLOCKING.has(type) ? 'blocked' : 'failed';
}
