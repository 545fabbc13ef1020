import { z } from 'zod';
import { PortFailure } from '../../ports/port-failure.ts';
import type { Route, TrafficRouter } from '../../ports/traffic-router.ts';
import { routeSchema } from './document.ts';
import { checkDocument, GENERATION_HEADER, generationToken, parseRouteFile, renderRoute } from './render.ts';
import type { RenderOptions } from './render.ts';
import { alone, discard, nextGeneration, readText, refuseForeign, replace, routeFile } from './route-file.ts';

export interface TraefikRouterOptions extends Partial<RenderOptions> {
  /** The folder that Traefik's file provider watches. */
  readonly routesDir: string;
  /** A folder beside it on the same file system. */
  readonly stagingDir: string;
  /** Base URL of Traefik's entry point for clients. */
  readonly address: string;
}

const LOADED_TIMEOUT_MS = 2000;

/**
 * Routes as files of Traefik's file provider, one whole file per route. Depends on nothing but the file system: a rollback
 * works while everything else is down. Clients reach the servers at `<address>/<route>/…`.
 */
export function createTraefikRouter(options: TraefikRouterOptions): TrafficRouter {
  const render: RenderOptions = { entryPoint: 'web', mirrorBodyBytes: 1024 ** 2, ...options };
  const address = options.address.replace(/\/$/, '');
  const fileOf = (name: string) => routeFile(checkedName(name), options);

  return {
    async capabilities() {
      const failover = options.healthCheckPath !== undefined;
      return { weights: true, mirror: true, failover, timeouts: 'each route' };
    },

    async apply(given, { force = false } = {}) {
      const route = checkedRoute(given);
      const where = fileOf(route.name);
      await alone(where, force, async () => {
        const text = await readText(where.file);
        if (!force) await refuseForeign(where, text);
        const now = text === undefined ? undefined : parseRouteFile(text);
        // A write that changes nothing would only make the gateway load its configuration again.
        if (now !== undefined && text === renderRoute({ ...now, route }, render)) return;
        const generation = await nextGeneration(where, now?.generation ?? 0);
        const next = renderRoute({ generation, route }, render);
        checkDocument(next);
        await replace(where, next, generation);
      });
    },

    async read(name) {
      const where = fileOf(name);
      const text = await readText(where.file);
      if (text === undefined) return undefined;
      const written = parseRouteFile(text);
      if (written !== undefined) return written.route;
      throw new PortFailure(
        'foreign-write',
        `${where.file} holds no route that Understudy wrote; remove it, or apply the route again by force`,
        { details: { file: where.file, route: name } },
      );
    },

    async loaded(name) {
      const text = await readText(fileOf(name).file);
      const written = text === undefined ? undefined : parseRouteFile(text);
      return written !== undefined && (await generationAt(`${address}/${name}`)) === generationToken(written);
    },

    async remove(name) {
      const where = fileOf(name);
      await alone(where, false, async () => discard(where));
    },

    async address(name) {
      return `${address}/${checkedName(name)}`;
    },
  };
}

/**
 * Which write the gateway works by, told by the gateway itself: every route file carries a small router that answers its
 * own generation. Traefik's reload time has whole seconds only and says nothing about a single file. A gateway that is
 * not there has loaded nothing.
 */
async function generationAt(route: string): Promise<string | null> {
  try {
    const answer = await fetch(`${route}/.understudy/generation`, { signal: AbortSignal.timeout(LOADED_TIMEOUT_MS) });
    await answer.body?.cancel();
    return answer.headers.get(GENERATION_HEADER);
  } catch {
    return null;
  }
}

function checkedRoute(route: Route): Route {
  const parsed = routeSchema.safeParse(route);
  if (parsed.success) return parsed.data;
  throw new PortFailure('bad-request', `the route ${route.name} cannot be written: ${z.prettifyError(parsed.error)}`, {
    details: { route: route.name },
  });
}

/** Names become file names and paths of URLs. */
function checkedName(name: string): string {
  if (/^[a-z0-9-]{1,40}$/.test(name)) return name;
  throw new PortFailure('bad-request', `"${name}" is no route name: expected lower-case letters, digits and dashes`, {
    details: { route: name },
  });
}
