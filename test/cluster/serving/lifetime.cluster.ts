import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { V1Deployment } from '@kubernetes/client-node';
import { anchorName } from '../../../activities/adapters/kubernetes/anchor.ts';
import { eventually } from '../../eventually.ts';
import { kubernetesProxy } from '../../faults/kubernetes-proxy.ts';
import type { KubernetesProxy } from '../../faults/kubernetes-proxy.ts';
import { present } from '../../present.ts';
import { OPEN_INFERENCE_HTTP } from '../../servers/model-server.ts';
import { found, until } from '../cluster.ts';
import { openClusterServing } from './serving-setup.ts';
import type { ClusterServing } from './serving-setup.ts';

let setup: ClusterServing;
let proxy: KubernetesProxy;
beforeAll(async () => {
  setup = await openClusterServing();
  proxy = await kubernetesProxy(setup.account);
});
afterAll(async () => {
  await proxy.close();
  await setup.close();
});

const deployment = async (name: string): Promise<V1Deployment | undefined> =>
  await found(setup.apps.readNamespacedDeployment({ name, namespace: setup.space.name }));
const uidOf = async (name: string) => present(await deployment(name)).metadata?.uid;
const serverOf = (one: V1Deployment | undefined) => present(one?.spec?.template.spec?.containers[0]);

describe('a server of the cluster', () => {
  test('that was created though the answer was lost is adopted, not made again', async () => {
    const request = setup.request('lost', '1');
    const serving = await setup.by(proxy.config);
    proxy.reset('after', { verb: 'create', resource: 'deployments' });
    await expect(serving.ensure(request)).rejects.toMatchObject({ code: 'unavailable' });
    const uid = await uidOf('lost-v1');
    expect(await serving.ensure(request)).toMatchObject({ name: 'lost-v1' });
    expect(await uidOf('lost-v1')).toBe(uid);
    expect(proxy.fired.get('reset-after')).toBe(1);
    await setup.serving.stop('lost', '1');
  });

  test('leaves nothing behind when it is stopped, and its exchange answers nobody any more', async () => {
    const { name } = await setup.serving.ensure(setup.request('leaving', '1'));
    await setup.serving.stop('leaving', '1');
    const namespace = setup.space.name;
    expect(await deployment(name)).toBeUndefined();
    expect(await found(setup.core.readNamespacedService({ name, namespace }))).toBeUndefined();
    const anchor = anchorName(`server/${name}`);
    expect(await found(setup.core.readNamespacedConfigMap({ name: anchor, namespace }))).toBeUndefined();
    expect(await setup.podsOf(name)).toEqual([]);
    expect(await readdir(path.join(setup.home, 'exchange'))).toEqual([]);
  });

  test('that a paused worker creates after the stop is collected with its anchor', async () => {
    const serving = await setup.by(proxy.config);
    proxy.delay(4_000, { verb: 'create', resource: 'deployments' });
    const late = serving.ensure(setup.request('late', '1')).catch((error: unknown) => error);
    const namespace = setup.space.name;
    await until(
      'the Service',
      async () => await found(setup.core.readNamespacedService({ name: 'late-v1', namespace })),
    );
    await setup.serving.stop('late', '1');
    const message = expect.stringContaining('was deleted while it was waited for');
    expect(await late).toMatchObject({ code: 'not-ready', message });
    await eventually(
      async () => await deployment('late-v1'),
      (one) => one === undefined,
      20_000,
    );
  });

  test('of the same name that serves something else is a conflict and is left alone', async () => {
    await setup.serving.ensure(setup.request('other', '1'));
    const uid = await uidOf('other-v1');
    const changed = setup.request('other', '1', { flags: ['--log'] });
    await expect(setup.serving.ensure(changed)).rejects.toMatchObject({ code: 'job-conflict' });
    expect(await uidOf('other-v1')).toBe(uid);
    await setup.serving.stop('other', '1');
  });

  test('PR3: is not ready while one of its ready pods is another version', async () => {
    const request = setup.request('mixed', '1');
    const server = await setup.serving.ensure(request);
    const template = present((await deployment('mixed-v1'))?.spec?.template);
    const spec = structuredClone(present(template.spec));
    present(spec.containers[0]).command?.push('--claim', '2');
    const body = { metadata: { name: 'stranger', labels: { ...template.metadata?.labels } }, spec };
    await setup.core.createNamespacedPod({ namespace: setup.space.name, body });
    await eventually(
      async () => (await setup.serving.find('mixed', '1'))?.direct,
      (direct) => direct?.length === 2,
      60_000,
    );
    expect(await setup.serving.ready(server, OPEN_INFERENCE_HTTP)).toBe(false);
    const again = setup.serving.ensure({ ...request, readyWithinMs: 1_000 });
    await expect(again).rejects.toThrow('it does not serve this version');
    expect(await uidOf('mixed-v1')).toBeDefined();
    await setup.core.deleteNamespacedPod({ name: 'stranger', namespace: setup.space.name });
    await setup.serving.stop('mixed', '1');
  });
});

describe('champion and challenger', () => {
  test('the challenger is as the champion is now, and the champion keeps its size', async () => {
    await setup.serving.ensure(setup.request('pair', '1', { placement: { replicas: 1 } }));
    const variable = { name: 'OMP_NUM_THREADS', value: '1' };
    await setup.api.patchDeployment('pair-v1', { spec: { replicas: 2 } });
    await setup.apps.patchNamespacedDeployment({
      name: 'pair-v1',
      namespace: setup.space.name,
      body: [{ op: 'add', path: '/spec/template/spec/containers/0/env/-', value: variable }],
    });
    const request = setup.request('pair', '2');
    const { backend, image } = present(request.placement);
    const running = await setup.serving.ensure({ ...request, placement: { backend, image, champion: '1' } });
    expect(running.direct).toHaveLength(2);
    await setup.serving.ensure(setup.request('pair', '1', { placement: { replicas: 1 } }));
    const [old, young] = [await deployment('pair-v1'), await deployment('pair-v2')];
    expect([old?.spec?.replicas, young?.spec?.replicas]).toEqual([2, 2]);
    expect(serverOf(young).resources).toEqual(serverOf(old).resources);
    expect(serverOf(young).env).toContainEqual(variable);
    await setup.serving.stop('pair', '2');
    expect((await setup.serving.list('pair')).map(({ version }) => version)).toEqual(['1']);
    await setup.serving.stop('pair', '1');
  });

  test('a champion that somebody made smaller gets its size back', async () => {
    const request = setup.request('small', '1', { placement: { replicas: 2 } });
    await setup.serving.ensure(request);
    await setup.api.patchDeployment('small-v1', { spec: { replicas: 1 } });
    expect((await setup.serving.ensure(request)).direct).toHaveLength(2);
    expect((await deployment('small-v1'))?.spec?.replicas).toBe(2);
    await setup.serving.stop('small', '1');
  });
});
