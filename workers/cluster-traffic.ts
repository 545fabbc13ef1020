import { createHttpRouteGateways } from '../activities/adapters/httproute/gateways.ts';
import { loadCluster } from '../activities/adapters/kubernetes/kubeconfig.ts';
import type { Gateway, TrafficTarget } from '../activities/ports/gateway.ts';
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
  const { namespace, name, gatewayNamespace = namespace, listener } = given;
  return createHttpRouteGateways({
    kubeConfig: loadCluster(address),
    namespace,
    gateway: { name, namespace: gatewayNamespace, ...(listener === undefined ? {} : { sectionName: listener }) },
    address: given.address,
    hostnames: given.hostnames,
    metricsUrls: given.metrics,
    ...(given.requestTimeout === undefined ? {} : { timeoutMs: given.requestTimeout }),
    ...(given.class === undefined ? {} : { declared: given.class }),
  });
}
