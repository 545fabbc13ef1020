import { createKubernetesPreflight } from '../activities/adapters/kubernetes-preflight/preflight.ts';
import { loadCluster } from '../activities/adapters/kubernetes/kubeconfig.ts';
import type { Preflight } from '../activities/ports/preflight.ts';
import { shippedRoles } from '../infra/shipped-roles.ts';
import { declaredClassChecks } from './cluster-traffic.ts';
import { openCluster } from './cluster-training.ts';
import type { SettingsFile } from './settings-file.ts';

/** Looks at the cluster that the settings name. What is wrong with the settings is a finding, not an error. */
export function clusterPreflight(file: SettingsFile): Preflight {
  const cluster = createKubernetesPreflight({
    roles: shippedRoles,
    cluster: async () => {
      const found = openCluster(file);
      if (!found) return undefined;
      const { connect, platform } = found;
      const { gateway } = file.settings.kubernetes ?? {};
      return {
        config: loadCluster(connect(platform.namespace)),
        platform,
        ...(gateway ? { routes: { namespace: gateway.namespace, controller: gateway.class?.controller } } : {}),
      };
    },
  });
  return {
    look: async (policy) => {
      const found = await cluster.look(policy);
      const routes = policy === undefined || policy.spec.traffic?.gateway === 'httproute';
      // Who cannot speak to the cluster need not hear it twice.
      const away = found.some(({ name, state }) => name === 'cluster' && state === 'problem');
      return away || !routes ? found : [...found, ...(await declaredClassChecks(file))];
    },
  };
}
