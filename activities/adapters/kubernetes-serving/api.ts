import { AppsV1Api, CoreV1Api, DiscoveryV1Api, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import type { V1Deployment, V1EndpointSlice, V1Service } from '@kubernetes/client-node';
import { deletion, openRequests, STRICT } from '../kubernetes/client.ts';
import type { KubernetesConnection } from '../kubernetes/client.ts';

/** What serving asks of the API server beyond `KubernetesClient`; it throws as that does. */
export interface ServingApi {
  createDeployment(deployment: V1Deployment): Promise<V1Deployment>;
  getDeployment(name: string): Promise<V1Deployment>;
  listDeployments(labelSelector: string): Promise<readonly V1Deployment[]>;
  /** A merge patch: what it does not name stays. With a `resourceVersion` that is no longer the newest it answers `conflict`. */
  patchDeployment(name: string, patch: object): Promise<void>;
  /** Foreground: the Deployment stays until its pods are gone. */
  deleteDeployment(name: string, uid: string): Promise<void>;
  createService(service: V1Service): Promise<V1Service>;
  getService(name: string): Promise<V1Service>;
  deleteService(name: string, uid: string): Promise<void>;
  /** Where the pods behind a Service answer, and which of them are ready. */
  listEndpoints(service: string): Promise<readonly V1EndpointSlice[]>;
}

/** Opens no connection yet. */
export function createServingApi(connection: KubernetesConnection): ServingApi {
  const { configuration, ask } = openRequests(connection);
  const { namespace } = connection;
  const [apps, core, discovery] = [
    new AppsV1Api(configuration),
    new CoreV1Api(configuration),
    new DiscoveryV1Api(configuration),
  ];
  const merge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
  return {
    createDeployment: async (body) => {
      const request = { namespace, fieldValidation: STRICT, body };
      return await ask('create', ['deployments', body.metadata?.name], () => apps.createNamespacedDeployment(request));
    },
    getDeployment: async (name) =>
      await ask('get', ['deployments', name], () => apps.readNamespacedDeployment({ namespace, name })),
    listDeployments: async (labelSelector) =>
      (await ask('list', ['deployments'], () => apps.listNamespacedDeployment({ namespace, labelSelector }))).items,
    patchDeployment: async (name, body) => {
      const request = { namespace, name, body, fieldValidation: STRICT };
      await ask('patch', ['deployments', name], () => apps.patchNamespacedDeployment(request, merge));
    },
    deleteDeployment: async (name, uid) => {
      const request = { namespace, name, body: deletion(uid) };
      await ask('delete', ['deployments', name], () => apps.deleteNamespacedDeployment(request));
    },
    createService: async (body) => {
      const request = { namespace, fieldValidation: STRICT, body };
      return await ask('create', ['services', body.metadata?.name], () => core.createNamespacedService(request));
    },
    getService: async (name) =>
      await ask('get', ['services', name], () => core.readNamespacedService({ namespace, name })),
    deleteService: async (name, uid) => {
      const request = { namespace, name, body: deletion(uid) };
      await ask('delete', ['services', name], () => core.deleteNamespacedService(request));
    },
    listEndpoints: async (service) => {
      const labelSelector = `kubernetes.io/service-name=${service}`;
      const request = { namespace, labelSelector };
      return (await ask('list', ['endpointslices'], () => discovery.listNamespacedEndpointSlice(request))).items;
    },
  };
}
