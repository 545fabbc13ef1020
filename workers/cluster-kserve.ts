import path from 'node:path';
import { createKserveGateways } from '../activities/adapters/kserve/gateways.ts';
import { createKserveServing } from '../activities/adapters/kserve/serving.ts';
import { loadCluster } from '../activities/adapters/kubernetes/kubeconfig.ts';
import type { Gateway, TrafficTarget } from '../activities/ports/gateway.ts';
import type { Serving } from '../activities/ports/serving.ts';
import { clusterAddress } from './cluster-address.ts';
import type { SettingsFile } from './settings-file.ts';

export interface ClusterKserve {
  readonly serving: Serving;
  readonly gateways: (target: TrafficTarget) => Gateway;
}

/**
 * KServe in the cluster that the settings name, for policies with `backend: kserve`; nothing when they name no Gateway,
 * which is the one that KServe hangs its routes on. Reads the kubeconfig; no request is made.
 */
export function clusterKserve(file: SettingsFile): ClusterKserve | undefined {
  const given = file.settings.kubernetes?.gateway;
  const address = clusterAddress(file);
  if (given === undefined || address === undefined) return undefined;
  const { namespace, name, gatewayNamespace = namespace, listener } = given;
  const kubeConfig = loadCluster(address);
  return {
    serving: createKserveServing({ kubeConfig, namespace, logs: path.join(file.stateDir, 'server-logs') }),
    gateways: createKserveGateways({
      kubeConfig,
      namespace,
      gateway: { name, namespace: gatewayNamespace, ...(listener === undefined ? {} : { sectionName: listener }) },
      metricsUrls: given.metrics,
      ...(given.class === undefined ? {} : { declared: given.class }),
    }),
  };
}
