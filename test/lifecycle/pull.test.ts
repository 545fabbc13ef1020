import { createHash } from 'node:crypto';
import { cp, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { getJson } from '../../activities/context.ts';
import type { DatasetManifest } from '../../activities/dataset.ts';
import type { RunRecord } from '../../scorecards/records/run-record.ts';
import type { AppliedPolicy } from '../../scorecards/trigger.ts';
import type { EvidenceRef } from '../../scorecards/vocabulary.ts';
import { present } from '../present.ts';
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

/** Its observations are pulled into a folder of their own. */
function pulling(model: string, pullSql: string): AppliedPolicy {
  const policy = applied(model, world.folder);
  const { data } = policy.policy.spec;
  const observations = { ...data.observations, path: `${model}/day=*/*.parquet` };
  const spec = {
    ...policy.policy.spec,
    data: { ...data, observations, pull: { sql: './pull.sql', deadline: 60_000 } },
  };
  return { ...policy, policy: { ...policy.policy, spec }, policyDigest: model[0]?.repeat(64) ?? '', pullSql };
}

test('DA1: the query of data.pull fills the observations up to as-of and no further', async () => {
  await world.apply(pulling('pulled', SQL));
  await world.trigger('pulled', '2001-01-08T06:00:00Z', { kind: 'bootstrap' });
  const run = 'retrain/pulled/20010108T060000Z-bootstrap';
  await world.decide(run, 'bootstrap');
  expect(await world.result(run)).toMatchObject({ outcome: 'promoted' });
  const days = await readdir(join(world.folder, 'pulled'));
  expect(days.toSorted().at(-1)).toBe('day=2001-01-08');
  expect(days).not.toContain('day=2001-01-09');
}, 60_000);

test('DA6: the record of a version names the query, the files that it read and their state, as-of and watermark', async () => {
  const { tags } = present(await world.registry.version('pulled', '1'));
  const ref = JSON.parse(present(tags['understudy.record'])) as EvidenceRef;
  const record = await getJson<RunRecord>(world.evidence, ref);
  const { data } = record;
  expect(data).toMatchObject({
    asOf: '2001-01-08T06:00:00.000Z',
    queryDigest: createHash('sha256').update(SQL).digest('hex'),
    labelWatermark: expect.stringMatching(/^2001-01-0[78]T/),
    labelCoverage: 1,
  });
  expect(present(data).sources).toHaveLength(12);
  expect(present(data).sources[0]).toEqual({
    uri: expect.stringMatching(/^file:.*\/raw\/day=2001-01-01\.parquet$/),
    etag: expect.stringMatching(/^\d+-\d+$/),
  });
  const manifest = await getJson<DatasetManifest>(world.evidence, present(data).manifest);
  expect(manifest).toMatchObject({ query: SQL, pulled: { queryDigest: data?.queryDigest, sources: data?.sources } });
});

test('a query that is more than one SELECT fails the run and is never carried out', async () => {
  await world.apply(pulling('meddler', "copy (select 1) to 'evil.parquet'"));
  await world.trigger('meddler', '2001-01-08T06:00:00Z', { kind: 'bootstrap' });
  const result = await world.result('retrain/meddler/20010108T060000Z-bootstrap');
  expect(result).toMatchObject({ outcome: 'failed', stage: 'drift', reason: expect.stringContaining('SELECT') });
  expect(await readdir(world.folder)).not.toContain('evil.parquet');
}, 60_000);
