import { servingContract } from '../../contracts/serving.ts';
import type { ServerKind } from '../../contracts/serving.ts';
import { FLAGS } from '../../servers/model-server.ts';
import { until } from '../cluster.ts';
import { openClusterServing } from './serving-setup.ts';

/** Long enough for a pod to run, so that it is the server that keeps us waiting. */
const READY_WITHIN_MS: Readonly<Record<ServerKind, number>> = {
  good: 100_000,
  dies: 100_000,
  'never-ready': 6_000,
  'other-version': 6_000,
};

servingContract('kubernetes-serving', async () => {
  const setup = await openClusterServing();
  const { apps, serving, space } = setup;
  return {
    serving,
    request: (kind, { model, version }) =>
      setup.request(model, version, { flags: FLAGS[kind], readyWithinMs: READY_WITHIN_MS[kind] }),
    /** A pod that dies is replaced by the cluster; a server is gone when somebody deletes its Deployment. */
    async crash({ name }) {
      const body = { propagationPolicy: 'Foreground' };
      await apps.deleteNamespacedDeployment({ namespace: space.name, name, body });
      await until(`the pods of ${name} are gone`, async () =>
        (await setup.podsOf(name)).length === 0 ? true : undefined,
      );
    },
    instance: async ({ name }) => (await setup.podsOf(name)).join(','),
    stop: async () => await setup.close(),
  };
});
