import { CoreV1Api, CustomObjectsApi, DiscoveryV1Api, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import type { KubeConfig, V1EndpointSlice, V1Service } from '@kubernetes/client-node';
import { PortFailure } from '../../ports/port-failure.ts';
import { FIELD_MANAGER } from '../httproute/api.ts';
import type { PatchOperation } from '../httproute/api.ts';
import { configurationOf } from '../kubernetes/configuration.ts';
import { failureOf, isNotFound } from '../kubernetes/errors.ts';
import type { ApiCall } from '../kubernetes/errors.ts';
import { inferenceServiceSchema, KSERVE_GROUP } from './objects.ts';
import type { InferenceService } from './objects.ts';

/** The requests of router and servers, one attempt each, ten seconds at most. Not there is `undefined`; all else throws. */
export interface KserveApi {
  readonly namespace: string;
  get(name: string): Promise<InferenceService | undefined>;
  /** Those that carry all of these labels. */
  list(labelSelector: string): Promise<InferenceService[]>;
  /** One JSON Patch, all of it or nothing. A failed test answers `conflict`. */
  patch(name: string, operations: readonly PatchOperation[]): Promise<InferenceService>;
  service(name: string): Promise<V1Service | undefined>;
  endpointSlices(service: string): Promise<V1EndpointSlice[]>;
}

const TIMEOUT_MS = 10_000;
const KIND = { group: KSERVE_GROUP, version: 'v1beta1', plural: 'inferenceservices' } as const;

/** Opens no connection yet. */
export function createKserveApi(kubeConfig: KubeConfig, namespace: string): KserveApi {
  const server = kubeConfig.getCurrentCluster()?.server ?? '';
  const configuration = configurationOf(kubeConfig, { timeoutMs: TIMEOUT_MS });

  const custom = new CustomObjectsApi(configuration);
  const [core, discovery] = [new CoreV1Api(configuration), new DiscoveryV1Api(configuration)];
  const ask: Ask = async (verb, [resource, name], act) => {
    try {
      return await act();
    } catch (error) {
      const call: ApiCall = { verb, resource, namespace, ...(name === undefined ? {} : { name }) };
      throw kserveFailure(failureOf(error, call, server));
    }
  };
  const services = (name: string) => ['services', name] as const;
  return {
    namespace,
    ...inferenceServices(custom, namespace, ask),
    service: async (name) =>
      orUndefined(ask('get', services(name), async () => core.readNamespacedService({ namespace, name }))),
    endpointSlices: async (service) => {
      const request = { namespace, labelSelector: `kubernetes.io/service-name=${service}` };
      return (await ask('list', ['endpointslices'], async () => discovery.listNamespacedEndpointSlice(request))).items;
    },
  };
}

/** `what`: the resource, and the name of the object. */
type Ask = <T>(
  verb: ApiCall['verb'],
  what: readonly [resource: string, name?: string],
  act: () => Promise<T>,
) => Promise<T>;

function inferenceServices(
  custom: CustomObjectsApi,
  namespace: string,
  ask: Ask,
): Pick<KserveApi, 'get' | 'list' | 'patch'> {
  const named = (name: string) => ['inferenceservices', name] as const;
  return {
    get: async (name) => {
      const request = { ...KIND, namespace, name };
      const answer = await orUndefined<unknown>(
        ask('get', named(name), async () => custom.getNamespacedCustomObject(request)),
      );
      return answer === undefined ? undefined : read(answer, name);
    },
    list: async (labelSelector) => {
      const request = { ...KIND, namespace, labelSelector };
      const answer: unknown = await ask('list', ['inferenceservices'], async () =>
        custom.listNamespacedCustomObject(request),
      );
      const { items } = answer as { items?: unknown };
      return Array.isArray(items) ? items.map((item) => read(item, labelSelector)) : [];
    },
    patch: async (name, body) => {
      // Strict: a KServe too old for spec.canary must refuse it, not drop it and answer 200.
      const request = { ...KIND, namespace, name, body, fieldManager: FIELD_MANAGER, fieldValidation: 'Strict' };
      const as = setHeaderOptions('Content-Type', PatchStrategy.JsonPatch);
      return read(
        await ask<unknown>('patch', named(name), async () => custom.patchNamespacedCustomObject(request, as)),
        name,
      );
    },
  };
}

/**
 * A 422 with fields is an object that the CRD or KServe's webhook refuses. One without is a JSON Patch whose test failed or
 * whose path is not there; the server does not say which, so it is a conflict to look into.
 */
function kserveFailure(failure: PortFailure): PortFailure {
  const { status, fields } = failure.details;
  const again = (code: 'conflict' | 'bad-request' | 'unsupported', more = ''): PortFailure =>
    new PortFailure(code, failure.message + more, { cause: failure, details: failure.details });
  if (status === 422) return again(fields === undefined || fields === '' ? 'conflict' : 'bad-request');
  if (/unknown field "spec\.canary/.test(failure.message)) {
    return again(
      'unsupported',
      ' · this KServe does not know spec.canary: KServe 0.21 or newer is needed for traffic.mode standard',
    );
  }
  return failure.code === 'job-invalid' ? again('bad-request') : failure;
}

async function orUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function read(answer: unknown, name: string): InferenceService {
  const parsed = inferenceServiceSchema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new PortFailure(
    'malformed-answer',
    `the InferenceService ${name} cannot be understood: ${parsed.error.message}`,
    { cause: parsed.error, details: { service: name } },
  );
}
