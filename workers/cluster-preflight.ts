import { createKubernetesPreflight } from '../activities/adapters/kubernetes-preflight/preflight.ts';
import { loadCluster } from '../activities/adapters/kubernetes/kubeconfig.ts';
import type { Preflight } from '../activities/ports/preflight.ts';
import { shippedRoles } from '../infra/shipped-roles.ts';
import { declaredClassChecks } from './cluster-traffic.ts';
import { openCluster } from './cluster-training.ts';
import type { SettingsFile } from './settings-file.ts';

/** Looks at the cluster that the settings name. What is wrong with the settings is a finding, not an error. */
export function clusterPreflight(file: SettingsFile): Preflight {
  return createKubernetesPreflight({
    roles: shippedRoles,
    cluster: async () => {
      const found = openCluster(file);
      if (!found) return undefined;
      const { connect, platform } = found;
      const { gateway, kserve } = file.settings.kubernetes ?? {};
      const config = loadCluster(connect(platform.namespace));
      if (gateway === undefined) return { config, platform };
      const compareClass = async () => declaredClassChecks(file);
      const { namespace } = gateway;
      const routes = { namespace, class: gateway.class, compareClass };
      return { config, platform, routes, ...(kserve ? { kserve: { namespace: kserve.namespace ?? namespace } } : {}) };
    },
  });
}
