import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { packageRoot } from '../package-root.ts';
import { ClusterFailure, say } from './failure.ts';
import { cacheDir } from './places.ts';
import { run } from './run.ts';

const programs = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet'] as const;
/** Not in `binaries/go.mod`: there it would raise the versions of what Kubernetes is built from. */
const gateway = {
  module: 'sigs.k8s.io/gateway-api@v1.5.1',
  sum: 'h1:RqVRIlkhLhUO8wOHKTLnTJA6o/1un4po4/6M1nRzdd0=',
} as const;
// Without its version in it a server answers with one that clients cannot parse.
const linkFlags = '-s -w -X k8s.io/component-base/version.gitVersion=v1.34.4';

export type KubernetesPrograms = Readonly<Record<(typeof programs)[number], string>>;

/** Paths of the Kubernetes programs in the cache of exactly this `go.sum`; those not there are built, which takes minutes. */
export async function buildPrograms(): Promise<KubernetesPrograms> {
  const folder = await cacheFolder();
  for (const name of programs) if (!existsSync(path.join(folder, name))) await build(name, folder);
  const file = (name: (typeof programs)[number]): string => path.join(folder, name);
  return {
    'kube-apiserver': file('kube-apiserver'),
    'kube-controller-manager': file('kube-controller-manager'),
    'kube-scheduler': file('kube-scheduler'),
    kubelet: file('kubelet'),
  };
}

/** The folder of the Gateway API's standard CRDs, unpacked from the Go module of exactly the expected checksum. */
export async function gatewayCrds(): Promise<string> {
  const folder = path.join(cacheDir(), 'gateway-crds-v1.5.1');
  if (existsSync(folder)) return folder;
  await mkdir(cacheDir(), { recursive: true });
  const answer = await run(await goProgram(), ['mod', 'download', '-json', gateway.module], { cwd: cacheDir() });
  const { Dir, Sum }: { Dir?: string; Sum?: string } = JSON.parse(answer);
  if (Dir === undefined || Sum !== gateway.sum)
    throw new ClusterFailure(`${gateway.module} has the checksum ${Sum}, expected ${gateway.sum}`);
  await rm(`${folder}.part`, { recursive: true, force: true });
  await run('cp', ['-r', '--no-preserve=mode', path.join(Dir, 'config', 'crd', 'standard'), `${folder}.part`]);
  await rename(`${folder}.part`, folder);
  return folder;
}

async function build(name: string, folder: string): Promise<void> {
  const go = await goProgram();
  say(`building ${name} (minutes on a cold machine; kept in ${folder})`);
  await mkdir(folder, { recursive: true });
  const part = path.join(folder, `.${name}.${process.pid}`);
  await run(go, ['build', '-trimpath', '-ldflags', linkFlags, '-o', part, `k8s.io/kubernetes/cmd/${name}`], {
    cwd: moduleFolder(),
    env: { CGO_ENABLED: '0' },
  });
  await rename(part, path.join(folder, name));
}

async function goProgram(): Promise<string> {
  const found = await run('go', ['version']).catch(() => undefined);
  if (found !== undefined) return 'go';
  throw new ClusterFailure(
    'needs Go 1.24 or later on the PATH to build Kubernetes once; install it, or point KUBECONFIG at a cluster of yours',
  );
}

async function cacheFolder(): Promise<string> {
  const sums = await readFile(path.join(moduleFolder(), 'go.sum'));
  return path.join(cacheDir(), createHash('sha256').update(sums).digest('hex').slice(0, 16));
}

function moduleFolder(): string {
  return path.join(packageRoot(), 'infra', 'cluster', 'binaries');
}
