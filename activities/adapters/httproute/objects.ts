import { z } from 'zod';

export const GATEWAY_GROUP = 'gateway.networking.k8s.io';

const condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().exactOptional(),
  message: z.string().exactOptional(),
  observedGeneration: z.int().exactOptional(),
});
const metadata = z.object({
  name: z.string(),
  namespace: z.string().exactOptional(),
  generation: z.int().exactOptional(),
  resourceVersion: z.string().exactOptional(),
  annotations: z.record(z.string(), z.string()).exactOptional(),
  managedFields: z
    .array(
      z.object({
        manager: z.string().exactOptional(),
        operation: z.string().exactOptional(),
        subresource: z.string().exactOptional(),
        fieldsV1: z.record(z.string(), z.unknown()).exactOptional(),
      }),
    )
    .exactOptional(),
});
const parentRef = z.object({
  group: z.string().exactOptional(),
  kind: z.string().exactOptional(),
  namespace: z.string().exactOptional(),
  name: z.string(),
  sectionName: z.string().exactOptional(),
  port: z.int().exactOptional(),
});
const backendRef = z.object({
  group: z.string().exactOptional(),
  kind: z.string().exactOptional(),
  namespace: z.string().exactOptional(),
  name: z.string(),
  port: z.int().exactOptional(),
  weight: z.int().exactOptional(),
});
const match = z.object({
  path: z.object({ type: z.string().exactOptional(), value: z.string().exactOptional() }).exactOptional(),
  headers: z.array(z.unknown()).exactOptional(),
});
const rule = z.object({
  name: z.string().exactOptional(),
  matches: z.array(match).exactOptional(),
  backendRefs: z.array(backendRef).exactOptional(),
});

/** The parts of an HTTPRoute that are read. A user's own fields are left where they are: nothing is written from this. */
export const httpRouteSchema = z.object({
  metadata,
  spec: z.object({ parentRefs: z.array(parentRef).exactOptional(), rules: z.array(rule).exactOptional() }),
  status: z
    .object({
      parents: z
        .array(z.object({ parentRef, controllerName: z.string(), conditions: z.array(condition).exactOptional() }))
        .exactOptional(),
    })
    .exactOptional(),
});
export const gatewaySchema = z.object({
  metadata,
  spec: z.object({ gatewayClassName: z.string() }),
  status: z
    .object({
      conditions: z.array(condition).exactOptional(),
      listeners: z
        .array(z.object({ name: z.string(), conditions: z.array(condition).exactOptional() }))
        .exactOptional(),
    })
    .exactOptional(),
});
export const gatewayClassSchema = z.object({
  spec: z.object({ controllerName: z.string() }),
  status: z
    .object({
      /** Objects since Gateway API v1.1; plain names before. */
      supportedFeatures: z.array(z.union([z.string(), z.object({ name: z.string() })])).exactOptional(),
    })
    .exactOptional(),
});

/** A slice without endpoints holds null and not an empty list. */
export const endpointSlicesSchema = z.object({
  items: z.array(
    z.object({
      endpoints: z.array(z.object({ conditions: z.object({ ready: z.boolean().nullish() }).nullish() })).nullish(),
    }),
  ),
});

export type Condition = z.output<typeof condition>;
export type ParentRef = z.output<typeof parentRef>;
export type BackendRef = z.output<typeof backendRef>;
export type RouteRule = z.output<typeof rule>;
export type HttpRoute = z.output<typeof httpRouteSchema>;
export type GatewayObject = z.output<typeof gatewaySchema>;
export type GatewayClass = z.output<typeof gatewayClassSchema>;
