import { talk } from './terminal.ts';
import type { Screen } from './terminal.ts';

/** So long may an answer take, milliseconds: a server that has just been started is slow, and is no problem. */
export const ANSWER_MS = 10_000;
/** Nobody should look at an empty screen for longer than this. */
const QUIET_MS = 800;

/** Says whom it waits for, when that lasts. */
export async function saidWhileWaiting<T>(
  screen: Pick<Screen, 'err'>,
  whom: string,
  ask: () => Promise<T>,
): Promise<T> {
  const timer = setTimeout(() => talk(screen, `waiting for ${whom}`), QUIET_MS);
  return ask().finally(() => clearTimeout(timer));
}

/** What a server answers to a GET; throws when it takes longer than a person waits. */
export async function get(
  screen: Pick<Screen, 'err'>,
  url: string,
): Promise<{ readonly status: number; readonly text: string }> {
  return saidWhileWaiting(screen, url, async () => {
    const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
    return { status: answer.status, text: await answer.text() };
  });
}
