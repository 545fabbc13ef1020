import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { apiServer, inState, kubeconfigFile, nodeName } from './places.ts';

/** Who speaks to the API server; everybody but `admin`, `traefik` and `coredns` under the role that Kubernetes ships for it. */
const users = {
  admin: { user: 'admin', group: 'system:masters' },
  traefik: { user: 'traefik', group: 'system:masters' },
  coredns: { user: 'coredns', group: 'system:masters' },
  kubelet: { user: `system:node:${nodeName}`, group: 'system:nodes' },
  'controller-manager': { user: 'system:kube-controller-manager', group: '' },
  scheduler: { user: 'system:kube-scheduler', group: '' },
} as const;

export type ClusterUser = keyof typeof users;
type Tokens = Readonly<Record<ClusterUser, string>>;

export interface Credentials {
  readonly tokenFile: string;
  /** RSA key that signs and checks the tokens of service accounts. */
  readonly serviceAccountKey: string;
  /** Where the API server writes its certificate and the authority that signed it. */
  readonly certificates: string;
  readonly authority: string;
  readonly tokens: Tokens;
}

/** New secrets for one life of the cluster, readable by root alone. */
export function makeCredentials(): Credentials {
  const folder = inState('credentials');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const token = (): string => randomBytes(24).toString('hex');
  const tokens: Tokens = {
    admin: token(),
    traefik: token(),
    coredns: token(),
    kubelet: token(),
    'controller-manager': token(),
    scheduler: token(),
  };
  const lines = clusterUsers().map((name) => `${tokens[name]},${users[name].user},${name},"${users[name].group}"`);
  const tokenFile = path.join(folder, 'tokens.csv');
  writeFileSync(tokenFile, `${lines.join('\n')}\n`, { mode: 0o600 });
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const serviceAccountKey = path.join(folder, 'service-accounts.pem');
  writeFileSync(serviceAccountKey, privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });
  return { tokenFile, serviceAccountKey, certificates: folder, authority: path.join(folder, 'apiserver.crt'), tokens };
}

/** Writes one kubeconfig per user; the admin's is the one for people and tests. Needs the API server's certificate. */
export function writeKubeconfigs(credentials: Credentials): void {
  for (const name of clusterUsers())
    writeFileSync(kubeconfigOf(name), kubeconfig(name, credentials.tokens[name], credentials.authority), {
      mode: 0o600,
    });
}

export function kubeconfigOf(name: ClusterUser): string {
  return name === 'admin' ? kubeconfigFile : inState('credentials', `${name}.kubeconfig`);
}

function clusterUsers(): ClusterUser[] {
  return ['admin', 'traefik', 'coredns', 'kubelet', 'controller-manager', 'scheduler'];
}

function kubeconfig(name: string, token: string, authority: string): string {
  return `${JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'understudy',
      clusters: [{ name: 'understudy', cluster: { server: apiServer, 'certificate-authority': authority } }],
      users: [{ name, user: { token } }],
      contexts: [{ name: 'understudy', context: { cluster: 'understudy', user: name } }],
    },
    null,
    2,
  )}\n`;
}
