import path from 'node:path';
import { createServingApi } from '../activities/adapters/kubernetes-serving/api.ts';
import { servesModels } from '../activities/adapters/kubernetes-serving/platform.ts';
import { createKubernetesServing } from '../activities/adapters/kubernetes-serving/serving.ts';
import { createKubernetesClient } from '../activities/adapters/kubernetes/client.ts';
import type { Serving } from '../activities/ports/serving.ts';
import { openCluster } from './cluster-training.ts';
import type { SettingsFile } from './settings-file.ts';

/**
 * The serving backend of the cluster that the settings name; nothing when they name none, or its platform file has no
 * section `serving`. Pods speak to the same exchange as those of trainings. No request is made.
 */
export function clusterServing(file: SettingsFile): Serving | undefined {
  const cluster = openCluster(file);
  if (cluster === undefined || !servesModels(cluster.platform)) return undefined;
  const { platform, exchange, connect } = cluster;
  const connection = connect(platform.serving.namespace);
  return createKubernetesServing({
    client: createKubernetesClient(connection),
    api: createServingApi(connection),
    platform,
    root: exchange.root,
    get secret() {
      return exchange.secret();
    },
    logs: path.join(file.stateDir, 'server-logs'),
  });
}
