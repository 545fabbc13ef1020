import { createHash } from 'node:crypto';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import type { Backend, Route } from '../../ports/traffic-router.ts';
import { documentSchema, routeSchema } from './document.ts';
import type { TraefikDocument } from './document.ts';

/** Header on every mirrored request; a request that comes in with it loses it at the router. */
const SHADOW_HEADER = 'X-Understudy-Shadow';
/** Header of the answer at `/<route>/.understudy/generation`: which write the gateway works by. */
export const GENERATION_HEADER = 'X-Understudy-Generation';

export interface RenderOptions {
  /** Traefik's entry point for clients. */
  readonly entryPoint: string;
  /** Mirrored bodies are buffered in memory; a larger one is not mirrored. */
  readonly mirrorBodyBytes: number;
  /** Set: Traefik probes every server there and sends no live traffic to one that fails. */
  readonly healthCheckPath?: string;
}

/** What the comment line of a route file says. */
export interface Written {
  readonly generation: number;
  readonly route: Route;
}

const MARK = '# understudy: ';
const writtenSchema = z.strictObject({ generation: z.int().positive(), route: routeSchema });

/** The complete route file. The comment holds the route as it was asked for; the document is rendered anew each time. */
export function renderRoute(written: Written, options: RenderOptions): string {
  const comment = `# Written by Understudy, which alone may change it. Now: understudy status. Back: understudy rollback.\n`;
  const body = stringify(documentOf(written, options), { lineWidth: 0, aliasDuplicateObjects: false });
  return `${comment}${MARK}${asciiJson(written)}\n${body}`;
}

/** The inverse of `renderRoute`; `undefined` when the text was not written by us. */
export function parseRouteFile(text: string): Written | undefined {
  const line = text.split('\n').find((candidate) => candidate.startsWith(MARK));
  if (line === undefined) return undefined;
  try {
    const parsed = writtenSchema.safeParse(JSON.parse(line.slice(MARK.length)));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Throws with zod's account when the text is not a document that Traefik will accept. */
export function checkDocument(text: string): void {
  documentSchema.parse(parse(text));
}

/** Names one write: the generation alone would repeat after a route was removed and made again. */
export function generationToken(written: Written): string {
  const digest = createHash('sha256').update(JSON.stringify(written.route)).digest('hex');
  return `${written.generation}.${digest.slice(0, 12)}`;
}

/**
 * Every name ends with a word of its own, so no two routes ever share a name, whatever they are called. The router always
 * points at the same mirroring service: Traefik's router counters carry the service's name and would otherwise start
 * anew with each shadow.
 */
function documentOf(written: Written, options: RenderOptions): TraefikDocument {
  const { route } = written;
  const { name } = route;
  const leaf = (backend: Backend) => leafOf(name, backend, options);
  return {
    http: {
      routers: {
        [name]: {
          rule: `Path(\`/${name}\`) || PathPrefix(\`/${name}/\`)`,
          service: `${name}-entry`,
          entryPoints: [options.entryPoint],
          middlewares: [`${name}-strip`, `${name}-unmark`],
        },
        [`${name}_generation`]: {
          rule: `Path(\`/${name}/.understudy/generation\`)`,
          service: 'noop@internal',
          entryPoints: [options.entryPoint],
          middlewares: [`${name}-generation`],
          priority: 1_000_000,
        },
      },
      middlewares: {
        [`${name}-strip`]: { stripPrefix: { prefixes: [`/${name}`] } },
        [`${name}-unmark`]: { headers: { customRequestHeaders: { [SHADOW_HEADER]: '' } } },
        [`${name}-mark`]: { headers: { customRequestHeaders: { [SHADOW_HEADER]: '1' } } },
        [`${name}-generation`]: {
          headers: { customResponseHeaders: { [GENERATION_HEADER]: generationToken(written) } },
        },
      },
      services: {
        [`${name}-entry`]: entryOf(route, options),
        [`${name}-split`]: splitOf(route, options),
        [`${name}-champion`]: leaf(route.champion),
        ...(route.challenger && { [`${name}-challenger`]: leaf(route.challenger) }),
        ...(route.shadow && { [`${name}-shadow`]: { middlewares: [`${name}-mark`], ...leaf(route.shadow) } }),
      },
      serversTransports: {
        [`${name}-bounded`]: {
          forwardingTimeouts: { dialTimeout: '1s', responseHeaderTimeout: `${route.requestTimeoutMs}ms` },
        },
      },
    },
  };
}

function entryOf(route: Route, options: RenderOptions): TraefikDocument['http']['services'][string] {
  const mirrors = route.shadow === undefined ? [] : [{ name: `${route.name}-shadow`, percent: route.shadow.percent }];
  return { mirroring: { service: `${route.name}-split`, maxBodySize: options.mirrorBodyBytes, mirrors } };
}

/** Weights are whole numbers; fractions of a percent need a finer sum. An arm with weight 0 keeps its counters. */
function splitOf(route: Route, options: RenderOptions): TraefikDocument['http']['services'][string] {
  const percent = route.challenger?.percent ?? 0;
  const scale = Number.isInteger(percent) ? 1 : 100;
  const challenger = Math.round(percent * scale);
  const services = [
    { name: `${route.name}-champion`, weight: 100 * scale - challenger },
    ...(route.challenger === undefined ? [] : [{ name: `${route.name}-challenger`, weight: challenger }]),
  ];
  return { weighted: { ...(options.healthCheckPath === undefined ? {} : { healthCheck: {} }), services } };
}

function leafOf(route: string, backend: Backend, options: RenderOptions) {
  const probe =
    options.healthCheckPath === undefined
      ? {}
      : { healthCheck: { path: options.healthCheckPath, interval: '2s', timeout: '1s' } };
  return { loadBalancer: { serversTransport: `${route}-bounded`, ...probe, servers: [{ url: backend.url }] } };
}

/** JSON in plain ASCII: Traefik's YAML reader ends a comment at U+0085, U+2028 and U+2029 as well. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
