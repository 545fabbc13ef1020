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
  readonly etcd: string;
}

/** All programs, each in the cache of exactly its module's `go.sum` and our own source; those not there are built, which takes minutes. */
export async function buildPrograms(): Promise<ClusterPrograms> {
  return {
    'kube-apiserver': await kubernetes('kube-apiserver'),
    'kube-controller-manager': await kubernetes('kube-controller-manager'),
    'kube-scheduler': await kubernetes('kube-scheduler'),
    kubelet: await kubernetes('kubelet'),
    coredns: await inCache({ name: 'coredns', module: modules('coredns'), program: '.' }),
    // The version that Kubernetes is built against: watches of an older one fall behind by a minute.
    etcd: await inCache({ name: 'etcd', module: modules('etcd'), program: 'go.etcd.io/etcd/server/v3' }),
  };
}

/** The program that plays nodes and pods; no suite needs it, so that it is built only when somebody asks. */
export async function buildKwok(): Promise<string> {
  return await inCache({ name: 'kwok', module: modules('kwok'), program: 'sigs.k8s.io/kwok/cmd/kwok' });
}

/** The program that people have; only the suite that runs the commands of the documents asks for it. */
export async function buildKubectl(): Promise<string> {
  const program = 'k8s.io/kubernetes/cmd/kubectl';
  return await inCache({ name: 'kubectl', module: modules('kubectl'), program, link: version });
}

/** Contour, which drives Envoy as a second gateway; only the suites of `test/cluster/contour` ask for it. */
export async function buildContour(): Promise<string> {
  const program = 'github.com/projectcontour/contour/cmd/contour';
  return await inCache({ name: 'contour', module: modules('contour'), program });
}

/** The folder of Contour's own example manifests, with its CRDs. */
export async function contourExamples(): Promise<string> {
  const listed = await run(await goProgram(), ['list', '-m', '-f', '{{.Dir}}', 'github.com/projectcontour/contour'], {
    cwd: modules('contour'),
    cure: 'it comes from the Go module proxy (GOPROXY): is it reachable?',
  });
  return path.join(listed.trim(), 'examples', 'contour');
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
  const own = await readFile(path.join(build.module, 'main.go')).catch(() => '');
  const key = createHash('sha256').update(sums).update(own).digest('hex').slice(0, 16);
  return await goBuild(build, path.join(cacheDir(), key));
}

/** One folder per program whose dependencies must not meddle with another's. */
function modules(...names: readonly string[]): string {
  return path.join(packageRoot(), 'infra', 'cluster', 'binaries', ...names);
}
