import path from 'node:path';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import { readStack } from '../infra/stack/state.ts';
import type { Settings } from '../scorecards/settings.ts';
import type { SettingsFile } from './settings-file.ts';

/** Where everything is: the settings say so, else the embedded stack that runs in the state directory. */
export interface Addresses {
  readonly temporal: { readonly address: string; readonly namespace: string; readonly config: ClientConnectConfig };
  readonly mlflow: string;
  readonly routes: { readonly watched: string; readonly staging: string };
  readonly gateway: string;
  readonly gatewayMetrics: string;
  readonly temporalUi?: string;
}

/** Precedence: Temporal's environment and profile, the settings file, the running stack, the stack's usual ports. */
export function findAddresses({ settings, stateDir }: SettingsFile): Addresses {
  const stack = readStack(stateDir);
  const embedded = stack?.addresses ?? usualAddresses(settings.stack);
  const { gateway, temporal } = settings;
  return {
    temporal: temporalAt(temporal, embedded.temporal),
    mlflow: settings.mlflow.uri ?? embedded.mlflow,
    routes: gateway.routes
      ? routesIn(path.resolve(gateway.routes, '..'), path.basename(gateway.routes))
      : (stack?.routes ?? routesIn(path.join(stateDir, 'gateway'), 'routes')),
    gateway: gateway.address ?? embedded.gateway,
    gatewayMetrics: gateway.metrics ?? embedded.gatewayMetrics,
    ...(stack ? { temporalUi: stack.addresses.temporalUi } : {}),
  };
}

function temporalAt({ address, namespace }: Settings['temporal'], embedded: string): Addresses['temporal'] {
  const config = loadClientConnectConfig();
  return {
    address: config.connectionOptions.address ?? address ?? embedded,
    namespace: config.namespace ?? namespace,
    config,
  };
}

function usualAddresses(ports: Settings['stack']) {
  const http = (port: number) => `http://127.0.0.1:${port}`;
  return {
    temporal: `127.0.0.1:${ports.temporal}`,
    mlflow: http(ports.mlflow),
    gateway: http(ports.gateway),
    gatewayMetrics: `${http(ports.gatewayMetrics)}/metrics`,
  };
}

/** The staging folder lies beside the watched one, on the same file system. */
function routesIn(folder: string, name: string) {
  return { watched: path.join(folder, name), staging: path.join(folder, 'staging') };
}
