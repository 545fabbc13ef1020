import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CoreV1Api } from '@kubernetes/client-node';
import { apply, clientOf, isReady } from '../../infra/cluster/api.ts';
import { buildKwok, buildPrograms } from '../../infra/cluster/binaries.ts';
import { isNodeReady } from '../../infra/cluster/node.ts';
import { freePorts } from '../../infra/stack/free-port.ts';
import { podStages, simulatedNodes } from './simulated-nodes.ts';
import type { Servers } from './servers.ts';

const users = ['admin', 'worker', 'polling', 'watching'] as const;
export type BenchUser = (typeof users)[number];

export interface ControlPlane {
  readonly kubeconfig: (user: BenchUser) => string;
  readonly auditLog: string;
}

/**
 * A control plane of this bench alone, on loopback and without root: a real API server, Job controller and scheduler, and
 * kwok, which plays the nodes. What each user asks stands in the audit log.
 */
export async function startControlPlane(servers: Servers, nodes: number): Promise<ControlPlane> {
  const folder = path.join(servers.folder, 'control-plane');
  mkdirSync(folder, { recursive: true });
  const [etcdPort = 0, peerPort = 0, port = 0] = await freePorts(3);
  const [programs, kwok] = [await buildPrograms(), await buildKwok()];
  const at = (name: string): string => path.join(folder, name);
  const kubeconfig = (user: BenchUser): string => at(`${user}.kubeconfig`);
  const program = (file: string, args: readonly string[]) => ({ file, args, env: {} });
  const etcdUrl = `http://127.0.0.1:${etcdPort}`;
  const etcdPeers = `http://127.0.0.1:${peerPort}`;
  const etcdArguments = [
    `--data-dir=${at('etcd')}`,
    '--unsafe-no-fsync',
    `--listen-client-urls=${etcdUrl}`,
    `--advertise-client-urls=${etcdUrl}`,
    `--listen-peer-urls=${etcdPeers}`,
    '--log-level=warn',
  ];
  await servers.start('etcd', program(programs.etcd, etcdArguments));
  writeCredentials(at, `https://127.0.0.1:${port}`);
  await servers.start('api', program(programs['kube-apiserver'], apiServerArguments(at, etcdUrl, port)));
  const admin = kubeconfig('admin');
  await servers.until(
    'the API server is ready',
    'api',
    async () => existsSync(at('apiserver.crt')) && (await isReady(clientOf(admin))),
  );
  const controllers = [
    `--kubeconfig=${admin}`,
    '--leader-elect=false',
    '--secure-port=0',
    `--service-account-private-key-file=${at('service-accounts.pem')}`,
    '--use-service-account-credentials=true',
    // Else the bench measures the controllers' own limits: 5 Jobs at a time, 20 requests a second.
    '--concurrent-job-syncs=20',
    '--kube-api-qps=400',
    '--kube-api-burst=800',
  ];
  await servers.start('controllers', program(programs['kube-controller-manager'], controllers));
  const scheduler = [
    `--kubeconfig=${admin}`,
    '--leader-elect=false',
    '--secure-port=0',
    '--kube-api-qps=400',
    '--kube-api-burst=800',
  ];
  await servers.start('scheduler', program(programs['kube-scheduler'], scheduler));
  writeFileSync(at('stages.yaml'), podStages());
  const nodeArguments = [
    `--kubeconfig=${admin}`,
    `--config=${at('stages.yaml')}`,
    '--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake',
    '--node-lease-duration-seconds=40',
  ];
  await servers.start('kwok', program(kwok, nodeArguments));
  const config = clientOf(admin);
  await apply(config, simulatedNodes(nodes));
  const core = config.makeApiClient(CoreV1Api);
  await servers.until('the controllers work', 'controllers', async () => {
    await core.readNamespacedServiceAccount({ name: 'default', namespace: 'default' });
    return true;
  });
  await servers.until('the simulated nodes are ready', 'kwok', async () => {
    const { items } = await core.listNode();
    return items.filter(isNodeReady).length === nodes;
  });
  return { kubeconfig, auditLog: at('audit.log') };
}

function apiServerArguments(at: (name: string) => string, etcd: string, port: number): string[] {
  return [
    `--etcd-servers=${etcd}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${port}`,
    `--cert-dir=${at('.')}`,
    `--token-auth-file=${at('tokens.csv')}`,
    '--authorization-mode=RBAC',
    `--service-account-key-file=${at('service-accounts.pem')}`,
    `--service-account-signing-key-file=${at('service-accounts.pem')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    '--service-cluster-ip-range=10.96.0.0/16',
    '--endpoint-reconciler-type=none',
    // No peer is throttled for its rate: their requests are what is counted.
    '--max-requests-inflight=2000',
    '--max-mutating-requests-inflight=1000',
    `--audit-log-path=${at('audit.log')}`,
    `--audit-policy-file=${at('audit-policy.yaml')}`,
    '--audit-log-mode=blocking',
  ];
}

function writeCredentials(at: (name: string) => string, server: string): void {
  const tokens = users.map((name) => [name, randomBytes(24).toString('hex')] as const);
  const lines = tokens.map(([name, token]) => `${token},${name},${name},"system:masters"`);
  writeFileSync(at('tokens.csv'), `${lines.join('\n')}\n`, { mode: 0o600 });
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(at('service-accounts.pem'), privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });
  const policy = {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [{ level: 'Metadata', users: ['worker', 'polling', 'watching'] }, { level: 'None' }],
  };
  writeFileSync(at('audit-policy.yaml'), JSON.stringify(policy));
  for (const [name, token] of tokens) {
    const cluster = { server, 'certificate-authority': at('apiserver.crt') };
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'bench',
      clusters: [{ name: 'bench', cluster }],
      users: [{ name, user: { token } }],
      contexts: [{ name: 'bench', context: { cluster: 'bench', user: name, namespace: 'default' } }],
    };
    writeFileSync(at(`${name}.kubeconfig`), JSON.stringify(config), { mode: 0o600 });
  }
}
