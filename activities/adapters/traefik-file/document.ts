import { z } from 'zod';
import type { Route } from '../../ports/traffic-router.ts';

const httpUrl = z.url({ protocol: /^https?$/, error: 'expected a URL such as http://127.0.0.1:9101' });
const backend = { version: z.string().min(1), url: httpUrl };

/** A route as our files hold it. A server is a backend with more to it: the rest of it is left out. */
export const routeSchema: z.ZodType<Route> = z.object({
  name: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/, 'expected lower-case letters, digits and dashes'),
  model: z.string().min(1),
  champion: z.object(backend),
  challenger: z
    .object({
      ...backend,
      percent: z.number().min(0).max(100).multipleOf(0.01, 'expected at most two decimals'),
    })
    .exactOptional(),
  shadow: z
    .object({
      ...backend,
      /** Traefik mirrors whole percents only: a fraction makes it refuse the whole file. */
      percent: z.number().int('Traefik mirrors whole percents only').min(0).max(100),
    })
    .exactOptional(),
  writtenBy: z.string(),
  reason: z.string(),
  requestTimeoutMs: z.number().int().positive('a gateway without a time-out never counts a hanging server'),
});

const leaf = z.strictObject({
  middlewares: z.array(z.string()).optional(),
  loadBalancer: z.strictObject({
    serversTransport: z.string(),
    healthCheck: z.strictObject({ path: z.string(), interval: z.string(), timeout: z.string() }).optional(),
    servers: z.array(z.strictObject({ url: httpUrl })).length(1),
  }),
});
const split = z.strictObject({
  weighted: z.strictObject({
    healthCheck: z.strictObject({}).optional(),
    services: z.array(z.strictObject({ name: z.string(), weight: z.int().min(0) })).min(1),
  }),
});
const entry = z.strictObject({
  mirroring: z.strictObject({
    service: z.string(),
    maxBodySize: z.int().positive(),
    mirrors: z.array(z.strictObject({ name: z.string(), percent: z.int().min(0).max(100) })),
  }),
});
const router = z.strictObject({
  rule: z.string(),
  service: z.string(),
  entryPoints: z.array(z.string()).min(1),
  middlewares: z.array(z.string()),
  priority: z.int().optional(),
});
const middleware = z.union([
  z.strictObject({ stripPrefix: z.strictObject({ prefixes: z.array(z.string()).min(1) }) }),
  z.strictObject({ headers: z.strictObject({ customRequestHeaders: z.record(z.string(), z.string()) }) }),
  z.strictObject({ headers: z.strictObject({ customResponseHeaders: z.record(z.string(), z.string()) }) }),
]);

/**
 * The part of Traefik's dynamic configuration that we write. Traefik refuses all files together when one of them is
 * broken, so a file is checked against this before it is renamed into place.
 */
export const documentSchema = z.strictObject({
  http: z.strictObject({
    routers: z.record(z.string(), router),
    middlewares: z.record(z.string(), middleware),
    services: z.record(z.string(), z.union([leaf, split, entry])),
    serversTransports: z.record(
      z.string(),
      z.strictObject({
        forwardingTimeouts: z.strictObject({ dialTimeout: z.string(), responseHeaderTimeout: z.string() }),
      }),
    ),
  }),
});
export type TraefikDocument = z.output<typeof documentSchema>;
