import { setTimeout as pause } from 'node:timers/promises';

/** Asks again until the answer satisfies, and says what it was last when time is up. */
export async function eventually<T>(
  ask: () => Promise<T>,
  satisfies: (answer: T) => boolean,
  withinMs = 15_000,
): Promise<T> {
  const giveUpAt = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (satisfies(answer)) return answer;
    if (Date.now() > giveUpAt) throw new Error(`after ${withinMs} ms it is still ${JSON.stringify(answer)}`);
    await pause(20);
  }
}
