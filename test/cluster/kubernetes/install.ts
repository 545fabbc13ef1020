import { randomBytes } from 'node:crypto';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import type { V1Deployment } from '@kubernetes/client-node';
import { readManifests } from '../../infra/kubernetes/manifests.ts';
import type { Manifest } from '../../infra/kubernetes/manifests.ts';
import { connect, found, until } from '../cluster.ts';
import { rawCall } from './raw-call.ts';
import type { RawAnswer } from './raw-call.ts';

/** The shipped manifests under names that no other suite has. */
export interface Installation {
  readonly config: KubeConfig;
  readonly manifests: readonly Manifest[];
  readonly system: string;
  readonly train: string;
  readonly serving: string;
  /** As whom the audit log knows the worker. */
  readonly workerUser: string;
  /** A text of `infra/kubernetes` with the names of this installation. */
  readonly renamed: (text: string) => string;
  /** What the API server answered to each object. */
  readonly answers: readonly RawAnswer[];
  /** A configuration that has the token of the worker's account and nothing else. */
  readonly asWorker: () => Promise<KubeConfig>;
  /** Returns when all of it is gone. */
  readonly remove: () => Promise<void>;
}

/** What whoever installs it changes in the files: text → text. Each must be there; a new line begins one in a ConfigMap. */
export type Edits = ReadonlyMap<string, string>;

/**
 * Applies `infra/kubernetes` server-side with strict validation, with a suffix on its namespaces and on what lies in none.
 * Without edits the worker's Deployment gets no replicas: its image is yours.
 */
export async function install(edits?: Edits): Promise<Installation> {
  const config = connect();
  const suffix = randomBytes(3).toString('hex');
  const shipped = await readManifests();
  const rename = renaming(shipped, suffix);
  const manifests = JSON.parse(rename(edited(shipped, edits ?? new Map()))) as readonly Manifest[];
  const answers: RawAnswer[] = [];
  for (const manifest of manifests) answers.push(await apply(config, edits ? manifest : withoutReplicas(manifest)));
  const system = `understudy-system-${suffix}`;
  return {
    config,
    manifests,
    system,
    train: `understudy-train-${suffix}`,
    serving: `serving-flights-${suffix}`,
    workerUser: `system:serviceaccount:${system}:understudy-worker`,
    renamed: rename,
    answers,
    asWorker: async () => await withToken(config, system),
    remove: async () => await removeAll(config, manifests),
  };
}

/** Throws where a text to change is not there. */
export function edited(manifests: readonly Manifest[], edits: Edits): string {
  let text = JSON.stringify(manifests);
  for (const [from, to] of edits) {
    if (!text.includes(from)) throw new Error(`infra/kubernetes holds no "${from}" that could be changed`);
    text = text.replaceAll(from, to.replaceAll('\n', String.raw`\n`));
  }
  return text;
}

/** Also inside settings, where a namespace is a part of an address. */
function renaming(manifests: readonly Manifest[], suffix: string): (text: string) => string {
  const names = manifests
    .filter(({ metadata }) => metadata.namespace === undefined)
    .map(({ metadata }) => metadata.name);
  const pattern = new RegExp(`(?<![\\w-])(${names.join('|')})(?![\\w-])`, 'gu');
  return (text) => text.replaceAll(pattern, `$1-${suffix}`);
}

function withoutReplicas(manifest: Manifest): Manifest {
  return manifest.kind === 'Deployment'
    ? Object.assign({}, manifest, { spec: Object.assign({}, (manifest as V1Deployment).spec, { replicas: 0 }) })
    : manifest;
}

async function apply(config: KubeConfig, manifest: Manifest): Promise<RawAnswer> {
  return await rawCall(config, {
    method: 'PATCH',
    path: `${pathOf(manifest)}?fieldManager=kubectl&fieldValidation=Strict`,
    body: manifest,
    contentType: 'application/apply-patch+yaml',
  });
}

function pathOf({ apiVersion, kind, metadata: { name, namespace } }: Manifest): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const lower = kind.toLowerCase();
  const plural = lower.replace(/y$/u, 'ie').replace(/s$/u, 'se');
  return `${root}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${plural}s/${name}`;
}

async function withToken(config: KubeConfig, namespace: string): Promise<KubeConfig> {
  const core = config.makeApiClient(CoreV1Api);
  const { status } = await core.createNamespacedServiceAccountToken({
    name: 'understudy-worker',
    namespace,
    body: { spec: { audiences: [], expirationSeconds: 3600 } },
  });
  const cluster = config.getCurrentCluster();
  if (cluster === null || status === undefined) throw new Error(`no token for understudy-worker in ${namespace}`);
  const own = new KubeConfig();
  own.loadFromClusterAndUser(cluster, { name: 'worker', token: status.token });
  return own;
}

async function removeAll(config: KubeConfig, manifests: readonly Manifest[]): Promise<void> {
  const core = config.makeApiClient(CoreV1Api);
  const wide = manifests.filter(({ metadata }) => metadata.namespace === undefined).reverse();
  for (const manifest of wide) await rawCall(config, { method: 'DELETE', path: pathOf(manifest) });
  const namespaces = wide.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name);
  await until(
    `${namespaces.join(', ')} are gone`,
    async () => {
      const left = await Promise.all(namespaces.map((name) => found(core.readNamespace({ name }))));
      return left.every((one) => one === undefined) ? true : undefined;
    },
    180_000,
  );
}
