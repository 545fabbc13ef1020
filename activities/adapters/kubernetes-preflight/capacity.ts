import type { V1Node, V1PodSpec, V1ResourceQuota, V1Taint, V1Toleration } from '@kubernetes/client-node';
import { readQuantity } from './quantity.ts';

/** Resource name → amount: cores, bytes, or pieces. */
export type Amounts = Readonly<Record<string, number>>;

/** What a pod asks of its node: its containers and the side-cars that run beside them. */
export function demandOf({ containers, initContainers = [] }: V1PodSpec): Amounts {
  const beside = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  const total: Record<string, number> = {};
  for (const { resources } of [...containers, ...beside]) {
    for (const [name, amount] of Object.entries(resources?.requests ?? {}))
      total[name] = (total[name] ?? 0) + readQuantity(amount);
  }
  return total;
}

/**
 * Why no node of the cluster could ever run the pod, however idle it were; `undefined` when one could. Nodes that do not
 * fit by label or taint are named with what keeps the pod away.
 */
export function whyNoNode(nodes: readonly V1Node[], pod: V1PodSpec): string | undefined {
  if (nodes.length === 0) return 'the cluster has no node';
  const selected = nodes.filter((node) => carries(node, pod.nodeSelector ?? {}));
  if (selected.length === 0) return `no node has ${sayLabels(pod.nodeSelector ?? {})}`;
  const open = selected.filter((node) => tolerated(node.spec?.taints ?? [], pod.tolerations ?? []));
  if (open.length === 0) {
    const taints = new Set(
      selected.flatMap((node) => node.spec?.taints ?? []).map(({ key, effect }) => `${key}:${effect}`),
    );
    return `every node that would do is tainted: ${[...taints].join(', ')}`;
  }
  return whyTooSmall(open, demandOf(pod));
}

function whyTooSmall(nodes: readonly V1Node[], demand: Amounts): string | undefined {
  // Accelerators have a slash in their name, and are what is missing most often.
  const rank = ([name]: [string, number]): number => (name.includes('/') ? 0 : 1);
  const asked = Object.entries(demand)
    .filter(([, amount]) => amount > 0)
    .toSorted((a, b) => rank(a) - rank(b));
  const offers = (node: V1Node, name: string): number => readQuantity(node.status?.allocatable?.[name]);
  if (nodes.some((node) => asked.every(([name, amount]) => offers(node, name) >= amount))) return undefined;
  for (const [name, amount] of asked) {
    const most = Math.max(...nodes.map((node) => offers(node, name)));
    if (most === 0) return `no node offers ${name}, asked for are ${sayAmount(name, amount)}`;
    if (most < amount)
      return `no node offers ${sayAmount(name, amount)} ${name}: the largest has ${sayAmount(name, most)}`;
  }
  const all = asked.map(([name, amount]) => `${sayAmount(name, amount)} ${name}`).join(', ');
  return `no single node offers all of ${all}`;
}

/** Why a quota would refuse the pods for ever, even if nobody else used any of it. */
export function whyOverQuota(quotas: readonly V1ResourceQuota[], demand: Amounts, pods: number): string | undefined {
  // A quota with a scope counts some pods only, and which ones is not ours to guess.
  const whole = quotas.filter(({ spec }) => (spec?.scopes ?? []).length === 0 && spec?.scopeSelector === undefined);
  for (const { metadata, spec } of whole) {
    for (const [key, hard] of Object.entries(spec?.hard ?? {})) {
      const name = key.replace(/^requests\./, '');
      const amount = (demand[name] ?? 0) * pods;
      const counts = key.startsWith('requests.') || key === 'cpu' || key === 'memory';
      if (counts && amount > readQuantity(hard)) {
        return `the quota ${metadata?.name} allows ${hard} ${key}, asked for are ${sayAmount(name, amount)}`;
      }
    }
  }
  return undefined;
}

function carries(node: V1Node, wanted: Readonly<Record<string, string>>): boolean {
  const { labels = {} } = node.metadata ?? {};
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

/** Only what keeps a pod away; a preference does not. Cordoned nodes come back, so their taint does not count. */
function tolerated(taints: readonly V1Taint[], tolerations: readonly V1Toleration[]): boolean {
  return taints
    .filter(({ effect, key }) => effect !== 'PreferNoSchedule' && !key.startsWith('node.kubernetes.io/'))
    .every((taint) => tolerations.some((one) => matches(taint, one)));
}

function matches(taint: V1Taint, { key, operator = 'Equal', value, effect }: V1Toleration): boolean {
  if (effect !== undefined && effect !== '' && effect !== taint.effect) return false;
  if (key === undefined || key === '') return operator === 'Exists';
  return key === taint.key && (operator === 'Exists' || (value ?? '') === (taint.value ?? ''));
}

function sayLabels(labels: Readonly<Record<string, string>>): string {
  return `the labels ${Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ')}`;
}

/** Bytes as mebibytes; everything else is counted. */
function sayAmount(name: string, amount: number): string {
  const inBytes = name === 'memory' || name === 'ephemeral-storage' || name.startsWith('hugepages-');
  return inBytes ? `${Math.ceil(amount / 1024 ** 2)}Mi` : `${Number(amount.toPrecision(6))}`;
}
