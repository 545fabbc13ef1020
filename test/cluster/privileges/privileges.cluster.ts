import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { V1Role } from '@kubernetes/client-node';
import { ofKind } from '../../infra/kubernetes/manifests.ts';
import { compare, usesIn } from '../audit.ts';
import { auditLines } from '../cluster.ts';
import { lose, rollOut, rollOutAdopted, serve, train, wait } from './everything.ts';
import { openShippedWorld } from './shipped-world.ts';
import type { ShippedWorld } from './shipped-world.ts';

let world: ShippedWorld;
beforeAll(async () => {
  world = await openShippedWorld();
}, 120_000);
afterAll(async () => {
  await world.close();
}, 240_000);

describe('all that we do in a cluster, as the shipped account', () => {
  test('SE5: trains with one pod and with two, and clears away', async () => {
    expect(await train(world)).toEqual(['succeeded', 'vanished', '0']);
  });
  test('SE5: says what a Job waits for', async () => {
    expect(await wait(world)).toEqual(['waiting', expect.stringContaining('node')]);
  });
  test('SE5: finds out that a Job was deleted', async () => {
    expect(await lose(world)).toBe('vanished');
  });
  test('SE5: serves a version, gives it a second pod, and says what a broken one printed', async () => {
    expect(await serve(world)).toContain('no licence');
  });
  test('SE5: moves traffic on a route of its own', async () => {
    await expect(rollOut(world)).resolves.toBeUndefined();
  });
  test("SE5: moves traffic on a user's route", async () => {
    await expect(rollOutAdopted(world)).resolves.toBeUndefined();
  });
  test('SE5: by the log of the API server it asked for nothing outside of the shipped Roles, and each verb of theirs was used', async () => {
    const lines = await auditLines();
    const uses = usesIn(lines, world.workerUser);
    expect(compare(uses, ofKind<V1Role>(world.manifests, 'Role'))).toEqual({ outside: [], unused: [] });
  });
});
