import { BatchV1Api, CoreV1Api, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import type { JobState } from '../../../activities/ports/training-backend.ts';
import { until } from '../cluster.ts';
import { addUsersRoute, clearRoute } from './serving-objects.ts';
import { NOWHERE, ROUTE } from './shipped-world.ts';
import type { ShippedWorld } from './shipped-world.ts';

const RESULT = `printf m > /tmp/m && mkdir -p /understudy/output/model && cp /tmp/m /understudy/output/model/m
printf '{"mode":"train","artifact":{"path":"model","files":[{"path":"m","sha256":"'$(sha256sum /tmp/m | cut -d' ' -f1)'"}]},"metrics":{}}' > /understudy/output/result.json`;

/** Trains one model with one pod, one with two and one that fails, looks on, and clears away. What came out. */
export async function train(world: ShippedWorld): Promise<readonly string[]> {
  const { training, client } = world;
  await training.submit(world.job('alone', RESULT));
  await training.submit(world.job('alone', RESULT));
  await training.submit(world.job('pair', 'true', { nodes: 2, gpu: NOWHERE }));
  await training.submit(world.job('broken', 'echo no label; exit 65'));
  const ended = await endOf(world, 'alone');
  await endOf(world, 'broken');
  await training.inspect('pair');
  await training.remove('alone');
  await training.remove('pair');
  await training.remove('broken');
  return [ended.state, (await training.inspect('alone')).state, (await client.listPods('')).length.toString()];
}

async function endOf({ training }: ShippedWorld, name: string): Promise<JobState> {
  return await until(
    `the end of ${name}`,
    async () => {
      const state = await training.inspect(name);
      return state.state === 'waiting' || state.state === 'running' ? undefined : state;
    },
    240_000,
  );
}

/** A Job in a queue that nobody has, and one for which there is no node: all that is asked about waiting. */
export async function wait({ training, job }: ShippedWorld): Promise<readonly string[]> {
  await training.submit(job('queued', 'true', { queue: 'nobodys' }));
  await training.submit(job('nowhere', 'true', { gpu: NOWHERE }));
  const why = await until('the scheduler has spoken', async () => {
    const state = await training.inspect('nowhere');
    return state.state === 'waiting' && /node/.test(state.why) ? state.why : undefined;
  });
  const queued = await training.inspect('queued');
  await Promise.all([training.remove('queued'), training.remove('nowhere')]);
  return [queued.state, why];
}

/** A Job that somebody deletes. */
export async function lose({ training, job, config, train: namespace }: ShippedWorld): Promise<string> {
  await training.submit(job('lost', 'true', { gpu: NOWHERE }));
  await training.inspect('lost');
  const batch = config.makeApiClient(BatchV1Api);
  await batch.deleteNamespacedJob({ namespace, name: 'lost', body: { propagationPolicy: 'Background' } });
  const state = await until('the Job has vanished', async () => {
    const seen = (await training.inspect('lost')).state;
    return seen === 'waiting' || seen === 'running' ? undefined : seen;
  });
  await training.remove('lost');
  return state;
}

/** A server under the contract: says which version it is, and nothing else. */
export const SERVER = `const { version, host, port } = JSON.parse(require('fs').readFileSync(process.env.UNDERSTUDY_SPEC));
require('http').createServer((request, response) => response.setHeader('x-model-version', version).end()).listen(port, host);
process.on('SIGTERM', () => process.exit());`;

/** Serves a version with one pod and then with two, and another one that cannot serve. What came of the latter. */
export async function serve(world: ShippedWorld): Promise<string> {
  const { servers, server } = world;
  await servers.ensure(server('1', SERVER));
  const running = await servers.ensure(server('1', SERVER, 2));
  await servers.find('flights', '1');
  await servers.ready(running, server('1', SERVER).http);
  await servers.list('flights');
  const broken = await servers.ensure(server('2', 'console.log("no licence"); process.exit(3)')).then(String, String);
  await disown(world, 'flights-v1');
  await servers.stop('flights', '1');
  return broken;
}

/** Nobody else deletes this Service now: else the cluster's collector may be there before us. */
async function disown({ config, serving: namespace }: ShippedWorld, name: string): Promise<void> {
  const as = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
  const body = { metadata: { ownerReferences: null } };
  await config.makeApiClient(CoreV1Api).patchNamespacedService({ namespace, name, body }, as);
}

/** A route of our own from its first to its last write, with a mirror in between. */
export async function rollOut({ dedicated, route, shadow }: ShippedWorld): Promise<void> {
  const router = dedicated();
  await router.capabilities();
  await router.apply(route(0));
  await until('the route is loaded', async () => ((await router.loaded(ROUTE)) ? true : undefined));
  await router.apply(route(0, { shadow }));
  await router.apply(route(5));
  await router.apply(route(50));
  await router.read(ROUTE);
  await router.remove(ROUTE);
}

/** The same in a route that belongs to a user. */
export async function rollOutAdopted({ adopted, route, config, serving }: ShippedWorld): Promise<void> {
  const router = adopted();
  await addUsersRoute(config, serving, ROUTE);
  await router.apply(route(5));
  await until('the route is loaded', async () => ((await router.loaded(ROUTE)) ? true : undefined));
  await router.apply(route(50), { force: true });
  await router.remove(ROUTE);
  await clearRoute(config, serving, ROUTE);
}
