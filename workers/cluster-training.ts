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

/** What every adapter of the cluster shares. */
export interface Cluster {
  readonly platform: PlatformTemplate;
  /** `secret` is made at its first use and kept in the state directory: whoever only looks writes nothing. */
  readonly exchange: { readonly root: string; readonly secret: () => string };
  readonly connect: (namespace: string) => KubernetesConnection;
}

/**
 * The cluster that the settings name; nothing when they name none. Reads the platform's template and the kubeconfig; no
 * request is made, and nothing is written.
 */
export function openCluster(file: SettingsFile): Cluster | undefined {
  const address = clusterAddress(file);
  if (address === undefined) return undefined;
  const { stateDir } = file;
  return {
    platform: platformOf(file),
    exchange: { root: path.join(stateDir, 'exchange'), secret: () => exchangeSecret(stateDir) },
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
export function clusterTraining(file: SettingsFile): TrainingBackend | undefined {
  const cluster = openCluster(file);
  if (cluster === undefined) return undefined;
  const { platform, exchange, connect } = cluster;
  const client = createKubernetesClient(connect(platform.namespace));
  const pollMs = file.settings.kubernetes?.pollEvery;
  return createKubernetesTraining({
    client,
    platform,
    root: exchange.root,
    get secret() {
      return exchange.secret();
    },
    ...(pollMs === undefined ? {} : { pollMs }),
  });
}

/** What pods speak to, to be mounted on a server that they reach; nothing when the settings name no cluster. */
export function clusterExchange(file: SettingsFile): RequestListener | undefined {
  const exchange = openCluster(file)?.exchange;
  return exchange && createExchange({ root: exchange.root, secret: exchange.secret() });
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
