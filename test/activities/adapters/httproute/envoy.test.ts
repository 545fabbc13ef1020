import { expect, test } from '@jest/globals';
import { scrapeOf } from '../../../../activities/adapters/httproute/evidence.ts';
import { parseExposition } from '../../../../activities/adapters/traefik-file/exposition.ts';
import { countOf } from '../../../traffic.ts';

const route = { namespace: 'models', name: 'm', gateway: { namespace: 'gateway', name: 'contour' } };
const service = (name: string) => ({ name, namespace: 'models', port: 8080 });
const arms = { champion: service('v7'), challenger: service('v8'), shadow: service('v9') };

/** As Contour has Envoy name its clusters; the one of another port is somebody else's. */
const exposition = `envoy_server_uptime{} 12
envoy_cluster_membership_healthy{envoy_cluster_name="models_v7_8080"} 2
envoy_cluster_membership_healthy{envoy_cluster_name="models_v8_8080"} 0
envoy_cluster_upstream_rq{envoy_response_code="200",envoy_cluster_name="models_v7_8080"} 380
envoy_cluster_upstream_rq{envoy_response_code="503",envoy_cluster_name="models_v8_8080"} 20
envoy_cluster_upstream_rq{envoy_response_code="200",envoy_cluster_name="models_v9_8080"} 400
envoy_cluster_upstream_rq{envoy_response_code="200",envoy_cluster_name="models_v7_9090"} 7
envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name="models_v7_8080",le="25"} 370
envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name="models_v7_8080",le="+Inf"} 380
`;
const body = {
  url: 'http://metrics',
  at: '2001-01-01T00:00:00Z',
  processStart: 5,
  samples: parseExposition(exposition),
};

test('CA2: Envoy counts each Service by itself, a challenger without an endpoint as 503 and as down', () => {
  const scrape = scrapeOf(route, arms, body);
  const counts = (['champion', 'challenger', 'shadow'] as const).map((arm) => countOf(scrape, arm));
  expect(counts).toEqual([380, 20, 400]);
  expect(countOf(scrape, 'challenger', 503)).toBe(20);
  expect([scrape.arms.champion.serverUp, scrape.arms.challenger.serverUp]).toEqual([1, 0]);
});

test('its milliseconds are seconds here, and it has no counters per route', () => {
  const scrape = scrapeOf(route, arms, body);
  expect(scrape.arms.champion.buckets).toEqual({ '0.025': 370, '+Inf': 380 });
  expect(scrape.router).toEqual({ requests: {}, buckets: {} });
});

test('a route that does not exist has no counters', () => {
  expect(scrapeOf(route, undefined, body).arms.champion.requests).toEqual({});
});
