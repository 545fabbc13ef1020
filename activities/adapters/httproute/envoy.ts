import type { ArmCounters, Scrape } from '../../ports/traffic-evidence.ts';
import { finite } from '../traefik-file/metrics-body.ts';
import type { MetricsBody } from '../traefik-file/metrics-body.ts';
import { copiesOf } from './render.ts';
import type { Arms } from './render.ts';
import type { ServiceRef } from './service-ref.ts';

const NOTHING: ArmCounters = { requests: {}, buckets: {} };

/** Whether these are Envoy's own counters, and not Traefik's. */
export function isEnvoy(body: MetricsBody): boolean {
  return body.samples.some(({ name }) => name.startsWith('envoy_cluster_'));
}

/**
 * Counters per Service as Contour has Envoy name its clusters: `<namespace>_<service>_<port>`. A 503 for want of an endpoint is
 * counted on its cluster, so there is nothing that only a router counts, and Envoy has no counters per route.
 */
export function envoyScrape(arms: Arms | undefined, body: MetricsBody): Scrape {
  const { at, processStart } = body;
  const arm = (service: ServiceRef | undefined) => (service === undefined ? NOTHING : clusterOf(service, body));
  const shadow = arms && copiesOf(arms);
  return {
    at,
    processStart,
    arms: { champion: arm(arms?.champion), challenger: arm(arms?.challenger), shadow: arm(shadow) },
    router: NOTHING,
  };
}

function clusterOf({ name, namespace, port }: ServiceRef, { samples, url }: MetricsBody): ArmCounters {
  const cluster = `${namespace}_${name}_${port}`;
  const ours = samples.filter((sample) => sample.labels['envoy_cluster_name'] === cluster);
  const named = (metric: string) => ours.filter((sample) => sample.name === metric);
  const requests: Record<string, { code: number; count: number }> = {};
  for (const sample of named('envoy_cluster_upstream_rq')) {
    const code = Number(sample.labels['envoy_response_code']);
    const before = requests[`${code}||`]?.count ?? 0;
    requests[`${code}||`] = { code, count: before + finite(sample, url) };
  }
  const buckets: Record<string, number> = {};
  for (const sample of named('envoy_cluster_upstream_rq_time_bucket')) {
    const bound = inSeconds(sample.labels['le'] ?? '+Inf');
    buckets[bound] = (buckets[bound] ?? 0) + finite(sample, url);
  }
  const up = named('envoy_cluster_membership_healthy').map((sample) => finite(sample, url));
  return up.length === 0 ? { requests, buckets } : { requests, buckets, serverUp: Math.max(...up) > 0 ? 1 : 0 };
}

/** Envoy's bounds are milliseconds. */
function inSeconds(bound: string): string {
  return bound === '+Inf' ? bound : String(Number(bound) / 1000);
}
