import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { PortFailure } from '../ports/port-failure.ts';
import type { LoadGenerator, LoadRequest, LoadResult } from '../ports/load-generator.ts';
import { openCaller } from './open-loop-load/caller.ts';
import type { Caller } from './open-loop-load/caller.ts';
import { planArrivals } from './open-loop-load/plan.ts';
import type { Arrival } from './open-loop-load/plan.ts';

export interface OpenLoopLoadOptions {
  /** Per target. */
  readonly maxRatePerSecond: number;
  readonly maxDurationMs: number;
  /** A request that takes longer has failed. */
  readonly requestTimeoutMs?: number;
}

type Outcome = { readonly target: string; readonly latencyMs?: number };

/**
 * A load run with arrival times that are fixed beforehand. A latency counts from the moment a request was due, not from
 * when it could be sent: a server that stalls makes the requests behind it late, and a closed loop would hide that
 * ("coordinated omission"). Targets take turns, so a busy moment of this machine hits them alike.
 */
export function createOpenLoopLoad(options: OpenLoopLoadOptions): LoadGenerator {
  const timeoutMs = options.requestTimeoutMs ?? 10_000;
  return {
    async run(request) {
      refuseUnbounded(request, options);
      const callers = new Map(
        request.targets.map(({ name, server }) => [name, openCaller(server, request.http, timeoutMs)] as const),
      );
      try {
        return await send(request, callers);
      } finally {
        for (const caller of callers.values()) caller.close();
      }
    },
  };
}

async function send(request: LoadRequest, callers: ReadonlyMap<string, Caller>): Promise<Record<string, LoadResult>> {
  const names = request.targets.map((target) => target.name);
  const calls: Promise<Outcome>[] = [];
  // Two runs must not share ids: the serving logs pair by them.
  const run = randomUUID();
  const startMs = performance.now();
  for (const arrival of planArrivals(names, request)) {
    const waitMs = startMs + arrival.atMs - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    const caller = callers.get(arrival.target);
    const row = request.rows[arrival.row];
    if (caller === undefined || row === undefined) continue;
    const outcome = caller.call(`load-${run}-${arrival.round}`, row);
    calls.push(timed(outcome, arrival, startMs));
  }
  return resultsOf(names, await Promise.all(calls));
}

async function timed(call: Promise<boolean>, arrival: Arrival, startMs: number): Promise<Outcome> {
  const answered = await call;
  const latencyMs = performance.now() - startMs - arrival.atMs;
  return answered ? { target: arrival.target, latencyMs: Math.max(0, latencyMs) } : { target: arrival.target };
}

function resultsOf(names: readonly string[], outcomes: readonly Outcome[]): Record<string, LoadResult> {
  return Object.fromEntries(
    names.map((name) => {
      const ours = outcomes.filter((outcome) => outcome.target === name);
      const latenciesMs = ours.flatMap(({ latencyMs }) => (latencyMs === undefined ? [] : [latencyMs]));
      const result: LoadResult = {
        sent: ours.length,
        failed: ours.length - latenciesMs.length,
        latenciesMs: latenciesMs.toSorted((a, b) => a - b),
      };
      return [name, result];
    }),
  );
}

function refuseUnbounded(request: LoadRequest, options: OpenLoopLoadOptions): void {
  const { ratePerSecond, durationMs, rows, targets } = request;
  const wrong = [
    ...(ratePerSecond > 0 && ratePerSecond <= options.maxRatePerSecond
      ? []
      : [
          `rate ${ratePerSecond}/s: expected above 0 and at most ${options.maxRatePerSecond}/s (settings: load.maxRate)`,
        ]),
    ...(durationMs > 0 && durationMs <= options.maxDurationMs
      ? []
      : [`${durationMs} ms: expected above 0 and at most ${options.maxDurationMs} ms (settings: load.maxFor)`]),
    ...(rows.length > 0 ? [] : ['no rows: expected at least one to send']),
    ...(new Set(targets.map(({ name }) => name)).size === targets.length ? [] : ['two targets of one name']),
  ];
  if (wrong.length > 0) throw new PortFailure('bad-request', `the load run was refused: ${wrong.join('; ')}`);
}
