import type { EvidenceRef, Outcome } from '../scorecards/vocabulary.ts';

/** Why a stage does not hand on to the next one. */
export class Ending {
  readonly outcome: Outcome;
  readonly reason: string;
  /** The last lines of the trainer that ended the run. */
  readonly logTail: string | undefined;
  /** The scorecard's whole result, when it was the scorecard that did not let it pass. */
  readonly scorecard: EvidenceRef | undefined;

  constructor(
    outcome: Outcome,
    reason: string,
    more: { readonly logTail?: string; readonly scorecard?: EvidenceRef } = {},
  ) {
    this.outcome = outcome;
    this.reason = reason;
    this.logTail = more.logTail;
    this.scorecard = more.scorecard;
  }

  /** The same end with another reason. */
  because(reason: string): Ending {
    const { logTail, outcome, scorecard } = this;
    return new Ending(outcome, reason, {
      ...(logTail === undefined ? {} : { logTail }),
      ...(scorecard ? { scorecard } : {}),
    });
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
  const logTail = logTailOf(fault);
  return new Ending(outcomeOfFailure(type), `${type}: ${message}`, logTail === undefined ? {} : { logTail });
}

/** What the one who failed wrote last; undefined when that is nothing. */
export function logTailOf({ details }: Pick<Failed, 'details'>): string | undefined {
  const { logTail } = details;
  return typeof logTail === 'string' && logTail.trim() !== '' ? logTail : undefined;
}

export function outcomeOfFailure(type: string): Outcome {
  return BLOCKING.has(type) ? 'blocked' : 'failed';
}
