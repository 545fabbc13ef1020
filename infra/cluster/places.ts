import os from 'node:os';
import path from 'node:path';
import { packageRoot } from '../package-root.ts';

/** Everything of the test cluster lies here; only what is dear to build lies in {@link cacheDir}. */
export const stateDir = path.join(packageRoot(), '.understudy', 'cluster');

/** A path below the state folder. */
export function inState(...parts: readonly string[]): string {
  return path.join(stateDir, ...parts);
}

/** What survives `down`, for every checkout of this user: `XDG_CACHE_HOME` or `~/.cache`, then `understudy/cluster`. */
export function cacheDir(): string {
  const chosen = process.env['XDG_CACHE_HOME'];
  const home = chosen === undefined || chosen === '' ? path.join(os.homedir(), '.cache') : path.resolve(chosen);
  return path.join(home, 'understudy', 'cluster');
}

/** The network that the cluster lives in. Tests on the host reach `node` and the pods; pods reach servers bound to `host`. */
export const network = {
  namespace: 'understudy',
  link: 'understudy0',
  host: '10.97.0.1',
  node: '10.97.0.2',
  prefix: 24,
  pods: '10.98.0.0/16',
  services: '10.96.0.0/16',
  /** The first address of `services`: what pods find in KUBERNETES_SERVICE_HOST. */
  apiService: '10.96.0.1',
  /** Where pods ask for names; below 10.96.1.0 no Service gets an address by chance. */
  dns: '10.96.0.10',
  domain: 'cluster.local',
} as const;

export const nodeName = 'understudy';
export const apiServer = `https://${network.node}:6443`;
/** The cgroup, in every hierarchy, below which all pods live. */
export const cgroupName = 'understudy-cluster';
export const kubeconfigFile = inState('kubeconfig');
