import { notifierContract } from '../contracts/notifier.ts';
import { createMemoryNotifier } from './memory-notifier.ts';

notifierContract('memory-notifier', async () => {
  const notifier = createMemoryNotifier();
  return {
    notifier,
    received: async () => notifier.received,
    silence: async () => notifier.silence(),
    stop: async () => undefined,
  };
});
