import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AppsV1Api, CoreV1Api } from '@kubernetes/client-node';
import type { V1PersistentVolume, V1Pod } from '@kubernetes/client-node';
import { Client, Connection } from '@temporalio/client';
import { createFileEvidence } from '../../../activities/adapters/file-evidence.ts';
import { createMlflowRegistry } from '../../../activities/adapters/mlflow/registry.ts';
import { network, nodeName } from '../../../infra/cluster/places.ts';
import { tcpSwitch } from '../../faults/tcp-switch.ts';
import { playWith } from '../../lifecycle/people.ts';
import { ownNamespace } from '../../lifecycle/real-world.ts';
import { MANIFESTS, namedFiles } from '../../infra/kubernetes/manifests.ts';
import { present } from '../../present.ts';
import { mlflowServer, temporalServer } from '../../servers.ts';
import { connect, gatewayMetricsUrl, imageOf, until } from '../cluster.ts';
import { install } from '../kubernetes/install.ts';
import { execIn } from './exec.ts';
import type { Executed } from './exec.ts';
import { serviceAddress } from './service-address.ts';

/** Where the shipped settings keep the state, in the worker's pod. */
export const STATE = '/var/lib/understudy';
const NOBODYS = '0'.repeat(64);

/**
 * The shipped manifests with what `docs/operations.md` tells to change, a Temporal server and an MLflow that pods reach, and
 * a volume that lies in a folder of this machine.
 */
export async function openWorkerPod() {
  const state = await mkdtemp(path.join(tmpdir(), 'understudy-worker-'));
  const space = path.basename(state).toLowerCase();
  const [{ address }, mlflow] = await Promise.all([temporalServer(), mlflowServer(network.host)]);
  const temporal = await tcpSwitch(new URL(`http://${address}`), network.host);
  const connection = await Connection.connect({ address });
  await ownNamespace(connection, space);
  const client = new Client({ connection, namespace: space });
  let system: string | undefined;
  const exchange = await serviceAddress(connect(), () =>
    system === undefined ? undefined : { namespace: system, service: 'understudy-worker', port: 'exchange' },
  );
  const edits = new Map([
    ['temporal-frontend.temporal:7233, namespace: default', `'${new URL(temporal.uri).host}', namespace: ${space}`],
    ['http://mlflow.mlflow:5000', mlflow.uri],
    ['http://understudy-worker.understudy-system.svc:9466', `http://${exchange.address}`],
    ['^registry[.]example/', '^understudy[.]local/'],
    ['http://traefik-metrics.traefik:9100/metrics', gatewayMetricsUrl()],
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
  const apps = here.config.makeApiClient(AppsV1Api);
  await core.createPersistentVolume({ body: volumeOf(here.system, state) });
  const pods = async (): Promise<readonly V1Pod[]> => {
    const labelSelector = 'app.kubernetes.io/name=understudy-worker';
    return (await core.listNamespacedPod({ namespace: here.system, labelSelector })).items;
  };
  return {
    ...playWith({
      client,
      evidence: createFileEvidence({ root: path.join(state, 'evidence') }),
      folder: state,
    }),
    ...here,
    state,
    client,
    /** A copy of `infra/kubernetes` in which a person has changed what `docs/operations.md` tells to. */
    copyManifests: async (to: string): Promise<void> => {
      const [name = '', digest = ''] = imageOf('worker').split('@');
      const all = [...edits, ['registry.example/understudy/worker', name], [`sha256:${NOBODYS}`, digest]] as const;
      await mkdir(to, { recursive: true });
      for (const file of ['kustomization.yaml', ...(await namedFiles())]) {
        const text = await readFile(path.join(MANIFESTS, file), 'utf8');
        const edited = all.reduce((now, [from, into]) => now.replaceAll(from, into), text);
        await writeFile(path.join(to, file), here.renamed(edited));
      }
    },
    registry: createMlflowRegistry({ uri: mlflow.uri, experiment: 'understudy' }),
    /** The pod that is ready, once there is one that is not `other`. */
    readyPod: async (other?: string): Promise<V1Pod> =>
      await until(
        'a ready pod of the worker',
        async () => (await pods()).find((pod) => isReady(pod) && pod.metadata?.uid !== other),
        240_000,
      ),
    deployment: async () => await apps.readNamespacedDeployment({ name: 'understudy-worker', namespace: here.system }),
    /** `kubectl delete pod NAME --grace-period=0 --force`: nobody is told, nothing is waited for. */
    kill: async (pod: V1Pod): Promise<void> => {
      const name = present(pod.metadata?.name);
      await core.deleteNamespacedPod({ name, namespace: here.system, gracePeriodSeconds: 0 });
    },
    /** `kubectl exec deployment/understudy-worker -- COMMAND`. */
    exec: async (pod: V1Pod, ...command: readonly string[]): Promise<Executed> =>
      await execIn(here.config, pod, command),
    log: async (pod: V1Pod): Promise<string> =>
      await core.readNamespacedPodLog({ name: present(pod.metadata?.name), namespace: here.system }),
    /** The owner of something that a run left behind. */
    addAnchor: async (name: string): Promise<void> => {
      await core.createNamespacedConfigMap({ namespace: here.train, body: { metadata: { name } } });
    },
    write: async (name: string, text: string): Promise<void> => await writeFile(path.join(state, name), text),
    close: async (): Promise<void> => {
      await Promise.all([exchange.close(), temporal.close()]);
      await here.remove();
      await core.deletePersistentVolume({ name: `${here.system}-state` });
      await connection.close();
      await rm(state, { recursive: true });
    },
  };
}

export type WorkerPod = Awaited<ReturnType<typeof openWorkerPod>>;

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
