import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import path from 'node:path';
import { createExchange } from '../activities/adapters/kubernetes-training/exchange.ts';
import { readPlatform } from '../activities/adapters/kubernetes-training/manifest-platform.ts';
import type { PlatformTemplate } from '../activities/adapters/kubernetes-training/manifest-platform.ts';
import { createKubernetesTraining } from '../activities/adapters/kubernetes-training/training-backend.ts';
import { createKubernetesClient } from '../activities/adapters/kubernetes/client.ts';
import type { KubernetesConnection } from '../activities/adapters/kubernetes/client.ts';
import { errorCode } from '../activities/error-code.ts';
import type { TrainingBackend } from '../activities/ports/training-backend.ts';
import { clusterAddress, settingsFolder } from './cluster-address.ts';
import type { SettingsFile } from './settings-file.ts';

export interface ClusterTraining {
  readonly backend: TrainingBackend;
  /** What pods speak to, to be mounted on a server that they reach. */
  readonly exchange: RequestListener;
}

/** What every adapter of the cluster shares. */
export interface Cluster {
  readonly platform: PlatformTemplate;
  readonly exchange: { readonly root: string; readonly secret: string };
  readonly connect: (namespace: string) => KubernetesConnection;
}

/**
 * The cluster that the settings name; nothing when they name none. Reads the platform's template, the kubeconfig and the
 * secret of the exchange, which is made once and kept in the state directory. No request is made.
 */
export function openCluster(file: SettingsFile): Cluster | undefined {
  const address = clusterAddress(file);
  if (address === undefined) return undefined;
  const { stateDir } = file;
  return {
    platform: platformOf(file),
    exchange: { root: path.join(stateDir, 'exchange'), secret: exchangeSecret(stateDir) },
    connect: (namespace) => ({ namespace, ...address }),
  };
}

/** The platform's template. Throws when the settings name none, and with the path when it cannot be read. */
export function platformOf({ file, settings }: SettingsFile): PlatformTemplate {
  if (settings.kubernetes === undefined) throw new Error('the settings name no cluster: add a kubernetes section');
  const named = path.resolve(settingsFolder(file), settings.kubernetes.platform);
  return readPlatform(readNamed(named, file), named);
}

/** The training backend of the cluster that the settings name; nothing when they name none. No request is made. */
export function clusterTraining(file: SettingsFile): ClusterTraining | undefined {
  const cluster = openCluster(file);
  if (cluster === undefined) return undefined;
  const { platform, exchange, connect } = cluster;
  const client = createKubernetesClient(connect(platform.namespace));
  const pollMs = file.settings.kubernetes?.pollEvery;
  return {
    backend: createKubernetesTraining({ client, platform, ...exchange, ...(pollMs === undefined ? {} : { pollMs }) }),
    exchange: createExchange(exchange),
  };
}

function readNamed(named: string, settingsFile: string | undefined): string {
  try {
    return readFileSync(named, 'utf8');
  } catch (cause) {
    throw new Error(
      `kubernetes.platform of ${settingsFile ?? 'the settings'} names ${named}, which cannot be read; expected a file ` +
        'of kind TrainingPlatform',
      { cause },
    );
  }
}

function exchangeSecret(stateDir: string): string {
  const file = path.join(stateDir, 'exchange-secret');
  mkdirSync(stateDir, { recursive: true });
  try {
    writeFileSync(file, `${randomBytes(32).toString('hex')}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
  return readFileSync(file, 'utf8').trim();
}
