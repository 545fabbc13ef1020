import { setTimeout as pause } from 'node:timers/promises';
import { PortFailure } from './ports/port-failure.ts';
import type { PortFailureCode } from './ports/port-failure.ts';

const TRIES = 3;

/** Asks again, a second later and at most three times in all: what is just being restarted must not cost a run its turn. */
export async function patiently<T>(passing: readonly PortFailureCode[], ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      const passes = error instanceof PortFailure && passing.includes(error.code);
      if (!passes || tries === TRIES) throw error;
      await pause(1000);
    }
  }
}
