import { describe, expect, test } from '@jest/globals';
import { judgeLoaded } from '../../../../activities/adapters/httproute/conditions.ts';
import type { Condition, GatewayObject, HttpRoute } from '../../../../activities/adapters/httproute/objects.ts';

const controller = 'traefik.io/gateway-controller';
const name = { namespace: 'gateway', name: 'gw', sectionName: 'web' };
const is = (type: string, status = 'True', observedGeneration = 4): Condition => ({ type, status, observedGeneration });
const route = (conditions: readonly Condition[], more: Partial<HttpRoute> = {}): HttpRoute => {
  const parentRef = { name: 'gw', namespace: 'gateway', sectionName: 'web' };
  return {
    metadata: { name: 'churn', namespace: 'models', generation: 4 },
    spec: { parentRefs: [{ ...parentRef, group: 'gateway.networking.k8s.io', kind: 'Gateway' }] },
    status: { parents: [{ parentRef, controllerName: controller, conditions: [...conditions] }] },
    ...more,
  };
};
const good = [is('Accepted'), is('ResolvedRefs')];
const gateway = (itself = is('Programmed'), listener = is('Programmed')): GatewayObject => ({
  metadata: { name: 'gw', namespace: 'gateway', generation: 4 },
  spec: { gatewayClassName: 'traefik' },
  status: { conditions: [itself], listeners: [{ name: 'web', conditions: [listener] }] },
});
const why = (given: HttpRoute, at = gateway(), by: string | undefined = controller) => {
  const judged = judgeLoaded(given, at, name, by);
  return judged.loaded ? 'loaded' : judged.why;
};

describe('a route is loaded when the control plane has said so about this generation', () => {
  test('references are compared after defaulting', () => {
    expect(why(route(good))).toBe('loaded');
    expect(judgeLoaded(route(good), gateway(), name, undefined)).toEqual({ loaded: true });
  });

  test.each([
    ['not Accepted', [is('Accepted', 'False'), is('ResolvedRefs')], /Accepted=False/],
    ['a Service that is not there', [is('Accepted'), is('ResolvedRefs', 'False')], /ResolvedRefs=False/],
    ['a verdict on an older generation', [is('Accepted', 'True', 3), is('ResolvedRefs')], /generation 3, not 4/],
    ['an old verdict on the references', [is('Accepted'), is('ResolvedRefs', 'True', 3)], /generation 3, not 4/],
    ['a part that is invalid', [...good, is('PartiallyInvalid')], /PartiallyInvalid/],
    ['half a report', [is('Accepted')], /ResolvedRefs is not reported/],
  ])('%s is not loaded', (_what, conditions, said) => {
    expect(why(route(conditions))).toMatch(said);
  });

  test('PartiallyInvalid that is false does not matter', () => {
    expect(why(route([...good, is('PartiallyInvalid', 'False')]))).toBe('loaded');
  });

  test('no entry, or one of another controller, is not loaded', () => {
    expect(why(route(good, { status: {} }))).toMatch(/no controller has reported/);
    expect(why(route(good), gateway(), 'example.com/other')).toMatch(/no controller has reported/);
  });

  test('a route to another gateway is not loaded', () => {
    expect(why(route(good, { spec: { parentRefs: [{ name: 'gw' }] } }))).toMatch(/no parentRef to the gateway/);
  });

  test('a gateway or listener that is not programmed is not loaded', () => {
    expect(why(route(good), gateway(is('Programmed', 'False')))).toMatch(/Programmed=False/);
    expect(why(route(good), gateway(is('Programmed'), is('Programmed', 'True', 3)))).toMatch(/generation 3/);
  });
});
