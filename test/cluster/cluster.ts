import { createSocket } from 'node:dgram';
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BatchV1Api, CoreV1Api, KubeConfig, type V1Job } from '@kubernetes/client-node';
import { auditLog } from '../../infra/cluster/control-plane.ts';
import { gatewayAddresses } from '../../infra/cluster/gateway.ts';
import { network } from '../../infra/cluster/places.ts';
import { packageRoot } from '../../infra/package-root.ts';
import { present } from '../present.ts';

const stateDir = path.join(packageRoot(), '.understudy', 'cluster');

/** The file that KUBECONFIG names, else that of the test cluster, which may not be there. */
export function kubeconfigFile(): string {
  const chosen = process.env['KUBECONFIG'];
  return chosen === undefined || chosen === '' ? path.join(stateDir, 'kubeconfig') : chosen;
}

/** The test cluster, or the one that KUBECONFIG names. Throws, naming the cure, when there is none. */
export function connect(): KubeConfig {
  const file = kubeconfigFile();
  if (!existsSync(file))
    throw new Error(`there is no kubeconfig at ${file}; run "npm run cluster:up" as root, or set KUBECONFIG`);
  const config = new KubeConfig();
  config.loadFromFile(file);
  return config;
}

/**
 * The reference, pinned by digest, of an image that the test cluster holds. With a cluster of your own,
 * `UNDERSTUDY_IMAGES` names a JSON file of the same shape: name → reference.
 */
export function imageOf(name: string): string {
  const file = process.env['UNDERSTUDY_IMAGES'] ?? path.join(stateDir, 'images.json');
  const images: Readonly<Record<string, string>> = JSON.parse(readFileSync(file, 'utf8'));
  const image = images[name];
  if (image === undefined) throw new Error(`${file} names no image "${name}", only ${Object.keys(images).join(', ')}`);
  return image;
}

/**
 * The address of this machine at which pods find the servers that a suite starts; they listen there and nowhere else.
 * `UNDERSTUDY_TEST_HOST` names it for a cluster of your own.
 */
export function testHost(): string {
  return process.env['UNDERSTUDY_TEST_HOST'] ?? network.host;
}

/** The API server's audit log, line by line; `UNDERSTUDY_AUDIT_LOG` names the file of a cluster of your own. */
export async function auditLines(): Promise<string[]> {
  const file = process.env['UNDERSTUDY_AUDIT_LOG'] ?? auditLog;
  return (await readFile(file, 'utf8')).split('\n');
}

/** Where the Gateway `gateway/understudy` listens; `UNDERSTUDY_GATEWAY_URL` names that of a cluster of your own. */
export function gatewayUrl(): string {
  return process.env['UNDERSTUDY_GATEWAY_URL'] ?? gatewayAddresses.url;
}

/** The page on which that Gateway counts; `UNDERSTUDY_GATEWAY_METRICS_URL` names that of a cluster of your own. */
export function gatewayMetricsUrl(): string {
  return process.env['UNDERSTUDY_GATEWAY_METRICS_URL'] ?? gatewayAddresses.metrics;
}

/**
 * How often the gateway has read its routes anew. Its turns begin again each time, whosever routes made it read: less than
 * one turn is lost.
 */
export async function gatewayReloads(): Promise<number> {
  const text = await (await fetch(gatewayMetricsUrl())).text();
  return Number(present(/^traefik_config_reloads_total (\S+)$/m.exec(text)?.[1]));
}

/** The address from which this machine speaks to the gateway: an endpoint may not be loopback. No packet is sent. */
export async function localAddress(): Promise<string> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => {
    socket.connect(9, new URL(gatewayUrl()).hostname, resolve);
  });
  const { address } = socket.address();
  socket.close();
  return address;
}

/** Label of every namespace that a suite made. */
const OF_A_SUITE = 'example.com/suite';

/** So many looks in a row, a tenth of a second apart: a suite that has just begun has no namespace yet. */
const CALM_LOOKS = 100;

/** Returns when no other suite is at work any more, as far as namespaces tell. */
export async function othersAreDone(withinMs: number): Promise<void> {
  const core = connect().makeApiClient(CoreV1Api);
  let calm = 0;
  const look = async (): Promise<true | undefined> => {
    const { items } = await core.listNamespace({ labelSelector: OF_A_SUITE });
    calm = items.length === 0 ? calm + 1 : 0;
    return calm >= CALM_LOOKS ? true : undefined;
  };
  await until('the end of all other suites', look, withinMs);
}

export interface TestNamespace {
  readonly name: string;
  readonly config: KubeConfig;
  /** Deletes it with all that is in it, and returns when it is gone. Once it is gone, nothing. */
  readonly remove: () => Promise<void>;
}

/** A namespace that belongs to one suite; its name begins with `prefix`. */
export async function makeNamespace(
  prefix: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<TestNamespace> {
  const config = connect();
  const core = config.makeApiClient(CoreV1Api);
  const made = await core.createNamespace({
    body: { metadata: { generateName: `${prefix}-`, labels: { ...labels, [OF_A_SUITE]: prefix } } },
  });
  const name = made.metadata?.name ?? '';
  await until(
    `the service account of ${name}`,
    async () => await found(core.readNamespacedServiceAccount({ name: 'default', namespace: name })),
  );
  const remove = async (): Promise<void> => {
    await found(core.deleteNamespace({ name }));
    await until(
      `namespace ${name} is gone`,
      async () => ((await found(core.readNamespace({ name }))) === undefined ? true : undefined),
      90_000,
    );
  };
  return { name, config, remove };
}

/** Looks until there is an answer; throws with `what` when `withinMs` are over. */
export async function until<T>(what: string, look: () => Promise<T | undefined>, withinMs = 60_000): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    const answer = await look();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`${what}: not within ${withinMs / 1000} s`);
    await sleep(100);
  }
}

/** The Job as soon as it has a condition of this type that is true. */
export async function jobWith(space: TestNamespace, name: string, condition: string): Promise<V1Job> {
  const batch = space.config.makeApiClient(BatchV1Api);
  return await until(`Job ${name} is ${condition}`, async () => {
    const job = await batch.readNamespacedJob({ name, namespace: space.name });
    return job.status?.conditions?.some(({ type, status }) => type === condition && status === 'True') === true
      ? job
      : undefined;
  });
}

/** What was asked for, undefined when the API answers 404. */
export async function found<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (cause) {
    if (typeof cause === 'object' && cause !== null && 'code' in cause && cause.code === 404) return undefined;
    throw cause;
  }
}
