import { PortFailure } from '../../activities/ports/port-failure.ts';
import type { LoadGenerator, LoadResult } from '../../activities/ports/load-generator.ts';
import type { RunningServer } from '../../activities/ports/serving.ts';

export interface MemoryLoadOptions {
  /** Milliseconds of each answer; default 8 for everybody. */
  readonly latencyMs?: (server: RunningServer, index: number) => number;
  /** Share of failed answers; default none. 1 is a server that is gone. */
  readonly errors?: (server: RunningServer) => number;
  readonly maxRatePerSecond?: number;
  readonly maxDurationMs?: number;
}

/** A load run that takes no time: latencies are what the test says. */
export function createMemoryLoad(options: MemoryLoadOptions = {}): LoadGenerator {
  const { latencyMs = () => 8, errors = () => 0, maxRatePerSecond = 500, maxDurationMs = 120_000 } = options;

  function resultFor(server: RunningServer, sent: number): LoadResult {
    const failed = Math.round(sent * errors(server));
    const latenciesMs = Array.from({ length: sent - failed }, (_, index) => latencyMs(server, index));
    return { sent, failed, latenciesMs: latenciesMs.toSorted((a, b) => a - b) };
  }

  return {
    async run({ targets, ratePerSecond, durationMs, rows }) {
      const right = isWithin(ratePerSecond, maxRatePerSecond) && isWithin(durationMs, maxDurationMs);
      if (!right || rows.length === 0) throw new PortFailure('bad-request', 'the load run was refused');
      const sent = Math.max(1, Math.round((ratePerSecond * durationMs) / 1000));
      return Object.fromEntries(targets.map(({ name, server }) => [name, resultFor(server, sent)]));
    },
  };
}

function isWithin(value: number, limit: number): boolean {
  return value > 0 && value <= limit;
}
