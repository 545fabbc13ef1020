import { existsSync, readFileSync } from 'node:fs';
import { ClusterFailure, say } from './failure.ts';
import { inState } from './places.ts';
import { run } from './run.ts';

const debianPackages = [
  'containerd',
  'runc',
  'containernetworking-plugins',
  'iproute2',
  'busybox-static',
  'debootstrap',
];
/** The kernel takes no longer path for a socket. */
const longestSocketPath = 107;

/** Throws unless a cluster can be made on this machine: the sentence names the cure. */
export function checkMachine(): void {
  if (process.getuid?.() !== 0)
    throw new ClusterFailure(
      'needs root (network namespaces, cgroups, mounts); run it as root, or point KUBECONFIG at a cluster of yours and run the tests',
    );
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  if (!/^ID(_LIKE)?=.*debian/m.test(release))
    throw new ClusterFailure(
      'needs Debian or a system like it (it installs containerd by apt-get); point KUBECONFIG at a cluster of yours instead',
    );
  if (!existsSync('/usr/bin/apt-get'))
    throw new ClusterFailure(
      'finds no apt-get, which installs containerd, runc and the CNI plugins; point KUBECONFIG at a cluster of yours instead',
    );
  if (socketFile().length > longestSocketPath)
    throw new ClusterFailure(
      `${socketFile()} is longer than the ${longestSocketPath} bytes of a socket's path; use a checkout in a shorter folder`,
    );
}

/** Where containerd listens. */
export function socketFile(): string {
  return inState('run', 'containerd.sock');
}

/** Installs what is missing of the Debian packages. */
export async function installPackages(): Promise<void> {
  const missing: string[] = [];
  for (const name of debianPackages) if (!(await isInstalled(name))) missing.push(name);
  if (missing.length === 0) return;
  say(`installing Debian packages: ${missing.join(' ')}`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const cure = `is a Debian mirror reachable? Or install yourself: apt-get install ${missing.join(' ')}`;
  await run('apt-get', ['-qq', 'update'], { env, cure });
  // A service that the package starts would be a second containerd; ours is started below, with a root of its own.
  await run('apt-get', ['-qq', 'install', '--yes', '--no-install-recommends', ...missing], {
    env: { ...env, RUNLEVEL: '1' },
    cure,
  });
}

async function isInstalled(name: string): Promise<boolean> {
  const state = await run('dpkg-query', ['-W', '-f=${db:Status-Status}', name]).catch(() => '');
  return state === 'installed';
}
