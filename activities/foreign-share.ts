import { PortFailure } from './ports/port-failure.ts';
import type { TrafficRouter } from './ports/traffic-router.ts';

/** Whole weights come this close to the share that was asked for. */
const TOLERANCE = 0.5;

/**
 * Why the route is not as it was written: another share than `percent`, or gone. A gateway that cannot be asked says nothing
 * of the kind; the counters tell whether anybody still sees the traffic.
 */
export async function foreignShare(router: TrafficRouter, name: string, percent: number): Promise<string | undefined> {
  try {
    const route = await router.read(name);
    if (route === undefined) return `somebody removed the route ${name}`;
    const live = route.challenger?.percent ?? 0;
    if (Math.abs(live - percent) <= TOLERANCE) return undefined;
    return `somebody else changed the route ${name}: the challenger has ${live} %, not ${percent} %`;
  } catch (error) {
    if (error instanceof PortFailure && TELLING.has(error.code)) return error.message;
    if (error instanceof PortFailure) return undefined;
    throw error;
  }
}

/** Answers about the route itself, not about the way to it. */
const TELLING: ReadonlySet<string> = new Set(['foreign-write', 'bad-request']);
