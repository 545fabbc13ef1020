import { chmod, cp, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createDuckdbDataStore } from '../../../../activities/adapters/duckdb/data-store.ts';
import { createObjectCache } from '../../../../activities/adapters/s3/object-cache.ts';
import { createS3Objects } from '../../../../activities/adapters/s3/objects.ts';
import { createRemoteData } from '../../../../activities/adapters/s3/remote-data.ts';
import type { DataStore } from '../../../../activities/ports/data-store.ts';
import {
  DAY,
  createWorld,
  dayOf,
  days,
  snapshotRequest,
  take,
  unwatched,
  writeDays,
} from '../../../contracts/data-store/world.ts';
import type { World } from '../../../contracts/data-store/world.ts';
import { present } from '../../../present.ts';
import { createPlace } from '../../../s3.ts';
import type { Place } from '../../../s3.ts';
import { s3Server } from '../../../servers.ts';

const DAY_MS = 86_400_000;

describe('a policy whose data are objects', () => {
  let endpoint: string;
  let place: Place;
  let world: World;
  let remote: DataStore;
  beforeAll(async () => {
    ({ endpoint } = await s3Server());
  }, 120_000);
  beforeEach(async () => {
    place = await createPlace(endpoint);
    world = await createWorld((temporaryDirectory) => createDuckdbDataStore({ temporaryDirectory, threads: 1 }));
    remote = createRemoteData(
      world.store,
      createObjectCache(createS3Objects(place.options), join(world.folder, 'objects'), { keepMs: DAY_MS }),
    );
    await writeDays(world, 11);
    for (const part of ['observations', 'labels']) {
      const names = await readdir(join(world.folder, part), { recursive: true });
      for (const name of names.filter((one) => one.endsWith('.parquet')))
        await place.put(`lake/${part}/${name}`, await readFile(join(world.folder, part, name)));
    }
  }, 60_000);
  afterEach(() => world.dispose());
  const request = () => {
    const asked = snapshotRequest(world.folder, { into: join(world.folder, 'from-objects') });
    const observations = { ...asked.data.observations, path: `${place.uri}/lake/observations/day=*/*.parquet` };
    const labels = { ...asked.data.labels, path: `${place.uri}/lake/labels/day=*/*.parquet` };
    return { ...asked, data: { ...asked.data, observations, labels } };
  };

  test('DA2: its snapshot is the very one of the same files, and names each object with its etag', async () => {
    const ofFiles = await take(world);
    const ofObjects = await remote.snapshot(request(), unwatched);
    expect(ofObjects.digest).toBe(ofFiles.digest);
    expect(ofObjects.sources.map(({ name, sha256 }) => [name, sha256])).toEqual(
      ofFiles.sources.map(({ name, sha256 }) => [name, sha256]),
    );
    const listed = await createS3Objects(place.options).list(`${place.uri}/lake/`);
    const named = present(ofObjects.origins).map(({ uri, etag }) => [uri, etag] as const);
    const origins = new Map(named.toSorted(([a], [b]) => a.localeCompare(b)));
    expect([ofFiles.origins, origins.size]).toEqual([undefined, ofObjects.sources.length]);
    expect([...origins]).toEqual(listed.filter(({ uri }) => origins.has(uri)).map(({ uri, etag }) => [uri, etag]));
  });

  test('its partitions and the features of its days are those of the files', async () => {
    const { path } = request().data.observations;
    const asked = { dataset: 'observations', span: days(3, 6), bucketMs: DAY } as const;
    const found = await remote.partitions({ ...asked, path });
    const expected = await world.store.partitions({
      ...asked,
      path: join(world.folder, 'observations/day=*/*.parquet'),
    });
    expect(found.map(({ bucket: of }) => of)).toEqual(expected.map(({ bucket: of }) => of));
    const [of, like] = [
      { ...request(), span: days(4, 5) },
      { ...snapshotRequest(world.folder), span: days(4, 5) },
    ];
    expect((await remote.features(of, unwatched)).sha256).toBe((await world.store.features(like, unwatched)).sha256);
  });

  test.each([
    ['so that it cannot be read', (content: string) => 'x'.repeat(content.length)],
    ['so that it reads as before', (content: string) => content.replace('DuckDB version', 'DuckDB versioN')],
  ])('a copy that somebody changed in the cache %s is found by its digest and fetched again', async (_, change) => {
    const first = await remote.snapshot(request(), unwatched);
    const { path } = present(first.sources.find(({ name }) => name.includes(dayOf(4))));
    const content = await readFile(path, 'latin1');
    await chmod(path, 0o644);
    await writeFile(path, change(content), 'latin1');
    await expect(remote.snapshot(request(), unwatched)).rejects.toMatchObject({
      code: 'data-changed',
      details: { file: path },
    });
    expect((await remote.snapshot(request(), unwatched)).digest).toBe(first.digest);
  });

  test('files of this machine pass by the cache', async () => {
    const elsewhere = join(world.folder, 'elsewhere');
    await mkdir(elsewhere);
    await cp(join(world.folder, 'observations'), join(elsewhere, 'observations'), { recursive: true });
    const path = join(elsewhere, 'observations/day=*/*.parquet');
    const [first] = await remote.partitions({ dataset: 'observations', path, span: days(3, 6), bucketMs: DAY });
    expect(relative(elsewhere, present(first?.files[0]).path)).toBe(`observations/day=${dayOf(3)}/data.parquet`);
  });
});
