import type { V1Node } from '@kubernetes/client-node';
import { PortFailure } from '../../ports/port-failure.ts';
import { unless } from '../kubernetes/anchor.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { isNotFound } from '../kubernetes/errors.ts';
import { shared } from './shared-answer.ts';

/** What a node says of itself changes with its driver, and a right with its Role: neither is asked for often. */
const SELDOM_MS = 300_000;
/** An autoscaler makes new names for ever. */
const KEPT = 1_000;

/** The nodes with their labels, as far as they can be read: none at all without the right to, which Roles cannot give. */
export type NodeLook = (names: readonly string[]) => Promise<readonly V1Node[]>;

/** One for all Jobs of a client. Nothing is asked that would be refused: whether it would be, everybody may ask. */
export function createNodeLook(client: KubernetesClient): NodeLook {
  const mayLook = seldom(async () => await client.mayGetNodes());
  const nodes = new Map<string, () => Promise<V1Node | undefined>>();
  const nodeOf = async (name: string): Promise<V1Node | undefined> => {
    if (nodes.size >= KEPT) nodes.clear();
    const ask = nodes.get(name) ?? seldom(async () => await unless(isNotFound, async () => await read(client, name)));
    nodes.set(name, ask);
    return await unless(isFailure, ask);
  };
  return async (names) => {
    if (names.length === 0 || !(await unless(isFailure, mayLook))) return [];
    return (await Promise.all([...new Set(names)].map(nodeOf))).filter((node) => node !== undefined);
  };
}

/** A node lists all images that it has: of all that only the labels are kept. */
async function read(client: KubernetesClient, name: string): Promise<V1Node> {
  const { labels = {} } = (await client.getNode(name)).metadata ?? {};
  return { metadata: { name, labels } };
}

/** A node is only for the record: what cannot be read is not known, and no look fails of it. */
function isFailure(error: unknown): boolean {
  return error instanceof PortFailure;
}

function seldom<T>(ask: () => Promise<T>): () => Promise<T> {
  return shared(ask, () => SELDOM_MS);
}
