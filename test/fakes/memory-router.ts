import { PortFailure } from '../../activities/ports/port-failure.ts';
import type { PortFailureCode } from '../../activities/ports/port-failure.ts';
import type { Route, RouterCapabilities, TrafficRouter } from '../../activities/ports/traffic-router.ts';

/** Milliseconds since the epoch; a test of skipped time gives the test server's clock. */
export type Clock = () => number | Promise<number>;

export interface RouteChange {
  readonly atMs: number;
  readonly name: string;
  /** Absent: removed. */
  readonly route?: Route;
  readonly forced: boolean;
}

export interface MemoryRouter extends TrafficRouter {
  /** Everything that was written, oldest first. */
  readonly changes: readonly RouteChange[];
  /** What is in force now. */
  current(name: string): Route | undefined;
  /** A stranger changes the route, also the challenger's share if one is given. */
  tamper(name: string, percent?: number): Promise<void>;
  /** The next calls of `apply` fail with this code. */
  failApply(code: PortFailureCode, times?: number): void;
  /** Called before each change, while the old route is still in force. */
  beforeChange(listener: (name: string, atMs: number) => void): void;
}

/** A gateway that exists in memory only. Every write is loaded at once. */
export function createMemoryRouter(
  options: { readonly now?: Clock; readonly capabilities?: Partial<RouterCapabilities> } = {},
): MemoryRouter {
  const now = options.now ?? Date.now;
  const routes = new Map<string, Route>();
  const foreign = new Set<string>();
  const changes: RouteChange[] = [];
  const listeners: ((name: string, atMs: number) => void)[] = [];
  const failures: PortFailureCode[] = [];

  async function change(name: string, forced: boolean, route?: Route): Promise<void> {
    const atMs = await now();
    for (const listener of listeners) listener(name, atMs);
    if (route === undefined) routes.delete(name);
    else routes.set(name, structuredClone(route));
    changes.push({ atMs, name, forced, ...(route && { route }) });
  }

  return {
    changes,
    current: (name) => routes.get(name),
    beforeChange: (listener) => listeners.push(listener),
    failApply: (code, times = 1) => failures.push(...Array.from({ length: times }, () => code)),
    async tamper(name, percent) {
      foreign.add(name);
      const { challenger, ...route } = routes.get(name) ?? {};
      if (percent !== undefined && challenger)
        await change(name, false, { ...route, challenger: { ...challenger, percent } } as Route);
    },
    async capabilities() {
      return { weights: true, mirror: true, failover: false, timeouts: 'each route', ...options.capabilities };
    },
    async apply(route, { force = false } = {}) {
      refuseWrong(route);
      const failure = failures.shift();
      if (failure !== undefined) throw new PortFailure(failure, `writing the route ${route.name} was told to fail`);
      if (foreign.has(route.name) && !force) {
        throw new PortFailure('foreign-write', `the route ${route.name} was changed by somebody else`);
      }
      foreign.delete(route.name);
      if (JSON.stringify(routes.get(route.name)) === JSON.stringify(route)) return;
      await change(route.name, force, route);
    },
    async read(name) {
      return structuredClone(routes.get(name));
    },
    async loaded(name) {
      return routes.has(name);
    },
    async remove(name) {
      foreign.delete(name);
      if (routes.has(name)) await change(name, false);
    },
    async address(name) {
      return `http://gateway.test/${name}`;
    },
  };
}

function refuseWrong(route: Route): void {
  const shadow = route.shadow?.percent ?? 0;
  const arms = [route.champion, route.challenger, route.shadow].filter((arm) => arm !== undefined);
  const right = {
    name: /^[a-z0-9-]{1,40}$/.test(route.name),
    url: arms.every((arm) => URL.canParse(arm.url)),
    requestTimeoutMs: route.requestTimeoutMs > 0,
    challenger: isPercent(route.challenger?.percent ?? 0),
    shadow: isPercent(shadow) && Number.isInteger(shadow),
  };
  const wrong = Object.entries(right).filter(([, holds]) => !holds);
  if (wrong.length === 0) return;
  throw new PortFailure(
    'bad-request',
    `the route ${route.name} is wrong in ${wrong.map(([field]) => field).join(', ')}`,
  );
}

function isPercent(value: number): boolean {
  return value >= 0 && value <= 100;
}
