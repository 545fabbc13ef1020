import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { AppsV1Api, BatchV1Api, CoreV1Api } from '@kubernetes/client-node';
import type { V1ObjectMeta } from '@kubernetes/client-node';
import { until } from '../cluster.ts';
import { SERVER } from './everything.ts';
import { NOWHERE, openShippedWorld } from './shipped-world.ts';
import type { ShippedWorld } from './shipped-world.ts';

let world: ShippedWorld;
beforeAll(async () => {
  world = await openShippedWorld();
  const { training, job, servers, server } = world;
  await training.submit(job('alone', 'true', { gpu: NOWHERE }));
  await training.submit(job('pair', 'true', { gpu: NOWHERE, nodes: 2 }));
  await servers.ensure(server('1', SERVER));
}, 240_000);
afterAll(async () => {
  await world.close();
}, 240_000);

test('SE5: whatever a run makes in a cluster is owned by an anchor, or by what an anchor owns', async () => {
  const [trained, served] = [await madeIn(world.train), await madeIn(world.serving)];
  expect(trained.map(({ what }) => what)).toEqual(expect.arrayContaining(['Job alone', 'Job pair', 'Service pair']));
  expect(served.map(({ what }) => what)).toEqual(
    expect.arrayContaining(['Deployment flights-v1', 'Service flights-v1']),
  );
  const owned = [...trained, ...served].filter(({ what }) => !isAnchor(what));
  expect(owned.filter(({ owners }) => owners.length === 0)).toEqual([]);
});

test('P5: Jobs, Deployments, Services, pods and anchors of a dead run are gone when a person deletes its anchors', async () => {
  const core = world.config.makeApiClient(CoreV1Api);
  for (const namespace of [world.train, world.serving]) {
    const anchors = (await madeIn(namespace)).filter(({ what }) => isAnchor(what));
    expect(anchors.length).toBeGreaterThan(0);
    // As `kubectl delete configmap` does it.
    for (const { name } of anchors)
      await core.deleteNamespacedConfigMap({ namespace, name, body: { propagationPolicy: 'Background' } });
  }
  await expect(until('nothing is left of the run', nothingLeft, 120_000)).resolves.toBe(true);
}, 180_000);

async function nothingLeft(): Promise<true | undefined> {
  const left = [...(await madeIn(world.train)), ...(await madeIn(world.serving))];
  return left.length === 0 ? true : undefined;
}

interface Made {
  /** `Job alone` */
  readonly what: string;
  readonly name: string;
  readonly owners: readonly string[];
}

const isAnchor = (what: string): boolean => what.startsWith('ConfigMap understudy-anchor-');

/** What a run can make; left out is what the set-up and the cluster itself put into every namespace. */
async function madeIn(namespace: string): Promise<readonly Made[]> {
  const core = world.config.makeApiClient(CoreV1Api);
  const apps = world.config.makeApiClient(AppsV1Api);
  const [jobs, pods, services, maps, deployments, sets] = await Promise.all([
    world.config.makeApiClient(BatchV1Api).listNamespacedJob({ namespace }),
    core.listNamespacedPod({ namespace }),
    core.listNamespacedService({ namespace }),
    core.listNamespacedConfigMap({ namespace }),
    apps.listNamespacedDeployment({ namespace }),
    apps.listNamespacedReplicaSet({ namespace }),
  ]);
  const of = (kind: string, items: readonly { readonly metadata?: V1ObjectMeta }[]): readonly Made[] =>
    items.flatMap(({ metadata }) => {
      const name = metadata?.name ?? '';
      const owners = (metadata?.ownerReferences ?? []).map((owner) => `${owner.kind} ${owner.name}`);
      return [{ what: `${kind} ${name}`, name, owners }];
    });
  return [
    ...of('Job', jobs.items),
    ...of('Pod', pods.items),
    ...of('Service', services.items),
    ...of('ConfigMap', maps.items),
    ...of('Deployment', deployments.items),
    ...of('ReplicaSet', sets.items),
  ].filter(({ what }) => !SET_UP.includes(what));
}

const SET_UP = ['ConfigMap kube-root-ca.crt', 'Service champion', 'Service challenger', 'Service shadow'];
