import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type {
  KubernetesObject,
  V1ConfigMap,
  V1ObjectMeta,
  V1PodSpec,
  V1PolicyRule,
  V1RoleBinding,
  V1Role,
} from '@kubernetes/client-node';
import { parse, parseAllDocuments } from 'yaml';

export const MANIFESTS = fileURLToPath(new URL('../../../infra/kubernetes', import.meta.url));

/** One object of the shipped manifests. */
export interface Manifest extends KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: V1ObjectMeta & { readonly name: string };
}

/** All objects of `infra/kubernetes`, in the order in which `kustomization.yaml` names their files. */
export async function readManifests(): Promise<readonly Manifest[]> {
  const files = await namedFiles();
  const texts = await Promise.all(files.map((file) => readFile(path.join(MANIFESTS, file), 'utf8')));
  return texts.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as Manifest));
}

export async function namedFiles(): Promise<readonly string[]> {
  const text = await readFile(path.join(MANIFESTS, 'kustomization.yaml'), 'utf8');
  return (parse(text) as { resources: string[] }).resources;
}

export async function presentFiles(): Promise<readonly string[]> {
  return (await readdir(MANIFESTS)).filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml');
}

export function ofKind<T>(manifests: readonly Manifest[], kind: string): readonly (T & Manifest)[] {
  return manifests.filter((manifest): manifest is T & Manifest => manifest.kind === kind);
}

/** What one of our Roles or bindings grants beyond what it may. Empty is well. */
export function excesses(manifests: readonly Manifest[]): readonly string[] {
  const clusterWide = manifests
    .filter(({ kind }) => kind.startsWith('ClusterRole'))
    .map(({ kind, metadata }) => `${kind} ${metadata.name} reaches the whole cluster`);
  const roles = ofKind<V1Role>(manifests, 'Role').flatMap(({ metadata, rules }) =>
    (rules ?? []).flatMap(({ apiGroups = [], resources = [], verbs }) => [
      ...[...apiGroups, ...resources, ...verbs]
        .filter((word) => word.includes('*'))
        .map(() => `${metadata.name} has a wildcard`),
      ...resources
        .filter((resource) => FORBIDDEN.includes(resource))
        .map((resource) => `${metadata.name} grants ${resource}`),
      ...verbs.filter((verb) => DANGEROUS.includes(verb)).map((verb) => `${metadata.name} grants ${verb}`),
    ]),
  );
  return [...clusterWide, ...roles];
}

const FORBIDDEN = ['secrets', 'serviceaccounts', 'serviceaccounts/token', 'pods/exec', 'roles', 'rolebindings'];
const DANGEROUS = ['escalate', 'bind', 'impersonate', 'deletecollection'];

/** Bindings that point at an account or a Role which is not shipped in the same place. Empty is well. */
export function loose(manifests: readonly Manifest[]): readonly string[] {
  const has = (kind: string, namespace: string | undefined, name: string) =>
    manifests.some((one) => one.kind === kind && one.metadata.namespace === namespace && one.metadata.name === name);
  return ofKind<V1RoleBinding>(manifests, 'RoleBinding').flatMap(({ metadata, roleRef, subjects }) => [
    ...(has(roleRef.kind, metadata.namespace, roleRef.name) ? [] : [`${metadata.name} binds no Role`]),
    ...(subjects ?? [])
      .filter(({ kind, namespace, name }) => !has(kind, namespace, name))
      .map(({ kind, name }) => `${metadata.name} has no ${kind} ${name}`),
  ]);
}

/** Where a pod falls short of Pod Security `restricted`, a read-only root, and images by digest. Empty is well. */
export function laxities({ containers, initContainers = [], ...pod }: V1PodSpec): readonly string[] {
  const demands = [...containers, ...initContainers].flatMap(
    ({ name, image = '', securityContext: may = {}, resources: { requests = {}, limits = {} } = {} }) => [
      [`${name} may escalate`, may.allowPrivilegeEscalation === false],
      [`${name} writes its root`, may.readOnlyRootFilesystem === true],
      [`${name} keeps capabilities`, may.capabilities?.drop?.includes('ALL') === true],
      [`${name} is privileged`, may.privileged !== true],
      [`${name} has no digest`, /^[a-z0-9./-]+@sha256:[0-9a-f]{64}$/u.test(image)],
      [`${name} requests nothing`, 'cpu' in requests && 'memory' in requests],
      [`${name} has no memory limit`, 'memory' in limits],
    ],
  );
  const whole = [
    ['runs as root', pod.securityContext?.runAsNonRoot === true],
    ['has no seccomp profile', pod.securityContext?.seccompProfile?.type === 'RuntimeDefault'],
    ['shares the host', ![pod.hostNetwork, pod.hostPID, pod.hostIPC].includes(true)],
    ['mounts the host', (pod.volumes ?? []).every(({ hostPath }) => hostPath === undefined)],
  ];
  return [...whole, ...demands].filter(([, holds]) => holds !== true).map(([what]) => String(what));
}

export const rulesOf = (manifests: readonly Manifest[]): readonly V1PolicyRule[] =>
  ofKind<V1Role>(manifests, 'Role').flatMap(({ rules }) => rules ?? []);

export function configMap(manifests: readonly Manifest[], name: string): Readonly<Record<string, string>> {
  return ofKind<V1ConfigMap>(manifests, 'ConfigMap').find(({ metadata }) => metadata.name === name)?.data ?? {};
}

/** `ConfigMap NAME` and so on, of each volume that stands for an object. */
export function mountedObjects({ volumes = [] }: V1PodSpec): readonly string[] {
  return volumes.flatMap(({ configMap: map, persistentVolumeClaim: claim }) => [
    ...(map ? [`ConfigMap ${map.name}`] : []),
    ...(claim ? [`PersistentVolumeClaim ${claim.claimName}`] : []),
  ]);
}
