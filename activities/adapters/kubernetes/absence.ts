import { setTimeout as pause } from 'node:timers/promises';

/** A removal is looked after at once, and then ever more rarely: pods have half a minute of grace. */
const FIRST_LOOK_MS = 250;
const LAST_LOOK_MS = 4_000;

/** Asks the API server whether something that was deleted is still there. */
export type IsLeft = () => Promise<boolean>;

/** Asks one question after the other, each only until it is answered with no; false when some were not by `giveUpAt`. */
export async function untilAbsent(questions: readonly IsLeft[], giveUpAt: number): Promise<boolean> {
  let wait = FIRST_LOOK_MS;
  await pause(wait);
  for (const isLeft of questions) {
    while (await isLeft()) {
      if (Date.now() > giveUpAt) return false;
      await pause(wait);
      wait = Math.min(wait * 2, LAST_LOOK_MS);
    }
  }
  return true;
}
