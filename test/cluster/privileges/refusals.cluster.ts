import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readManifests } from '../../infra/kubernetes/manifests.ts';
import { present } from '../../present.ts';
import { edited } from '../kubernetes/install.ts';
import { grantsIn, sayGrant, without } from './grants.ts';
import type { Grant } from './grants.ts';
import { NEEDS } from './needs.ts';
import { clearRoute } from './serving-objects.ts';
import { openShippedWorld, OWN_ROUTE, ROUTE } from './shipped-world.ts';
import type { ShippedWorld } from './shipped-world.ts';

const grants = grantsIn(JSON.parse(edited(await readManifests(), OWN_ROUTE)));

test('SE5: every verb of the shipped Roles is there for an operation, and no operation is without its verb', () => {
  expect(Object.keys(NEEDS).sort()).toEqual(grants.map(sayGrant).sort());
});

describe('without one verb of the shipped Roles', () => {
  let world: ShippedWorld;
  beforeAll(async () => {
    world = await openShippedWorld();
  }, 120_000);
  afterAll(async () => {
    await world.close();
  }, 240_000);

  const cases = grants.map(
    (grant, index) => [sayGrant(grant), NEEDS[sayGrant(grant)]?.operation, grant, index] as const,
  );

  test.each(cases)('SE5: "%s": %s is refused, and the line to add is told', async (what, _operation, grant, index) => {
    const { act } = present(NEEDS[what]);
    const refusal = await without(world, grant, async () => await act(world, `needs-${index}`));
    await clearRoute(world.config, world.serving, ROUTE);
    expect(refusal).toMatchObject({ code: 'forbidden', message: expect.stringContaining(lineFor(grant)) });
  });

  function lineFor({ verb, group, resource }: Grant): string {
    const quoted = group === '' ? '""' : group;
    return `bound to "${world.workerUser}": - { apiGroups: [${quoted}], resources: [${resource}], verbs: [${verb}] }`;
  }
});
