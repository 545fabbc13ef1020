import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { packageRoot } from '../package-root.ts';
import { ClusterFailure } from './failure.ts';
import { goBuild, goProgram, type GoBuild } from './go.ts';
import { cacheDir } from './places.ts';
import { run } from './run.ts';

/** Not in `binaries/go.mod`: there it would raise the versions of what Kubernetes is built from. */
const gateway = {
  module: 'sigs.k8s.io/gateway-api@v1.5.1',
  sum: 'h1:RqVRIlkhLhUO8wOHKTLnTJA6o/1un4po4/6M1nRzdd0=',
} as const;
// Without its version in it a server answers with one that clients cannot parse.
const version = '-X k8s.io/component-base/version.gitVersion=v1.34.4';

/** Paths of the programs that the cluster is made of. */
export interface ClusterPrograms {
  readonly 'kube-apiserver': string;
  readonly 'kube-controller-manager': string;
  readonly 'kube-scheduler': string;
  readonly kubelet: string;
  readonly coredns: string;
}

/** All programs, each in the cache of exactly its module's `go.sum`; those not there are built, which takes minutes. */
export async function buildPrograms(): Promise<ClusterPrograms> {
  return {
    'kube-apiserver': await kubernetes('kube-apiserver'),
    'kube-controller-manager': await kubernetes('kube-controller-manager'),
    'kube-scheduler': await kubernetes('kube-scheduler'),
    kubelet: await kubernetes('kubelet'),
    coredns: await inCache({ name: 'coredns', module: modules('coredns'), program: '.' }),
  };
}

/** The program that plays nodes and pods; no suite needs it, so that it is built only when somebody asks. */
export async function buildKwok(): Promise<string> {
  return await inCache({ name: 'kwok', module: modules('kwok'), program: 'sigs.k8s.io/kwok/cmd/kwok' });
}

/** The folder of the Gateway API's standard CRDs, unpacked from the Go module of exactly the expected checksum. */
export async function gatewayCrds(): Promise<string> {
  const folder = path.join(cacheDir(), 'gateway-crds-v1.5.1');
  if (existsSync(folder)) return folder;
  await mkdir(cacheDir(), { recursive: true });
  const answer = await run(await goProgram(), ['mod', 'download', '-json', gateway.module], {
    cwd: cacheDir(),
    cure: 'it comes from the Go module proxy (GOPROXY): is it reachable?',
  });
  const { Dir, Sum }: { Dir?: string; Sum?: string } = JSON.parse(answer);
  if (Dir === undefined || Sum !== gateway.sum)
    throw new ClusterFailure(`${gateway.module} has the checksum ${Sum}, expected ${gateway.sum}`);
  await rm(`${folder}.part`, { recursive: true, force: true });
  await run('cp', ['-r', '--no-preserve=mode', path.join(Dir, 'config', 'crd', 'standard'), `${folder}.part`]);
  await rename(`${folder}.part`, folder);
  return folder;
}

async function kubernetes(name: string): Promise<string> {
  return await inCache({ name, module: modules(), program: `k8s.io/kubernetes/cmd/${name}`, link: version });
}

async function inCache(build: GoBuild): Promise<string> {
  const sums = await readFile(path.join(build.module, 'go.sum'));
  const key = createHash('sha256').update(sums).digest('hex').slice(0, 16);
  return await goBuild(build, path.join(cacheDir(), key));
}

/** One folder per program whose dependencies must not meddle with another's. */
function modules(...names: readonly string[]): string {
  return path.join(packageRoot(), 'infra', 'cluster', 'binaries', ...names);
}
