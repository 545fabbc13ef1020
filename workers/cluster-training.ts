import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import path from 'node:path';
import { createExchange } from '../activities/adapters/kubernetes-training/exchange.ts';
import { readPlatform } from '../activities/adapters/kubernetes-training/manifest-platform.ts';
import { createKubernetesTraining } from '../activities/adapters/kubernetes-training/training-backend.ts';
import { createKubernetesClient } from '../activities/adapters/kubernetes/client.ts';
import { errorCode } from '../activities/error-code.ts';
import type { TrainingBackend } from '../activities/ports/training-backend.ts';
import type { SettingsFile } from './settings-file.ts';

export interface ClusterTraining {
  readonly backend: TrainingBackend;
  /** What pods speak to, to be mounted on a server that they reach. */
  readonly exchange: RequestListener;
}

/**
 * The training backend of the cluster that the settings name; nothing when they name none. Reads the platform's template,
 * the kubeconfig and the secret of the exchange, which is made once and kept in the state directory. No request is made.
 */
export function clusterTraining({ file, settings, stateDir }: SettingsFile): ClusterTraining | undefined {
  const { kubernetes } = settings;
  if (!kubernetes) return undefined;
  const { context } = kubernetes;
  const folder = path.dirname(file ?? path.resolve('understudy.config.yaml'));
  const kubeconfig = kubernetes.kubeconfig && path.resolve(folder, kubernetes.kubeconfig);
  const named = path.resolve(folder, kubernetes.platform);
  const platform = readPlatform(readNamed(named, file), named);
  const client = createKubernetesClient({
    namespace: platform.namespace,
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
  });
  const exchange = { root: path.join(stateDir, 'exchange'), secret: exchangeSecret(stateDir) };
  return {
    backend: createKubernetesTraining({ client, platform, ...exchange }),
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
