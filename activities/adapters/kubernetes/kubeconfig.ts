import { existsSync } from 'node:fs';
import { delimiter } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { PortFailure } from '../../ports/port-failure.ts';

export interface ClusterAddress {
  /** Path of a kubeconfig, or several as in KUBECONFIG. Without it: KUBECONFIG, `~/.kube/config`, the pod's own account. */
  readonly kubeconfig?: string;
  /** A context of the kubeconfig; default its current one. */
  readonly context?: string;
}

/** Which API server, and as whom. Throws `bad-request` with what was looked for; no request is made. */
export function loadCluster(address: ClusterAddress): KubeConfig {
  const config = read(address);
  if (address.context !== undefined) config.setCurrentContext(address.context);
  const cluster = config.getCurrentCluster();
  if (!cluster) {
    const known = config.contexts.map(({ name }) => name).join(', ');
    throw new PortFailure(
      'bad-request',
      `the kubeconfig has no context "${config.getCurrentContext()}" with a cluster; it has: ${known || 'none'}`,
    );
  }
  if (cluster.server.startsWith('http://') && !cluster.skipTLSVerify) {
    throw new PortFailure(
      'bad-request',
      `the API server ${cluster.server} has no TLS; expected https://, or insecure-skip-tls-verify: true in its cluster`,
    );
  }
  return config;
}

function read({ kubeconfig }: ClusterAddress): KubeConfig {
  const config = new KubeConfig();
  try {
    if (kubeconfig === undefined) config.loadFromDefault();
    else loadFiles(config, kubeconfig.split(delimiter).filter(Boolean));
  } catch (cause) {
    if (cause instanceof PortFailure) throw cause;
    const said = String(cause).slice(0, 300);
    const which = kubeconfig ?? 'of KUBECONFIG or ~/.kube/config';
    throw new PortFailure('bad-request', `the kubeconfig ${which} cannot be read: ${said}`, { cause });
  }
  // What the library makes up when it finds nothing: never taken for a cluster.
  if (kubeconfig === undefined && config.getCurrentCluster()?.server === 'http://localhost:8080') {
    throw new PortFailure(
      'bad-request',
      'no cluster is configured: expected KUBECONFIG, ~/.kube/config, or a pod with a ServiceAccount token',
    );
  }
  return config;
}

function loadFiles(config: KubeConfig, files: readonly string[]): void {
  const missing = files.find((file) => !existsSync(file));
  if (missing !== undefined || files.length === 0) {
    throw new PortFailure('bad-request', `the kubeconfig "${missing ?? ''}" is not there; expected the path of a file`);
  }
  for (const [index, file] of files.entries()) {
    if (index === 0) config.loadFromFile(file);
    else {
      const more = new KubeConfig();
      more.loadFromFile(file);
      config.mergeConfig(more, true);
    }
  }
}
