import { getClient } from '@temporalio/activity';
import type { Info } from '@temporalio/activity';
import { trainingNewsSignal } from '../workflows/messages.ts';
import type { JobState } from './ports/training-backend.ts';

/** What the run was told last: part of the heartbeat, so that another worker does not begin anew. */
export interface Told {
  readonly words: string;
  readonly times: number;
  readonly atMs: number;
}

/** `told`: what is already on the sheet. */
export type Teller = (state: JobState) => Promise<Told | undefined>;

const MINUTE = 60_000;
const AT_MOST_EVERY = 15 * MINUTE;

/**
 * Tells the run what its job waits for: the sheet, Temporal's details and `describe` show it. At once at first, then more
 * and more rarely: a queue of days must stay a short history. A run that cannot be told goes on all the same.
 */
export function createTeller(job: string, info: Info): Teller {
  let told = toldBefore(info.heartbeatDetails);
  return async (state) => {
    const next = toldNext(told, wordsOf(state), Date.now());
    if (next === undefined) return told;
    const run = getClient().workflow.getHandle(info.workflowExecution?.workflowId ?? '');
    const sent = await run.signal(trainingNewsSignal, { job, line: next.words }).then(
      () => true,
      () => false,
    );
    if (sent) told = next;
    return told;
  };
}

/**
 * What is to be told now; nothing when these words are no news, or come too soon. The second words come at once too: the first
 * ones are mostly that a pod is being made, and what keeps it is only known then.
 */
export function toldNext(told: Told | undefined, words: string, nowMs: number): Told | undefined {
  const isNews = told === undefined ? words !== '' : told.words !== words;
  // Running is told at once, though only to whoever was told that it waits.
  const isTime =
    told === undefined || words === '' || nowMs - told.atMs >= Math.min(AT_MOST_EVERY, (told.times - 1) * MINUTE);
  return isNews && isTime ? { words, times: (told?.times ?? 0) + 1, atMs: nowMs } : undefined;
}

function wordsOf(state: JobState): string {
  return state.state === 'waiting' ? `waits: ${state.why}` : '';
}

function toldBefore(details: unknown): Told | undefined {
  return (details as { told?: Told } | undefined)?.told;
}
