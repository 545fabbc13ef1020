import { setTimeout as pause } from 'node:timers/promises';
import { FAILURES } from '../../../activities/failures.ts';
import { PortFailure } from '../../../activities/ports/port-failure.ts';
import type { KubernetesProxy, Where } from '../../faults/kubernetes-proxy.ts';
import { present } from '../../present.ts';
import { until } from '../cluster.ts';

/** What can go wrong between a client and an API server, by the name under which the proxy counts it. */
export const FAULTS = {
  conflict: (proxy, where) => proxy.conflict(2, where),
  storm: (proxy, where) => proxy.conflictStorm(600, where),
  gone: (proxy, where) => proxy.gone(where),
  throttle: (proxy, where) => proxy.throttle(1, where),
  'fail-500': (proxy, where) => proxy.fail(500, where),
  'fail-503': (proxy, where) => proxy.fail(503, where),
  'reset-before': (proxy, where) => proxy.reset('before', where),
  'reset-after': (proxy, where) => proxy.reset('after', where),
  delay: (proxy, where) => proxy.delay(SLOW_MS, where),
} as const satisfies Record<string, (proxy: KubernetesProxy, where: Where) => void>;
export type FaultName = keyof typeof FAULTS;

/** What a client of these suites waits for an answer, and an answer that is too slow for it. */
export const TIMEOUT_MS = 1_500;
const SLOW_MS = 3_000;

const names = Object.keys(FAULTS) as FaultName[];
/** A read meets no conflict. */
export const READ_FAULTS = names.filter((name) => name !== 'conflict' && name !== 'storm');
export const WRITE_FAULTS = names;

/**
 * What a write can meet one after the other in one life, where a life is dear: it is refused in every way, and the last try
 * is executed unheard. A slow answer is a life of its own, for what is held up may come after the end.
 */
export const QUICK_FAULTS: readonly FaultName[] = [
  'conflict',
  'gone',
  'throttle',
  'fail-500',
  'fail-503',
  'reset-before',
  'storm',
  'reset-after',
];

/** Rows of lives in which each place meets all its faults; `said` names them. */
export function oneAfterTheOther<P>(writes: readonly P[], reads: readonly P[]) {
  const slow: readonly FaultName[] = ['delay'];
  return [
    ...writes.flatMap((where) => [QUICK_FAULTS, slow].map((faults) => ({ where, faults }))),
    ...reads.map((where) => ({ where, faults: READ_FAULTS })),
  ].map((row) => ({ ...row, said: row.faults.join(', ') }));
}

/** Whether this fault met anybody. */
export function met(proxy: KubernetesProxy, fault: FaultName): boolean {
  return proxy.fired.has(fault.startsWith('fail-') ? 'fail' : fault);
}

/** How a run does it: what may be tried again is tried again, not before the server wants it, and not for ever. */
export async function patiently<T>(act: () => Promise<T>, tries = 12): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await act();
    } catch (error) {
      const again = error instanceof PortFailure && FAILURES[error.code].retry && attempt < tries;
      if (!again) throw error;
      const after = error.details['retryAfterSeconds'];
      await pause(typeof after === 'number' ? after * 1000 : 100);
    }
  }
}

/** As often as many faults one after the other ask for. */
export async function veryPatiently<T>(act: () => Promise<T>): Promise<T> {
  return await patiently(act, 50);
}

/** How often this was asked for through the proxy: method and end of the path. */
export function timesAsked({ seen }: KubernetesProxy, method: string, end: string): number {
  return seen.filter((one) => one.startsWith(`${method} `) && one.endsWith(end)).length;
}

/** Returns when it was asked for so many times more. */
export async function untilAsked(proxy: KubernetesProxy, method: string, end: string, more: number): Promise<void> {
  const least = timesAsked(proxy, method, end) + more;
  const look = async () => Promise.resolve(timesAsked(proxy, method, end) >= least ? true : undefined);
  await until(`${method} ${end} is asked for ${more} times more`, look);
}

/** Each fault at each place, as rows of a table. */
export function everywhere<P>(places: readonly P[], faults: readonly FaultName[]): (readonly [FaultName, P])[] {
  return places.flatMap((place) => faults.map((fault) => [fault, place] as const));
}

/** Runs the rows in so many lanes at once; what became of a row is told to whoever asks for it. */
export function inLanes<R>(
  lanes: number,
  rows: readonly R[],
  run: (row: R) => Promise<void>,
): (row: R) => Promise<void> {
  const ends = Array.from({ length: lanes }, async () => Promise.resolve());
  const outcomes = new Map<R, Promise<void>>();
  for (const [index, row] of rows.entries()) {
    const mine = present(ends[index % lanes]).then(async () => run(row));
    outcomes.set(row, mine);
    ends[index % lanes] = mine.catch(() => undefined);
  }
  return async (row) => await present(outcomes.get(row));
}
