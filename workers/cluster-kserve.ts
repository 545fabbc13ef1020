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

/** KServe where the settings name it, for policies with `backend: kserve`. Reads the kubeconfig; no request is made. */
export function clusterKserve(file: SettingsFile): ClusterKserve | undefined {
  const { gateway: given, kserve } = file.settings.kubernetes ?? {};
  const address = clusterAddress(file);
  if (given === undefined || kserve === undefined || address === undefined) return undefined;
  const { name, gatewayNamespace = given.namespace, listener } = given;
  const { namespace = given.namespace } = kserve;
  const kubeConfig = loadCluster(address);
  return {
    serving: createKserveServing({ kubeConfig, namespace, logs: path.join(file.stateDir, 'server-logs') }),
    gateways: createKserveGateways({
      kubeConfig,
      namespace,
      gateway: { name, namespace: gatewayNamespace, ...(listener === undefined ? {} : { sectionName: listener }) },
      metricsUrls: given.metrics,
      ...(given.requestTimeout === undefined ? {} : { timeoutMs: given.requestTimeout }),
      ...(given.class === undefined ? {} : { declared: given.class }),
    }),
  };
}
