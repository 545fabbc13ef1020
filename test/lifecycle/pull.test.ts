import { cp, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { daysFrom, writeDays } from './data.ts';
import { applied } from './policies.ts';
import { createWorld } from './world.ts';
import type { World } from './world.ts';

const SQL = `select id, seen, x, g from read_parquet('raw/*.parquet') where seen >= $from and seen < $as_of`;

let world: World;
beforeAll(async () => {
  world = await createWorld();
  await writeDays(world.folder, daysFrom('2001-01-01', 12, 200));
  // What the team's own query reads lies elsewhere; only the labels are where the policy says.
  const observations = join(world.folder, 'data', 'observations');
  await mkdir(join(world.folder, 'raw'));
  for (const day of await readdir(observations))
    await cp(join(observations, day, 'p.parquet'), join(world.folder, 'raw', `${day}.parquet`));
}, 60_000);
afterAll(() => world.close());

test('DA1: the query of data.pull fills the observations up to as-of and no further', async () => {
  const policy = applied('pulled', world.folder);
  const { data } = policy.policy.spec;
  const elsewhere = { ...data, observations: { ...data.observations, path: 'pulled/day=*/*.parquet' } };
  await world.apply({
    ...policy,
    policy: { ...policy.policy, spec: { ...policy.policy.spec, data: elsewhere } },
    policyDigest: 'p'.repeat(64),
    pullSql: SQL,
  });
  await world.trigger('pulled', '2001-01-08T06:00:00Z', { kind: 'bootstrap' });
  const run = 'retrain/pulled/20010108T060000Z-bootstrap';
  await world.decide(run, 'bootstrap');
  expect(await world.result(run)).toMatchObject({ outcome: 'promoted' });
  const days = await readdir(join(world.folder, 'pulled'));
  expect(days.toSorted().at(-1)).toBe('day=2001-01-08');
  expect(days).not.toContain('day=2001-01-09');
}, 60_000);

test('a query that is more than one SELECT fails the run and is never carried out', async () => {
  const policy = applied('meddler', world.folder);
  await world.apply({ ...policy, policyDigest: 'm'.repeat(64), pullSql: "copy (select 1) to 'evil.parquet'" });
  await world.trigger('meddler', '2001-01-08T06:00:00Z', { kind: 'bootstrap' });
  const result = await world.result('retrain/meddler/20010108T060000Z-bootstrap');
  expect(result).toMatchObject({ outcome: 'failed', stage: 'drift', reason: expect.stringContaining('SELECT') });
  expect(await readdir(world.folder)).not.toContain('evil.parquet');
}, 60_000);
