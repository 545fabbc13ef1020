import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { clientOf, isReady } from './api.ts';
import type { ClusterPrograms } from './binaries.ts';
import { kubeconfigOf, writeKubeconfigs, type Credentials } from './credentials.ts';
import { inState, network } from './places.ts';
import { start, until } from './record.ts';

/** Everything that was asked of the API server: who, which verb, what. The proof of least privilege reads it. */
export const auditLog = inState('logs', 'audit.log');
const etcdUrl = 'http://127.0.0.1:2379';

/** Starts etcd, the API server, the controller manager and the scheduler; returns when the API server is ready. */
export async function startControlPlane(programs: ClusterPrograms, credentials: Credentials): Promise<void> {
  await start('etcd', programs.etcd, [
    `--data-dir=${inState('etcd')}`,
    '--unsafe-no-fsync',
    `--listen-client-urls=${etcdUrl}`,
    `--advertise-client-urls=${etcdUrl}`,
    '--listen-peer-urls=http://127.0.0.1:2380',
    '--log-level=warn',
  ]);
  const server = await start('kube-apiserver', programs['kube-apiserver'], apiServerArguments(credentials));
  await until(
    'the API server makes its certificate',
    server,
    async () => await Promise.resolve(existsSync(credentials.authority)),
  );
  writeKubeconfigs(credentials);
  await until('the API server is ready', server, async () => await isReady(clientOf(kubeconfigOf('admin'))));
  await start('kube-controller-manager', programs['kube-controller-manager'], [
    `--kubeconfig=${kubeconfigOf('controller-manager')}`,
    '--leader-elect=false',
    '--use-service-account-credentials=true',
    `--service-account-private-key-file=${credentials.serviceAccountKey}`,
    `--root-ca-file=${credentials.authority}`,
  ]);
  await start('kube-scheduler', programs['kube-scheduler'], [
    `--kubeconfig=${kubeconfigOf('scheduler')}`,
    '--leader-elect=false',
  ]);
}

function apiServerArguments(credentials: Credentials): string[] {
  mkdirSync(inState('logs'), { recursive: true });
  rmSync(auditLog, { force: true });
  const policy = inState('credentials', 'audit-policy.yaml');
  writeFileSync(policy, JSON.stringify(auditPolicy));
  return [
    `--etcd-servers=${etcdUrl}`,
    '--bind-address=0.0.0.0',
    '--secure-port=6443',
    `--advertise-address=${network.node}`,
    `--cert-dir=${credentials.certificates}`,
    `--token-auth-file=${credentials.tokenFile}`,
    '--authorization-mode=Node,RBAC',
    '--allow-privileged=true',
    `--service-account-key-file=${credentials.serviceAccountKey}`,
    `--service-account-signing-key-file=${credentials.serviceAccountKey}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-cluster-ip-range=${network.services}`,
    // No service proxy runs: an endpoint of the API server would be of no use.
    '--endpoint-reconciler-type=none',
    // Else it looks up the node's name in DNS to fetch logs.
    '--kubelet-preferred-address-types=InternalIP',
    `--audit-log-path=${auditLog}`,
    `--audit-policy-file=${policy}`,
    '--audit-log-mode=blocking',
  ];
}

const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'None', userGroups: ['system:nodes'] }, { level: 'Metadata' }],
};
