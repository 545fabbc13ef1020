import { checkDeclaredClass } from '../activities/adapters/httproute/declared-class.ts';
import { createHttpRouteGateways } from '../activities/adapters/httproute/gateways.ts';
import { loadCluster } from '../activities/adapters/kubernetes/kubeconfig.ts';
import type { Gateway, TrafficTarget } from '../activities/ports/gateway.ts';
import type { PreflightFinding } from '../activities/ports/preflight.ts';
import { clusterAddress } from './cluster-address.ts';
import type { SettingsFile } from './settings-file.ts';

/**
 * The Gateway of the cluster that the settings name, for policies with `gateway: httproute`; nothing when they name none.
 * Reads the kubeconfig; no request is made.
 */
export function clusterTraffic(file: SettingsFile): ((target: TrafficTarget) => Gateway) | undefined {
  const given = file.settings.kubernetes?.gateway;
  const address = clusterAddress(file);
  if (given === undefined || address === undefined) return undefined;
  const { namespace } = given;
  return createHttpRouteGateways({
    kubeConfig: loadCluster(address),
    namespace,
    gateway: gatewayOf(given),
    address: given.address,
    hostnames: given.hostnames,
    metricsUrls: given.metrics,
    ...(given.requestTimeout === undefined ? {} : { timeoutMs: given.requestTimeout }),
    ...(given.class === undefined ? {} : { declared: given.class }),
  });
}

/** Whether `kubernetes.gateway.class` says what the GatewayClass says; nothing when the settings say nothing of it. */
export async function declaredClassChecks(file: SettingsFile): Promise<readonly PreflightFinding[]> {
  const given = file.settings.kubernetes?.gateway;
  const address = clusterAddress(file);
  if (given?.class === undefined || address === undefined) return [];
  return [await checkDeclaredClass(loadCluster(address), gatewayOf(given), given.class)];
}

type Given = NonNullable<NonNullable<SettingsFile['settings']['kubernetes']>['gateway']>;

function gatewayOf({ gatewayNamespace, listener, name, namespace }: Given) {
  const section = listener === undefined ? {} : { sectionName: listener };
  return { name, namespace: gatewayNamespace ?? namespace, ...section };
}
