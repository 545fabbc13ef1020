import { AuthorizationV1Api, BatchV1Api, CoreV1Api, CustomObjectsApi } from '@kubernetes/client-node';
import type { Configuration, CoreV1Event, V1ConfigMap, V1Job, V1Node, V1Pod, V1Service } from '@kubernetes/client-node';
import { configurationOf } from './configuration.ts';
import { failureOf, isNamespaceGone } from './errors.ts';
import type { ApiCall } from './errors.ts';
import { loadCluster } from './kubeconfig.ts';
import type { ClusterAddress } from './kubeconfig.ts';

export interface KubernetesConnection extends ClusterAddress {
  readonly namespace: string;
  /** For one request and its whole answer; default 20 s. */
  readonly timeoutMs?: number;
  /** Asked at every request: its abort ends the request at once. */
  readonly signal?: () => AbortSignal | undefined;
}

/**
 * The few requests we make, all in one namespace, one attempt each. Everything throws PortFailure as `errors.ts`
 * classifies; after a write a `timeout` or `unavailable` leaves open whether it was executed. Unknown fields are
 * refused, never dropped.
 */
export interface KubernetesClient {
  readonly namespace: string;
  /** Address of the API server, for messages. */
  readonly server: string;
  createJob(job: V1Job): Promise<V1Job>;
  getJob(name: string): Promise<V1Job>;
  /** Foreground: the Job stays until its pods are gone. Another object of that name answers `conflict`. */
  deleteJob(name: string, uid: string): Promise<void>;
  listPods(labelSelector: string): Promise<V1Pod[]>;
  /** Of the object with this uid and of nothing else. */
  listEvents(involvedUid: string): Promise<CoreV1Event[]>;
  /** The last lines of a container's log. */
  readLog(pod: string, container: string, lines: number): Promise<string>;
  createConfigMap(map: V1ConfigMap): Promise<V1ConfigMap>;
  getConfigMap(name: string): Promise<V1ConfigMap>;
  /** In the foreground: what blocks its owner's deletion goes first. */
  deleteConfigMap(name: string, uid: string): Promise<void>;
  createService(service: V1Service): Promise<void>;
  deleteService(name: string): Promise<void>;
  /** Only where `mayGetNodes`: nodes are in no namespace, so that no Role can allow it. */
  getNode(name: string): Promise<V1Node>;
  /** Asks about our own rights, which every account may. */
  mayGetNodes(): Promise<boolean>;
  /** Kueue's Workloads of the namespace, in this version of theirs. */
  listWorkloads(version: string): Promise<unknown[]>;
  /** Kueue's ClusterQueue: the one thing here that is in no namespace, so that most Roles cannot allow it. */
  getClusterQueue(version: string, name: string): Promise<unknown>;
  /** Whether the namespace is on its way out, without the right to read it: it refuses what is only tried. */
  isNamespaceGoing(): Promise<boolean>;
}

/** Opens no connection yet. Throws `bad-request` when there is no usable kubeconfig. */
export function createKubernetesClient(connection: KubernetesConnection): KubernetesClient {
  const { configuration, server, ask } = openRequests(connection);
  const { namespace } = connection;
  return { namespace, server, ...jobs(configuration, namespace, ask), ...objects(configuration, namespace, ask) };
}

/** How requests are made: with which configuration of the library, and through what, so that they throw PortFailure. */
export interface Requests {
  readonly configuration: Configuration;
  readonly server: string;
  readonly ask: Ask;
}

/** As `createKubernetesClient`, for other requests than its own. */
export function openRequests(connection: KubernetesConnection): Requests {
  const config = loadCluster(connection);
  const server = config.getCurrentCluster()?.server ?? '';
  const { namespace, timeoutMs = 20_000 } = connection;
  const configuration = configurationOf(config, { ...connection, timeoutMs });
  const ask: Ask = async (verb, what, act) => {
    try {
      return await act();
    } catch (error) {
      // Cancelled from outside: no failure of the cluster.
      if (connection.signal?.()?.aborted) throw error;
      const [resource = '', name] = what;
      throw failureOf(error, { verb, resource, namespace, ...(name === undefined ? {} : { name }) }, server);
    }
  };
  return { configuration, server, ask };
}

/** `what`: the resource, and the name of the object. */
type Ask = <T>(verb: ApiCall['verb'], what: readonly (string | undefined)[], act: () => Promise<T>) => Promise<T>;
type Part<K extends keyof KubernetesClient> = Pick<KubernetesClient, K>;

function jobs(
  configuration: Configuration,
  namespace: string,
  ask: Ask,
): Part<
  'createJob' | 'getJob' | 'deleteJob' | 'listPods' | 'listEvents' | 'readLog' | 'listWorkloads' | 'getClusterQueue'
> {
  const [batch, core] = [new BatchV1Api(configuration), new CoreV1Api(configuration)];
  const custom = new CustomObjectsApi(configuration);
  return {
    createJob: async (body) => {
      const request = { namespace, fieldValidation: STRICT, body };
      return await ask('create', ['jobs', body.metadata?.name], () => batch.createNamespacedJob(request));
    },
    getJob: async (name) => await ask('get', ['jobs', name], () => batch.readNamespacedJob({ namespace, name })),
    deleteJob: async (name, uid) => {
      const request = { namespace, name, body: deletion(uid) };
      await ask('delete', ['jobs', name], () => batch.deleteNamespacedJob(request));
    },
    listPods: async (labelSelector) =>
      (await ask('list', ['pods'], () => core.listNamespacedPod({ namespace, labelSelector }))).items,
    listEvents: async (uid) => {
      const request = { namespace, fieldSelector: `involvedObject.uid=${uid}` };
      return (await ask('list', ['events'], () => core.listNamespacedEvent(request))).items;
    },
    readLog: async (name, container, tailLines) => {
      const request = { namespace, name, container, tailLines };
      // The library answers nothing for an empty log.
      return (await ask('get', ['pods/log', name], () => core.readNamespacedPodLog(request))) ?? '';
    },
    listWorkloads: async (version) => {
      const request = { ...KUEUE, version, namespace, plural: 'workloads' };
      const answer: unknown = await ask('list', ['workloads'], () => custom.listNamespacedCustomObject(request));
      const items = (answer as { items?: unknown }).items;
      return Array.isArray(items) ? items : [];
    },
    getClusterQueue: async (version, name) => {
      const request = { ...KUEUE, version, name, plural: 'clusterqueues' };
      return await ask('get', ['clusterqueues', name], () => custom.getClusterCustomObject(request));
    },
  };
}

function objects(
  configuration: Configuration,
  namespace: string,
  ask: Ask,
): Part<
  | 'createConfigMap'
  | 'getConfigMap'
  | 'deleteConfigMap'
  | 'createService'
  | 'deleteService'
  | 'getNode'
  | 'mayGetNodes'
  | 'isNamespaceGoing'
> {
  const [authorization, core] = [new AuthorizationV1Api(configuration), new CoreV1Api(configuration)];
  return {
    createConfigMap: async (body) => {
      const request = { namespace, fieldValidation: STRICT, body };
      return await ask('create', ['configmaps', body.metadata?.name], () => core.createNamespacedConfigMap(request));
    },
    getConfigMap: async (name) =>
      await ask('get', ['configmaps', name], () => core.readNamespacedConfigMap({ namespace, name })),
    deleteConfigMap: async (name, uid) => {
      const request = { namespace, name, body: deletion(uid) };
      await ask('delete', ['configmaps', name], () => core.deleteNamespacedConfigMap(request));
    },
    createService: async (body) => {
      const request = { namespace, fieldValidation: STRICT, body };
      await ask('create', ['services', body.metadata?.name], () => core.createNamespacedService(request));
    },
    deleteService: async (name) => {
      await ask('delete', ['services', name], () => core.deleteNamespacedService({ namespace, name }));
    },
    isNamespaceGoing: async () => {
      const body = { metadata: { generateName: 'understudy-tried-' } };
      const request = { namespace, dryRun: 'All', body };
      try {
        await ask('create', ['configmaps'], () => core.createNamespacedConfigMap(request));
        return false;
      } catch (error) {
        if (isNamespaceGone(error)) return true;
        throw error;
      }
    },
    mayGetNodes: async () => {
      const body = { spec: { resourceAttributes: { verb: 'get', resource: 'nodes' } } };
      const act = () => authorization.createSelfSubjectAccessReview({ body });
      return (await ask('create', ['selfsubjectaccessreviews'], act)).status?.allowed === true;
    },
    getNode: async (name) => await ask('get', ['nodes', name], () => core.readNode({ name })),
  };
}

const KUEUE = { group: 'kueue.x-k8s.io' };

/** By default the server drops a field that it does not know and answers 201. */
export const STRICT = 'Strict';

export function deletion(uid: string): { propagationPolicy: string; preconditions: { uid: string } } {
  return { propagationPolicy: 'Foreground', preconditions: { uid } };
}
