import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { scrapeOf } from '../../../../activities/adapters/httproute/evidence.ts';
import { isRouterOf, leafOf } from '../../../../activities/adapters/httproute/labels.ts';
import { parseExposition } from '../../../../activities/adapters/traefik-file/exposition.ts';
import { countOf } from '../../../traffic.ts';

const gateway = { namespace: 'default', name: 'gw' };
const route = { namespace: 'default', name: 'm', gateway };
const service = (name: string, namespace = 'default') => ({ name, namespace, port: 80 });
const arms = { champion: service('champ'), challenger: service('chall'), shadow: service('shad') };
const services = Object.values(arms);
const router = 'httproute-default-m-gw-default-gw-ep-web-0-c8e49a861135f0ea400a';

/** Recorded from Traefik 3.7 with `safeNaming`: 100 requests at 95/5, half of the champion's mirrored. */
const recorded = `traefik_router_requests_total{code="200",method="GET",protocol="http",router="${router}@kubernetesgateway",service="${router}-wrr@kubernetesgateway"} 100
traefik_service_requests_total{code="200",method="GET",protocol="http",service="default_m-mirror_mirror_0_default_shad_80@kubernetescrd"} 48
traefik_service_requests_total{code="200",method="GET",protocol="http",service="default_m-mirror_mirroring_default_champ_80@kubernetescrd"} 95
traefik_service_requests_total{code="200",method="GET",protocol="http",service="${router}-svc-default-chall-1@kubernetesgateway"} 5
`;
const body = (text: string) => ({ url: 'http://metrics', at: '', processStart: 1, samples: parseExposition(text) });

describe("Traefik's labels of an HTTPRoute", () => {
  test('recorded counters are assigned to their arms', () => {
    const scrape = scrapeOf(route, arms, body(recorded));
    expect((['champion', 'challenger', 'shadow'] as const).map((arm) => countOf(scrape, arm))).toEqual([95, 5, 48]);
    expect(scrape.router.requests).toEqual({ '200|GET|http': { code: 200, count: 100 } });
  });

  test('one Service as challenger and shadow: copies are the shadow’s, the route’s share is the challenger’s', () => {
    const same = recorded.replace('default_shad_80', 'default_chall_80');
    const scrape = scrapeOf(route, { ...arms, shadow: arms.challenger }, body(same));
    expect((['champion', 'challenger', 'shadow'] as const).map((arm) => countOf(scrape, arm))).toEqual([95, 5, 48]);
  });

  test('without safeNaming one Service as challenger and shadow is still told apart by who sends', () => {
    const unsafe = recorded.replace('default_m-mirror_mirror_0_default_shad_80', 'default-chall-80');
    const scrape = scrapeOf(route, { ...arms, shadow: arms.challenger }, body(unsafe));
    expect((['challenger', 'shadow'] as const).map((arm) => countOf(scrape, arm))).toEqual([5, 48]);
  });

  test('a leaf of the route that is no arm makes the whole scrape worthless', () => {
    const stray = recorded.replace('svc-default-chall-1', 'svc-default-stranger-1');
    expect(() => scrapeOf(route, arms, body(stray))).toThrow(/stranger.* to none of its arms/);
  });

  test('a route that does not exist has no counters', () => {
    const scrape = scrapeOf({ ...route, name: 'nobody' }, undefined, body(recorded));
    expect([scrape.arms.champion.requests, scrape.router.requests]).toEqual([{}, {}]);
  });

  test.each([
    [`${router}-wrr@kubernetesgateway`, 'other'],
    [`${router}-err-wrr@kubernetesgateway`, 'other'],
    ['noop@internal', 'other'],
    ['httproute-default-other-gw-default-gw-ep-web-0-aa-svc-default-champ-0@kubernetesgateway', 'other'],
    ['default_other-mirror_mirroring_default_champ_80@kubernetescrd', 'other'],
    ['default_m-mirror_mirroring_default_stranger_80@kubernetescrd', 'unassigned'],
    ['default-champ-80@kubernetescrd', 'service'],
    ['default_m-mirror_mirror_0_default_stranger_80@kubernetescrd', 'copies'],
  ])('%s is %s', (label, kind) => {
    expect(leafOf(label, route, services).kind).toBe(kind);
  });

  test('names with dashes, in any combination, are told apart', () => {
    const part = fc.constantFrom('a', 'b', 'svc', 'gw', 'ep', '0', 'ff');
    const dashed = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('-'));
    fc.assert(
      fc.property(fc.uniqueArray(dashed, { minLength: 3, maxLength: 3 }), dashed, (names, name) => {
        const mine = names.map((one) => service(one));
        const label = (one: string) =>
          `httproute-default-${name}-gw-default-gw-ep-web-0-c8e49a86-svc-default-${one}-1@kubernetesgateway`;
        expect(names.map((one) => leafOf(label(one), { ...route, name }, mine))).toEqual(
          names.map((one) => ({ kind: 'service', namespace: 'default', name: one, by: 'route' })),
        );
      }),
    );
  });

  test('a router label is one of the route, whatever its rule', () => {
    expect(isRouterOf(`${router}@kubernetesgateway`, route)).toBe(true);
    expect(isRouterOf(`${router}@kubernetesgateway`, { ...route, name: 'other' })).toBe(false);
  });
});
