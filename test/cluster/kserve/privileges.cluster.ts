import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { present } from '../../present.ts';
import { compare, usesIn } from '../audit.ts';
import type { Comparison } from '../audit.ts';
import { auditLines } from '../cluster.ts';
import { SHIPPED_ACCOUNT, shippedRules } from '../shipped-account.ts';
import { handsOf } from './hands.ts';
import { gateway, http, makeWorld } from './world.ts';
import type { World } from './world.ts';

/** The one InferenceService that the shipped Role names. */
const SERVICE = 'flights';

/** What Knative mode does without, of the Role for both: KServe makes no HTTPRoute then, and a revision has its address. */
const STANDARD_ALONE = (namespace: string): readonly string[] => [
  `get gateway.networking.k8s.io/gateways in ${gateway.namespace}`,
  `get gateway.networking.k8s.io/httproutes ${SERVICE} in ${namespace}`,
  `get services in ${namespace}`,
];
const UNUSED = { standard: () => [], knative: STANDARD_ALONE } as const;

/** What the audit log says of this world's worker and of nobody else, held against the Role with its names. */
async function comparison({ namespace }: World): Promise<Comparison> {
  const rules = await shippedRules('understudy-kserve');
  const isGateway = ({ resources }: { resources?: string[] }): boolean => resources?.includes('gateways') === true;
  const roles = [
    { metadata: { namespace }, rules: rules.filter((rule) => !isGateway(rule)) },
    // All suites share a Gateway in a namespace of its own.
    { metadata: { namespace: gateway.namespace }, rules: rules.filter(isGateway) },
  ];
  const user = `system:serviceaccount:${namespace}:${SHIPPED_ACCOUNT}`;
  const lines = (await auditLines()).filter((line) => line.includes(user));
  return compare(usesIn(lines, user), roles);
}

describe.each(['standard', 'knative'] as const)(
  'all that we do by KServe in %s mode, as the shipped account',
  (mode) => {
    let world: World;
    beforeAll(async () => {
      world = await makeWorld(mode);
    });
    afterAll(async () => world.stop());
    const { router, apply, loaded, served, promoted } = handsOf(() => world);

    test('SE5: serves two versions, shares the traffic, rolls back, promotes, and stops the champion', async () => {
      await served(SERVICE, '7', '8');
      expect(await world.serving.ready(present(await world.serving.find(SERVICE, '8')), http)).toBe(true);
      await router(SERVICE).capabilities();
      await apply(SERVICE, 25);
      await loaded(SERVICE);
      await apply(SERVICE, 0, true);
      await apply(SERVICE, 100);
      await router(SERVICE).apply(promoted(SERVICE));
      await loaded(SERVICE);
      expect((await router(SERVICE).read(SERVICE))?.champion.version).toBe('8');
      await world.serving.stop(SERVICE, '7');
      expect((await world.serving.list(SERVICE)).map(({ version }) => version)).toEqual(['8']);
    });

    test('SE5: by the log of the API server it asked for nothing outside of the shipped Role, and used each verb that this mode needs', async () => {
      expect(await comparison(world)).toEqual({ outside: [], unused: UNUSED[mode](world.namespace) });
    });
  },
);
