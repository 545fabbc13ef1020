import path from 'node:path';
import { CoreV1Api } from '@kubernetes/client-node';
import type { V1PersistentVolume, V1Pod } from '@kubernetes/client-node';
import { Client, Connection } from '@temporalio/client';
import { nodeName } from '../../../infra/cluster/places.ts';
import { tcpSwitch } from '../../faults/tcp-switch.ts';
import { ownNamespace } from '../../lifecycle/real-world.ts';
import { present } from '../../present.ts';
import { mlflowServer, temporalServer } from '../../servers.ts';
import { connect, gatewayMetricsUrl, imageOf, until, testHost } from '../cluster.ts';
import { install } from '../kubernetes/install.ts';
import type { Edits } from '../kubernetes/install.ts';
import { serviceAddress } from './service-address.ts';

/** Its account, its Deployment and its Service. */
export const WORKER = 'understudy-worker';
/** Where the shipped settings keep the state, in the worker's pod. */
export const STATE = '/var/lib/understudy';
export const NOBODYS = '0'.repeat(64);

/**
 * The worker of the shipped manifests with what `docs/operations.md` tells to change, a Temporal server and an MLflow that
 * pods reach, and a volume that lies in a folder of this machine.
 *
 * @param state the folder; its name becomes that of a namespace of Temporal. Removed by whoever made it.
 * @param more what else is changed in the manifests.
 */
export async function installWorker(state: string, more: Edits = new Map()) {
  const namespace = path.basename(state).toLowerCase();
  const [{ address }, mlflow] = await Promise.all([temporalServer(), mlflowServer(testHost())]);
  const temporal = await tcpSwitch(new URL(`http://${address}`), testHost());
  const connection = await Connection.connect({ address });
  await ownNamespace(connection, namespace);
  let system: string | undefined;
  const exchange = await serviceAddress(connect(), () =>
    system === undefined ? undefined : { namespace: system, service: WORKER, port: 'exchange' },
  );
  const edits: Edits = new Map([
    ['temporal-frontend.temporal:7233, namespace: default', `'${new URL(temporal.uri).host}', namespace: ${namespace}`],
    ['http://mlflow.mlflow:5000', mlflow.uri],
    ['http://understudy-worker.understudy-system.svc:9466', `http://${exchange.address}`],
    ['^registry[.]example/', '^understudy[.]local/'],
    ['http://traefik-metrics.traefik:9100/metrics', gatewayMetricsUrl()],
    ...more,
  ]);
  const here = await install(
    new Map([
      ...edits,
      [`understudy-worker@sha256:${NOBODYS}`, imageOf('worker')],
      [`registry.example/understudy/worker@sha256:${NOBODYS}`, imageOf('worker')],
    ]),
  );
  system = here.system;
  const core = here.config.makeApiClient(CoreV1Api);
  await core.createPersistentVolume({ body: volumeOf(here.system, state) });
  const pods = async (): Promise<readonly V1Pod[]> => {
    const labelSelector = `app.kubernetes.io/name=${WORKER}`;
    return (await core.listNamespacedPod({ namespace: here.system, labelSelector })).items;
  };
  return {
    ...here,
    edits,
    client: new Client({ connection, namespace }),
    /** As this machine reaches it. */
    temporal: { address, namespace },
    mlflow: mlflow.uri,
    /** The pod that is ready, once there is one that is not `other`. */
    readyPod: async (other?: string): Promise<V1Pod> =>
      await until(
        'a ready pod of the worker',
        async () => (await pods()).find((pod) => isReady(pod) && pod.metadata?.uid !== other),
        240_000,
      ),
    /** `kubectl delete pod NAME --grace-period=0 --force`: nobody is told, nothing is waited for. */
    kill: async (pod: V1Pod): Promise<void> => {
      const name = present(pod.metadata?.name);
      await core.deleteNamespacedPod({ name, namespace: here.system, gracePeriodSeconds: 0 });
    },
    close: async (): Promise<void> => {
      await Promise.all([exchange.close(), temporal.close()]);
      await here.remove();
      await core.deletePersistentVolume({ name: `${here.system}-state` });
      await connection.close();
    },
  };
}

/** Local, not hostPath: only for those does the kubelet give the files to the group of the pod. */
function volumeOf(namespace: string, folder: string): V1PersistentVolume {
  const onThisNode = { key: 'kubernetes.io/hostname', operator: 'In', values: [nodeName] };
  return {
    metadata: { name: `${namespace}-state` },
    spec: {
      capacity: { storage: '20Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      claimRef: { namespace, name: 'understudy-state' },
      local: { path: folder },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [onThisNode] }] } },
    },
  };
}

function isReady({ status, metadata }: V1Pod): boolean {
  if (metadata?.deletionTimestamp !== undefined) return false;
  return status?.conditions?.some(({ type, status: holds }) => type === 'Ready' && holds === 'True') === true;
}
