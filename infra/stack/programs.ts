import path from 'node:path';
import { pythonBin } from '../python.ts';
import { searchAttributes } from './search-attributes.ts';

/** A command line that starts one server in the foreground. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  /** Added to the environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** The one address that servers listen on when none is chosen: nobody but this machine reaches it. */
export const loopback = '127.0.0.1';

export interface TemporalOptions {
  readonly port: number;
  /** Without one there is no web UI. */
  readonly uiPort?: number;
  /** SQLite file that keeps the state; without one it is lost with the process. */
  readonly database?: string;
}

/**
 * Temporal's dev server, on loopback: on any other address its own services look for each other where nobody listens. It reads the attribute flags only for a new database: an old one needs `bootstrapTemporal`.
 */
export function temporalProgram(options: TemporalOptions): Program {
  const attributes = Object.entries(searchAttributes).map(([name, type]) => `--search-attribute=${name}=${type}`);
  const ui = options.uiPort === undefined ? ['--headless'] : [`--ui-port=${options.uiPort}`, '--ui-disable-news-fetch'];
  const database = options.database === undefined ? [] : [`--db-filename=${options.database}`];
  const args = ['server', 'start-dev', `--ip=${loopback}`, `--port=${options.port}`, '--log-level=warn'];
  return { file: pythonBin('temporal'), args: [...args, ...ui, ...database, ...attributes], env: {} };
}

/** MLflow with its store (SQLite) and artifacts below `folder`. Started anew it needs about 7 s, later 4 s. */
export function mlflowProgram(options: {
  readonly bind?: string;
  readonly port: number;
  readonly folder: string;
}): Program {
  return {
    file: pythonBin('mlflow'),
    args: [
      'server',
      `--host=${options.bind ?? loopback}`,
      `--port=${options.port}`,
      `--backend-store-uri=sqlite:///${path.join(options.folder, 'mlflow.db')}`,
      '--serve-artifacts',
      `--artifacts-destination=${path.join(options.folder, 'artifacts')}`,
      '--workers=1',
      // A line for each request would fill the disk of a stack that runs for weeks.
      '--uvicorn-opts=--log-level warning',
    ],
    // Its job runners are eight more processes for features that nobody here uses.
    env: { MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false', MLFLOW_DISABLE_TELEMETRY: 'true', DO_NOT_TRACK: 'true' },
  };
}

export interface TraefikOptions {
  /** Address to listen on; {@link loopback} when there is none. */
  readonly bind?: string;
  readonly port: number;
  /** `/metrics`, `/ping` and the read-only API (`/api/http/routers/NAME@file`) answer here. */
  readonly metricsPort: number;
  /** Watched folder, one file per route. */
  readonly routes: string;
}

/** Traefik without configuration file: routes come from the watched folder, all else is in these flags. */
export function traefikProgram(options: TraefikOptions): Program {
  return {
    file: pythonBin('traefik'),
    args: [
      '--global.checkNewVersion=false',
      '--global.sendAnonymousUsage=false',
      '--log.level=INFO',
      '--log.noColor=true',
      `--providers.file.directory=${options.routes}`,
      '--providers.file.watch=true',
      '--providers.providersThrottleDuration=100ms',
      `--entryPoints.web.address=${options.bind ?? loopback}:${options.port}`,
      // The API can only be had without a route of its own on an entry point of this very name.
      `--entryPoints.traefik.address=${options.bind ?? loopback}:${options.metricsPort}`,
      '--api.insecure=true',
      '--api.dashboard=false',
      '--ping=true',
      '--metrics.prometheus=true',
      '--metrics.prometheus.entryPoint=traefik',
      '--metrics.prometheus.addServicesLabels=true',
      '--metrics.prometheus.addRoutersLabels=true',
      '--metrics.prometheus.buckets=0.005,0.01,0.025,0.05,0.1,0.25,0.5,1,2.5',
    ],
    env: {},
  };
}
