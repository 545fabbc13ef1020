import { ClusterFailure } from './failure.ts';

const stop = new AbortController();

/** Aborted when this process is told to stop; its reason is the sentence for whoever told it. */
export const interruption: AbortSignal = stop.signal;

/** From now on Ctrl-C and SIGTERM end what `run` has started and let the work end in order; a second one ends at once. */
export function obeySignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      stop.abort(new ClusterFailure('interrupted; npm run cluster:up goes on, npm run cluster:down clears away'));
    });
  }
}
