import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createObjectCache } from '../../activities/adapters/s3/object-cache.ts';
import { createS3Objects } from '../../activities/adapters/s3/objects.ts';
import { createRemoteData } from '../../activities/adapters/s3/remote-data.ts';
import { getJson } from '../../activities/context.ts';
import type { RunRecord } from '../../scorecards/records/run-record.ts';
import type { EvidenceRef } from '../../scorecards/vocabulary.ts';
import { present } from '../present.ts';
import { createPlace } from '../s3.ts';
import type { Place } from '../s3.ts';
import { s3Server } from '../servers.ts';
import { daysFrom, writeDays } from './data.ts';
import { applied } from './policies.ts';
import { createWorld } from './world.ts';
import type { World } from './world.ts';

const DAY_MS = 86_400_000;

let world: World;
let place: Place;
/** Where the days are made, and where the objects are cached: no folder of the policy. */
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'understudy-lake-'));
  place = await createPlace((await s3Server()).endpoint);
  const cache = createObjectCache(createS3Objects(place.options), join(folder, 'objects'), { keepMs: DAY_MS });
  world = await createWorld((ports) => ({ ...ports, data: createRemoteData(ports.data, cache) }));
  await writeDays(folder, daysFrom('2001-01-01', 12, 200));
  const names = await readdir(join(folder, 'data'), { recursive: true });
  for (const name of names.filter((one) => one.endsWith('.parquet')))
    await place.put(`lake/${name}`, await readFile(join(folder, 'data', name)));
}, 120_000);
afterAll(async () => {
  await world?.close();
  await rm(folder, { recursive: true, force: true });
});

const asOf = '2001-01-08T06:00:00Z';
const run = 'retrain/lake/20010108T060000Z-bootstrap';

test('DA1: a model whose data are objects is trained and promoted; a later check looks at them again', async () => {
  const { observations, labels } = applied('lake', world.folder).policy.spec.data;
  const data = {
    observations: { ...observations, path: `${place.uri}/lake/observations/day=*/*.parquet` },
    labels: { ...labels, path: `${place.uri}/lake/labels/day=*/*.parquet`, maturity: '0s' },
    features: [{ name: 'x', type: 'continuous' as const }],
    slices: ['g'],
  };
  await world.apply(applied('lake', world.folder, { data }));
  await world.trigger('lake', asOf, { kind: 'bootstrap' });
  await world.decide(run, 'bootstrap');
  expect(await world.result(run)).toMatchObject({ outcome: 'promoted' });
  await world.trigger('lake', '2001-01-10T06:00:00Z', { kind: 'check' });
  expect(await world.result('retrain/lake/20010110T060000Z-check')).toMatchObject({ outcome: 'no-drift' });
}, 60_000);

test('DA6: its record names each object with the etag under which it was read', async () => {
  const { tags } = present(await world.registry.version('lake', '1'));
  const ref = JSON.parse(present(tags['understudy.record'])) as EvidenceRef;
  const { data } = await getJson<RunRecord>(world.evidence, ref);
  const listed = await createS3Objects(place.options).list(`${place.uri}/lake/`);
  const etags = new Map(listed.map(({ uri, etag }) => [uri, etag]));
  const sources = present(data).sources.map(({ uri, etag }) => [uri, etag]);
  expect(sources.length).toBeGreaterThanOrEqual(14);
  expect(sources).toEqual(sources.map(([uri = '']) => [uri, etags.get(uri)]));
});
