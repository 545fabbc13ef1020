import { setTimeout as pause } from 'node:timers/promises';
import type { ExchangeFolder } from './exchange-folder.ts';

/** How often it is looked whether results were handed in, and how long a pod may take to end after that. */
const FINISH_MS = 1_000;
const ENDING_MS = 30_000;
/** What has just handed in has not ended yet: the cluster itself needs a moment to see it. */
const FIRST_MS = 2_000;
/** Times the usual pause between two looks. */
const SLOWEST = 3;

/**
 * The API server is asked rarely. What the trainer hands in arrives here without it, so the end of a good attempt is
 * noticed within seconds all the same.
 */
export async function untilNews(
  folder: Pick<ExchangeFolder, 'committedAt'>,
  pollMs: number,
  signal: AbortSignal,
): Promise<void> {
  const begun = Date.now();
  const giveUpAt = begun + pollMs * (1 + Math.random() / 2);
  for (;;) {
    const left = giveUpAt - Date.now();
    if (left <= 0) return;
    await pause(Math.min(left, FINISH_MS), undefined, { signal });
    const at = await folder.committedAt();
    if (at === undefined) continue;
    const now = Date.now();
    if (mayHaveEnded(now - at, now - begun)) return;
  }
}

/**
 * How many times the usual pause is made after so many looks that found nothing new. Only a bad end needs a look to be
 * noticed, and after it no device is held any more.
 */
export function paceOf(steadyLooks: number): number {
  return Math.min(SLOWEST, 1.5 ** steadyLooks);
}

/**
 * Whether a pod is worth another look, so long after it has handed in and after the last look, in milliseconds. One that
 * takes its time is asked for ever more rarely: a cluster may be slow because it is asked too much. When the time is over
 * it is asked for at the usual pace again.
 */
export function mayHaveEnded(sinceHandedIn: number, sinceLook: number): boolean {
  return sinceHandedIn >= FIRST_MS && sinceHandedIn < ENDING_MS && sinceLook >= sinceHandedIn / 3;
}
