import { setTimeout as pause } from 'node:timers/promises';

/** A removal is looked after at once, and then ever more rarely: pods have half a minute of grace. */
const FIRST_LOOK_MS = 250;
const LAST_LOOK_MS = 4_000;

/** Asks the API server whether something that was deleted is still there. */
export type IsLeft = () => Promise<boolean>;

/**
 * Asks one question after the other, each only until it is answered with no. What of it is still there at `giveUpAt`; undefined
 * when all is gone.
 */
export async function whatStays(
  questions: readonly (readonly [what: string, isLeft: IsLeft])[],
  giveUpAt: number,
): Promise<string | undefined> {
  let wait = FIRST_LOOK_MS;
  await pause(wait);
  for (const [what, isLeft] of questions) {
    while (await isLeft()) {
      if (Date.now() > giveUpAt) return what;
      await pause(wait);
      wait = Math.min(wait * 2, LAST_LOOK_MS);
    }
  }
  return undefined;
}
