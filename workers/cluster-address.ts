import path from 'node:path';
import type { ClusterAddress } from '../activities/adapters/kubernetes/kubeconfig.ts';
import type { SettingsFile } from './settings-file.ts';

/** Where the cluster of the settings is; the kubeconfig is relative to the settings file. Nothing when they name none. */
export function clusterAddress({ file, settings }: SettingsFile): ClusterAddress | undefined {
  if (settings.kubernetes === undefined) return undefined;
  const { context, kubeconfig } = settings.kubernetes;
  return {
    ...(kubeconfig === undefined ? {} : { kubeconfig: path.resolve(settingsFolder(file), kubeconfig) }),
    ...(context === undefined ? {} : { context }),
  };
}

/** What relative paths of the settings start from. */
export function settingsFolder(file: string | undefined): string {
  return path.dirname(file ?? path.resolve('understudy.config.yaml'));
}
