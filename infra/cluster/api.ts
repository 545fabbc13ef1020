import {
  CoreV1Api,
  KubeConfig,
  KubernetesObjectApi,
  PatchStrategy,
  VersionApi,
  type KubernetesObject,
} from '@kubernetes/client-node';

const fieldManager = 'understudy-cluster';

/** The configuration of one user of the cluster. */
export function clientOf(kubeconfig: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return config;
}

/** Whether the API server answers and has made its own first objects. */
export async function isReady(config: KubeConfig): Promise<boolean> {
  await config.makeApiClient(VersionApi).getCode();
  await config.makeApiClient(CoreV1Api).readNamespace({ name: 'default' });
  return true;
}

/** Applies objects in this order, owning the fields they name. */
export async function apply(config: KubeConfig, objects: readonly KubernetesObject[]): Promise<void> {
  const api = KubernetesObjectApi.makeApiClient(config);
  for (const object of objects)
    await api.patch(object, undefined, undefined, fieldManager, true, PatchStrategy.ServerSideApply);
}
