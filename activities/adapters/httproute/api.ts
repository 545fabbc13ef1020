import { CoreV1Api, CustomObjectsApi, DiscoveryV1Api, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import type { KubeConfig, Middleware } from '@kubernetes/client-node';
import type { z } from 'zod';
import { PortFailure } from '../../ports/port-failure.ts';
import { configurationOf } from '../kubernetes/configuration.ts';
import { alreadyExists, failureOf } from '../kubernetes/errors.ts';
import type { ApiCall } from '../kubernetes/errors.ts';
import { endpointSlicesSchema, GATEWAY_GROUP, gatewayClassSchema, gatewaySchema, httpRouteSchema } from './objects.ts';
import type { GatewayClass, GatewayObject, HttpRoute } from './objects.ts';
import { isSecond, secondService } from './second-service.ts';
import type { ServiceRef } from './service-ref.ts';

/** Who we are in `metadata.managedFields`. */
export const FIELD_MANAGER = 'understudy';
export const TRAEFIK_GROUP = 'traefik.io';

export interface PatchOperation {
  readonly op: 'test' | 'add' | 'replace' | 'remove';
  readonly path: string;
  readonly value?: unknown;
}

/** A complete object for server-side apply. */
export interface Applied {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: object;
}

/** The requests of the router, one attempt each, ten seconds at most. Not there is `undefined`; all else throws. */
export interface GatewayApi {
  route(name: string): Promise<HttpRoute | undefined>;
  gateway(namespace: string, name: string): Promise<GatewayObject>;
  gatewayClass(name: string): Promise<GatewayClass>;
  /** Whether `traefikservices.traefik.io` is served. */
  traefikServiceServed(): Promise<boolean>;
  serviceExists(service: ServiceRef): Promise<boolean>;
  /** How many endpoints of a Service are ready, as the gateway sees them. No such Service has none. */
  readyEndpoints(service: ServiceRef): Promise<number>;
  /** Server-side apply. Without `force` a field of another manager answers `conflict`. */
  apply(object: Applied, force: boolean): Promise<void>;
  /** One JSON Patch, all of it or nothing. A failed test answers `conflict`. */
  patchRoute(name: string, operations: readonly PatchOperation[]): Promise<HttpRoute>;
  deleteRoute(name: string): Promise<void>;
  deleteTraefikService(name: string): Promise<void>;
  /** A second Service of this name for the same pods. Already there is success. */
  copyService(from: ServiceRef, name: string): Promise<void>;
  /** Deletes what `copyService` made; a Service of somebody else is left alone. */
  deleteService(service: ServiceRef): Promise<void>;
}

const TIMEOUT_MS = 10_000;
const ROUTES = { group: GATEWAY_GROUP, version: 'v1', plural: 'httproutes' } as const;
const MIRRORS = { group: TRAEFIK_GROUP, version: 'v1alpha1', plural: 'traefikservices' } as const;

/** Opens no connection yet. */
export function createGatewayApi(kubeConfig: KubeConfig, namespace: string): GatewayApi {
  const server = kubeConfig.getCurrentCluster()?.server ?? '';
  const configuration = configurationOf(kubeConfig, { timeoutMs: TIMEOUT_MS }, inAscii);

  const asked: Asked = {
    namespace,
    custom: new CustomObjectsApi(configuration),
    core: new CoreV1Api(configuration),
    discovery: new DiscoveryV1Api(configuration),
    ask: async (call, act) => {
      try {
        return await act();
      } catch (error) {
        throw routeFailure(failureOf(error, call, server));
      }
    },
  };
  return { ...looks(asked), ...writes(asked) };
}

interface Asked {
  readonly namespace: string;
  readonly custom: CustomObjectsApi;
  readonly core: CoreV1Api;
  readonly discovery: DiscoveryV1Api;
  readonly ask: <T>(call: ApiCall, act: () => Promise<T>) => Promise<T>;
}
type Looks = 'route' | 'gateway' | 'gatewayClass' | 'traefikServiceServed' | 'serviceExists' | 'readyEndpoints';

function looks({ namespace, custom, core, discovery, ask }: Asked): Pick<GatewayApi, Looks> {
  return {
    route: async (name) => {
      const call = { verb: 'get', resource: 'httproutes', namespace, name } as const;
      const answer = await orUndefined<unknown>(
        ask(call, async () => custom.getNamespacedCustomObject({ ...ROUTES, namespace, name })),
      );
      return answer === undefined ? undefined : read(httpRouteSchema, answer, call);
    },
    gateway: async (of, name) => {
      const call: ApiCall = { verb: 'get', resource: 'gateways', namespace: of, name };
      const request = { ...ROUTES, plural: 'gateways', namespace: of, name };
      return read(gatewaySchema, await ask<unknown>(call, async () => custom.getNamespacedCustomObject(request)), call);
    },
    gatewayClass: async (name) => {
      const call: ApiCall = { verb: 'get', resource: 'gatewayclasses', name };
      const request = { ...ROUTES, plural: 'gatewayclasses', name };
      return read(
        gatewayClassSchema,
        await ask<unknown>(call, async () => custom.getClusterCustomObject(request)),
        call,
      );
    },
    traefikServiceServed: async () => {
      const call: ApiCall = { verb: 'list', resource: `apis/${TRAEFIK_GROUP}/${MIRRORS.version}` };
      const list = await orUndefined(ask(call, async () => custom.getAPIResources(MIRRORS)));
      return list?.resources.some((resource) => resource.name === MIRRORS.plural) ?? false;
    },
    serviceExists: async ({ name, namespace: of }) => {
      const call: ApiCall = { verb: 'get', resource: 'services', namespace: of, name };
      return (
        (await orUndefined(ask(call, async () => core.readNamespacedService({ namespace: of, name })))) !== undefined
      );
    },
    readyEndpoints: async ({ name, namespace: of }) => {
      const call: ApiCall = { verb: 'list', resource: 'endpointslices', namespace: of };
      const request = { namespace: of, labelSelector: `kubernetes.io/service-name=${name}` };
      const list = await ask<unknown>(call, async () => discovery.listNamespacedEndpointSlice(request));
      const { items } = read(endpointSlicesSchema, list, call);
      const endpoints = items.flatMap((slice) => slice.endpoints ?? []);
      // An endpoint that says nothing is ready, by the API's own words.
      return endpoints.filter(({ conditions }) => conditions?.ready !== false).length;
    },
  };
}

function writes({ namespace, custom, core, ask }: Asked): Omit<GatewayApi, Looks> {
  const inNamespace = (verb: 'patch' | 'delete', resource: string, name: string): ApiCall => ({
    verb,
    resource,
    name,
    namespace,
  });
  const remove = async (kind: typeof ROUTES | typeof MIRRORS, name: string) => {
    const call = inNamespace('delete', kind.plural, name);
    await orUndefined(ask(call, async () => custom.deleteNamespacedCustomObject({ ...kind, namespace, name })));
  };

  return {
    apply: async (object, force) => {
      const kind = object.kind === 'HTTPRoute' ? ROUTES : MIRRORS;
      const { name } = object.metadata;
      const request = { ...kind, namespace, name, body: object, force, fieldManager: FIELD_MANAGER };
      const as = setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply);
      const strict = { ...request, fieldValidation: 'Strict' };
      await ask(inNamespace('patch', kind.plural, name), async () => custom.patchNamespacedCustomObject(strict, as));
    },
    patchRoute: async (name, body) => {
      const call = inNamespace('patch', 'httproutes', name);
      const request = { ...ROUTES, namespace, name, body, fieldManager: FIELD_MANAGER, fieldValidation: 'Strict' };
      const as = setHeaderOptions('Content-Type', PatchStrategy.JsonPatch);
      const answer = await ask<unknown>(call, async () => custom.patchNamespacedCustomObject(request, as));
      return read(httpRouteSchema, answer, call);
    },
    deleteRoute: async (name) => remove(ROUTES, name),
    deleteTraefikService: async (name) => remove(MIRRORS, name),
    copyService: async (from, name) => {
      const { namespace: of } = from;
      const read: ApiCall = { verb: 'get', resource: 'services', namespace: of, name: from.name };
      const live = await ask(read, async () => core.readNamespacedService({ namespace: of, name: from.name }));
      const request = { namespace: of, body: secondService(live, from, name), fieldManager: FIELD_MANAGER };
      const call: ApiCall = { verb: 'create', resource: 'services', namespace: of, name };
      await unlessThere(ask(call, async () => core.createNamespacedService(request)));
    },
    deleteService: async ({ name, namespace: of }) => {
      const at = { resource: 'services', namespace: of, name } as const;
      const read = async () => core.readNamespacedService({ namespace: of, name });
      const live = await orUndefined(ask({ verb: 'get', ...at }, read));
      if (live === undefined || !isSecond(live)) return;
      await orUndefined(
        ask({ verb: 'delete', ...at }, async () => core.deleteNamespacedService({ namespace: of, name })),
      );
    },
  };
}

/**
 * A 422 with fields is an object that breaks the schema. One without is a JSON Patch whose test failed, on a value or on
 * the resourceVersion, or whose path is not there: the server does not say which, so it is a conflict to look into.
 */
function routeFailure(failure: PortFailure): PortFailure {
  if (failure.details['status'] !== 422) return failure;
  const fields = failure.details['fields'];
  const code = fields === undefined || fields === '' ? 'conflict' : 'bad-request';
  return new PortFailure(code, failure.message, { cause: failure, details: failure.details });
}

async function unlessThere(made: Promise<unknown>): Promise<void> {
  try {
    await made;
  } catch (error) {
    if (!alreadyExists(error)) throw error;
  }
}

/** JSON in plain ASCII: server-side apply is read as YAML, which ends a line at U+0085, U+2028 and U+2029 as well. */
const inAscii: Middleware = {
  pre: async (request) => {
    const body = request.getBody();
    if (typeof body === 'string') request.setBody(asciiOnly(body));
    return Promise.resolve(request);
  },
  post: async (answer) => Promise.resolve(answer),
};

function asciiOnly(json: string): string {
  return json.replaceAll(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

async function orUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof PortFailure && error.code === 'not-found') return undefined;
    throw error;
  }
}

function read<T>(schema: z.ZodType<T>, answer: unknown, call: ApiCall): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const what = `${call.resource} ${call.name ?? ''}`.trim();
  throw new PortFailure('malformed-answer', `the API server's ${what} cannot be understood: ${parsed.error.message}`, {
    cause: parsed.error,
  });
}
