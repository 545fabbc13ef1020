import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { KubernetesObject } from '@kubernetes/client-node';
import type { PolicyInput } from '../../../scorecards/policy/schema.ts';
import { gatewayUrl } from '../cluster.ts';
import { makeDoctorWorld, named, refusal } from './world.ts';
import type { DoctorWorld } from './world.ts';

type Traffic = NonNullable<PolicyInput['spec']['traffic']>;

/** What a route needs of a Gateway: both places say it before anything is started. */
describe('what rollouts need of a gateway', () => {
  let world: DoctorWorld;
  /** Of the Gateway that really runs, unless `more` names another. */
  const gateway = (more: object = {}) => ({
    gateway: {
      namespace: world.namespace,
      name: 'understudy',
      gatewayNamespace: 'gateway',
      address: gatewayUrl(),
      metrics: ['http://127.0.0.1:1/metrics'],
      ...more,
    },
  });
  const served = (traffic: Partial<Traffic> = {}) => ({
    serving: { command: ['python3', 'serve.py'] },
    traffic: { gateway: 'httproute' as const, route: 'churn', ...traffic },
  });
  const make = async (apiVersion: string, kind: string, metadata: object, spec: object) =>
    world.objects.create({ apiVersion, kind, metadata, spec } as KubernetesObject);
  const own = (name: string) => ({ name, namespace: world.namespace });

  beforeAll(async () => {
    world = await makeDoctorWorld();
  }, 60_000);
  afterAll(async () => world.close(), 120_000);

  test('a Gateway that mirrors and splits refuses nothing', async () => {
    const said = await world.ask(gateway(), served());
    expect(said.refused).toBeUndefined();
    expect(named(said, 'route churn')).toMatchObject({ state: 'ok', text: expect.stringMatching(/mirrors requests/) });
  });

  test('a Gateway that is not there; with the lines that are printed it is there', async () => {
    const absent = gateway({ name: 'nobody', gatewayNamespace: world.namespace });
    const said = await world.ask(absent, served());
    expect(refusal(said, 'route churn')).toMatch(/gateways nobody in namespace .*404/);
    await world.paste(named(said, 'route churn')?.next?.replace('your-class', 'traefik'));
    expect((await world.ask(absent, served())).refused).toBeUndefined();
  });

  test('SH2: a GatewayClass that does not mirror, as it says itself', async () => {
    const name = `${world.namespace}-class`;
    const version = 'gateway.networking.k8s.io/v1';
    await make(version, 'GatewayClass', { name }, { controllerName: 'projectcontour.io/gateway-controller' });
    try {
      const listeners = [{ name: 'web', port: 80, protocol: 'HTTP' }];
      await make(version, 'Gateway', own('plain'), { gatewayClassName: name, listeners });
      const plain = gateway({ name: 'plain', gatewayNamespace: world.namespace });
      const said = await world.ask(plain, served());
      expect(refusal(said, 'route churn')).toBe(
        'gateway httproute cannot mirror requests, and without that there is no shadow',
      );
      const overrides = [{ field: 'spec.shadow.skip', reason: 'no mirror here', by: 'ana@example' }];
      const skipped = await world.ask(plain, { ...served(), shadow: { skip: true }, overrides });
      expect(skipped.refused).toBeUndefined();
    } finally {
      await world.objects.delete({ apiVersion: version, kind: 'GatewayClass', metadata: { name } });
    }
  });

  test('SH2: one whose operator wrote down what it can do', async () => {
    const said = await world.ask(gateway({ class: { controller: 'example.com/no-mirror' } }), served());
    expect(refusal(said, 'route churn')).toMatch(/cannot mirror requests/);
    expect(refusal(said, 'gateway class')).toMatch(
      /class says controller example\.com\/no-mirror, GatewayClass \S+ says traefik\.io\/gateway-controller/,
    );
    expect(named(said, 'route churn')?.next).toMatch(/HTTPRouteRequestMirror.*\n +shadow: \{ skip: true \}/s);
  });

  const adopted = (route: string) => ({ ...served({ route, ownership: 'adopted' }), shadow: { skip: true } });

  test('an adopted route that is not there; with the lines that are printed it is there', async () => {
    const said = await world.ask(gateway(), adopted('theirs'));
    expect(refusal(said, 'route theirs')).toBe(
      `the HTTPRoute ${world.namespace}/theirs does not exist; create it with both Services in one rule, or let ` +
        'Understudy own a route of its own (ownership: dedicated)',
    );
    await world.paste(named(said, 'route theirs')?.next);
    expect((await world.ask(gateway(), adopted('theirs'))).refused).toBeUndefined();
  });

  test('an adopted route that lists two backends of one name', async () => {
    const backend = { name: 'champion', port: 8080, weight: 1 };
    const rules = [{ name: 'model', backendRefs: [backend, { ...backend, weight: 0 }] }];
    await make('gateway.networking.k8s.io/v1', 'HTTPRoute', own('twins'), { rules });
    const said = await world.ask(gateway(), adopted('twins'));
    expect(refusal(said, 'route twins')).toMatch(
      /the rule model lists the backend champion twice; expected each Service once/,
    );
  });

  test('SE5: an account without a right on the route gets the lines, by the name of its route', async () => {
    const kubeconfig = await world.account('router');
    const said = await world.ask(
      { kubeconfig, ...gateway({ class: { controller: 'traefik.io/gateway-controller' } }) },
      served(),
    );
    expect(refusal(said, 'rights')).toMatch(/:router may do nothing in namespace/);
    expect(named(said, 'gateway class')).toMatchObject({
      state: 'warning',
      text: expect.stringMatching(/^not checked/),
    });
    expect(named(said, 'rights')?.next).toMatch(/resources:\n {6}- httproutes\n {4}resourceNames:\n {6}- churn\n/);
  });
});
