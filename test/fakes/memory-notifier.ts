import { PortFailure } from '../../activities/ports/port-failure.ts';
import type { Notification, Notifier } from '../../activities/ports/notifier.ts';

export interface MemoryNotifier extends Notifier {
  readonly received: readonly Notification[];
  /** Messages fail from now on, or no longer. */
  silence(on?: boolean): void;
}

/** Keeps the messages instead of sending them. */
export function createMemoryNotifier(): MemoryNotifier {
  const received: Notification[] = [];
  let silent = false;
  return {
    received,
    silence(on = true) {
      silent = on;
    },
    async notify(message) {
      if (silent) throw new PortFailure('unavailable', 'the notifier was told to reach nobody');
      received.push(message);
    },
  };
}
