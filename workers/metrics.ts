import path from 'node:path';
import { createPrometheusQuery } from '../activities/adapters/prometheus/metrics-query.ts';
import type { Ports } from '../activities/context.ts';
import { settingsFolder } from './cluster-address.ts';
import type { SettingsFile } from './settings-file.ts';

/** The Prometheus that the settings name; without one there is no such port, and criteria that need it are missing. */
export function wireMetrics({ file, settings }: SettingsFile): Pick<Ports, 'metrics'> {
  if (settings.prometheus === undefined) return {};
  const { tokenFile, url } = settings.prometheus;
  return {
    metrics: createPrometheusQuery({
      url,
      ...(tokenFile === undefined ? {} : { tokenFile: path.resolve(settingsFolder(file), tokenFile) }),
    }),
  };
}
