import { describe, expect, test } from '@jest/globals';
import { abilitiesOf } from '../../../../activities/adapters/httproute/abilities.ts';
import { renderRoute } from '../../../../activities/adapters/httproute/render.ts';
import { PortFailure } from '../../../../activities/ports/port-failure.ts';
import { exampleRoute } from '../../../contracts/traffic-router.ts';
import { present } from '../../../present.ts';

const gatewayClass = (controllerName: string, ...features: readonly string[]) => ({
  spec: { controllerName },
  status: { supportedFeatures: features.map((name) => ({ name })) },
});
const envoy = 'gateway.envoyproxy.io/gatewayclass-controller';
const traefik = 'traefik.io/gateway-controller';
const settings = { namespace: 'models', gateway: { namespace: 'gateway', name: 'gw' }, hostnames: [] };
const shadowed = (percent: number) =>
  exampleRoute('churn', {
    champion: { version: '7', url: 'http://a.models:80' },
    challenger: { version: '8', url: 'http://b.models:80', percent: 5 },
    shadow: { version: '9', url: 'http://c.models:80', percent },
  });

test.each([
  [traefik, undefined],
  ['projectcontour.io/gateway-controller', undefined],
  [envoy, expect.stringContaining(`the counters of ${envoy} are not known here`)],
])('CA2: a gateway whose counters nobody reads here is said before a run: %s', (controller, uncounted) => {
  expect(abilitiesOf(gatewayClass(controller), false).uncounted).toEqual(uncounted);
});

describe('how a gateway mirrors', () => {
  test.each([
    [
      'the filter with percent',
      gatewayClass(envoy, 'HTTPRouteRequestMirror', 'HTTPRouteRequestPercentageMirror'),
      true,
      { kind: 'filter', percent: true },
    ],
    [
      'the filter for all requests',
      gatewayClass(envoy, 'HTTPRouteRequestMirror'),
      false,
      { kind: 'filter', percent: false },
    ],
    ['a TraefikService', gatewayClass(traefik, 'HTTPRoute'), true, { kind: 'traefik-service' }],
    ['nothing on Traefik without its CRD', gatewayClass(traefik, 'HTTPRoute'), false, { kind: 'none' }],
    ['nothing where another gateway serves the CRD', gatewayClass(envoy, 'HTTPRoute'), true, { kind: 'none' }],
    ['nothing where nothing is declared', { spec: { controllerName: envoy } }, false, { kind: 'none' }],
  ])('is %s', (_what, given, served, expected) => {
    expect(abilitiesOf(given, served).mirror).toMatchObject(expected);
  });

  test('features of older CRDs are plain names', () => {
    const given = { spec: { controllerName: envoy }, status: { supportedFeatures: ['HTTPRouteRequestMirror'] } };
    expect(abilitiesOf(given, false).mirror.kind).toBe('filter');
  });

  test('RequestMirror is never written to a gateway that does not declare it', () => {
    const none = abilitiesOf(gatewayClass(traefik, 'HTTPRoute'), false);
    expect(() => renderRoute(shadowed(50), settings, none)).toThrow(PortFailure);
    expect(() => renderRoute(shadowed(50), settings, none)).toThrow(/does not declare HTTPRouteRequestMirror/);
  });

  test('a percent is written only where it is declared; else it is all or nothing', () => {
    const all = abilitiesOf(gatewayClass(envoy, 'HTTPRouteRequestMirror'), false);
    expect(() => renderRoute(shadowed(50), settings, all)).toThrow(/all requests or none/);
    const backendRef = { group: '', kind: 'Service', name: 'c', port: 80 };
    expect(renderRoute(shadowed(100), settings, all).route.spec).toMatchObject({
      rules: [{ filters: [{}, {}, { type: 'RequestMirror', requestMirror: { backendRef } }] }],
    });
    expect(JSON.stringify(renderRoute(shadowed(0), settings, all).route.spec)).not.toContain('RequestMirror');
    const own = { ...shadowed(100), challenger: { version: '8', url: present(shadowed(100).shadow).url, percent: 0 } };
    expect(JSON.stringify(renderRoute(own, settings, all).route.spec)).toContain('c-shadow');
  });

  test("Traefik's mirror stands in the champion's place and leaves the challenger where it is", () => {
    const { mirror, route } = renderRoute(shadowed(50), settings, abilitiesOf(gatewayClass(traefik), true));
    expect(mirror).toMatchObject({ spec: { mirroring: { name: 'a', mirrors: [{ name: 'c', percent: 50 }] } } });
    expect(route.spec).toMatchObject({
      rules: [
        {
          backendRefs: [
            { kind: 'TraefikService', name: 'churn-mirror', weight: 95 },
            { name: 'b', weight: 5 },
          ],
        },
      ],
    });
  });

  test('a time-out is written where it is honoured', () => {
    const given = abilitiesOf(gatewayClass(envoy, 'HTTPRouteRequestTimeout', 'HTTPRouteRequestMirror'), false);
    const route = { ...shadowed(100), requestTimeoutMs: 120_000 };
    expect(renderRoute(route, settings, given).route.spec).toMatchObject({
      rules: [{ timeouts: { request: '120s' } }],
    });
  });

  test('two arms on one Service are refused: they would share a counter', () => {
    const twice = { ...shadowed(100), shadow: { version: '9', url: 'http://a.models:81', percent: 100 } };
    expect(() => renderRoute(twice, settings, abilitiesOf(gatewayClass(traefik), true))).toThrow(/models\/a/);
  });
});
