import type { Scrape, TrafficEvidence } from '../../ports/traffic-evidence.ts';
import { countersOf, createMetricsReader } from './metrics-body.ts';
import type { MetricsBody } from './metrics-body.ts';

export interface TraefikEvidenceOptions {
  /** Traefik's metrics entry point, such as http://127.0.0.1:8082/metrics. */
  readonly metricsUrl: string;
}

/**
 * Reads Traefik's own counters: both arms, the shadow and the router from one body, so all cover the same time. It also
 * sees what a dead server cannot report: a refused connection counts as 502 on its leaf, an exceeded time-out as 504.
 */
export function createTraefikEvidence(options: TraefikEvidenceOptions): TrafficEvidence {
  const read = createMetricsReader(options.metricsUrl);
  return { scrape: async (route) => scrapeOf(route, await read()) };
}

function scrapeOf(route: string, body: MetricsBody): Scrape {
  const { at, processStart } = body;
  const arm = (name: string) => countersOf(body, 'service', (label) => label === `${route}-${name}@file`);
  return {
    at,
    processStart,
    arms: { champion: arm('champion'), challenger: arm('challenger'), shadow: arm('shadow') },
    router: countersOf(body, 'router', (label) => label === `${route}@file`),
  };
}
