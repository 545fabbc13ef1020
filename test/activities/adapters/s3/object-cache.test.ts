import { readFile, readdir, rm, utimes, writeFile, chmod, mkdtemp, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createObjectCache } from '../../../../activities/adapters/s3/object-cache.ts';
import type { ObjectCache } from '../../../../activities/adapters/s3/object-cache.ts';
import type { RemoteObject, S3Objects } from '../../../../activities/adapters/s3/objects.ts';
import { PortFailure } from '../../../../activities/ports/port-failure.ts';
import { unwatched } from '../../../contracts/data-store/world.ts';
import { createPlace, recordDownloads } from '../../../s3.ts';
import type { Place } from '../../../s3.ts';
import { s3Server } from '../../../servers.ts';

const DAY_MS = 86_400_000;

const span = (from: string, until: string) => ({ from: `2024-01-${from}Z`, until: `2024-01-${until}Z` });
const ALL = span('01T00:00:00', '31T00:00:00');

describe('the cache of objects', () => {
  let endpoint: string;
  let place: Place;
  let folder: string;
  /** What was asked of the server. */
  let fetched: string[];
  let objects: S3Objects;
  let cache: ObjectCache;
  let broken: ((object: RemoteObject, path: string) => Promise<void>) | undefined;
  beforeAll(async () => {
    ({ endpoint } = await s3Server());
  }, 120_000);
  beforeEach(async () => {
    place = await createPlace(endpoint);
    folder = await mkdtemp(join(tmpdir(), 'understudy-objects-'));
    broken = undefined;
    ({ objects, fetched } = recordDownloads(place, async (object, path) => await broken?.(object, path)));
    cache = createObjectCache(objects, folder, { keepMs: DAY_MS });
    for (const day of ['02', '03', '04']) await place.put(`data/day=2024-01-${day}/a.parquet`, `of ${day}`);
    await place.put('data/day=2024-01-03/notes.txt', 'not asked for');
    await place.put('data/_SUCCESS', '');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const pattern = () => `${place.uri}/data/day=*/*.parquet`;
  const bring = async (of = ALL) => cache.bring(pattern(), of, unwatched);
  const root = async () => (await bring()).replace('/day=*/*.parquet', '');
  const files = async (of = ALL) => {
    const local = (await bring(of)).replace('/day=*/*.parquet', '');
    const names = (await readdir(local, { recursive: true })).filter((name) => name.includes('/')).toSorted();
    return await Promise.all(names.map(async (name) => [name, await readFile(join(local, name), 'utf8')]));
  };

  test('what matches the pattern and lies in the span becomes files, each with its object and etag', async () => {
    expect(await files(span('02T12:00:00', '04T00:00:00'))).toEqual([
      ['day=2024-01-02/a.parquet', 'of 02'],
      ['day=2024-01-03/a.parquet', 'of 03'],
    ]);
    const path = join(await root(), 'day=2024-01-03', 'a.parquet');
    const [listed] = await objects.list(`${place.uri}/data/day=2024-01-03/a`);
    expect(cache.origin(path)?.source).toEqual({ uri: listed?.uri, etag: listed?.etag });
  });

  test('an object is fetched once, also by another worker with the same folder, and again when it is another', async () => {
    await bring();
    await bring();
    await createObjectCache(objects, folder, { keepMs: DAY_MS }).bring(pattern(), ALL, unwatched);
    expect(fetched.toSorted()).toEqual(['02', '03', '04'].map((day) => `data/day=2024-01-${day}/a.parquet`));
    await place.put('data/day=2024-01-03/a.parquet', 'corrected');
    expect(await files()).toContainEqual(['day=2024-01-03/a.parquet', 'corrected']);
    expect(fetched).toHaveLength(4);
  });

  test('two objects of one content are one file in the cache', async () => {
    await place.put('data/day=2024-01-05/copy.parquet', 'of 02');
    const names = (await files()).map(([name = '']) => name);
    const inodes = await Promise.all(names.map(async (name) => (await stat(join(await root(), name))).ino));
    expect([names.length, new Set(inodes).size]).toEqual([4, 3]);
    expect(await readdir(join(folder, 'blobs'))).toHaveLength(3);
  });

  test('an object that is gone is no file any more; days outside of the span stay', async () => {
    await bring();
    await place.remove('data/day=2024-01-02/a.parquet');
    await place.remove('data/day=2024-01-04/a.parquet');
    expect((await files(span('03T00:00:00', '05T00:00:00'))).map(([name]) => name)).toEqual([
      'day=2024-01-02/a.parquet',
      'day=2024-01-03/a.parquet',
    ]);
  });

  test('a fetch that is killed half-way leaves nothing that anybody reads, and the next one is whole', async () => {
    broken = async (_, path) => {
      await writeFile(`${path}.other`, '');
      throw new PortFailure('unavailable', 'killed');
    };
    await expect(bring()).rejects.toMatchObject({ code: 'unavailable' });
    await writeFile(join(folder, 'blobs', 'left-behind.part'), 'of 0');
    await utimes(join(folder, 'blobs', 'left-behind.part'), 1, 1);
    broken = undefined;
    expect(await files()).toHaveLength(3);
    expect((await readdir(join(folder, 'blobs'))).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  test('a content that was cut in the cache is fetched again', async () => {
    const path = join(await root(), 'day=2024-01-02', 'a.parquet');
    await chmod(path, 0o644);
    await writeFile(path, 'of');
    expect(await files()).toContainEqual(['day=2024-01-02/a.parquet', 'of 02']);
  });

  test('bytes that arrived as others are asked for once more, and then given up', async () => {
    const refuse = async () => {
      throw new PortFailure('object-digest', 'others');
    };
    broken = async () => {
      broken = undefined;
      await refuse();
    };
    expect(await files()).toHaveLength(3);
    await place.put('data/day=2024-01-02/a.parquet', 'new');
    broken = refuse;
    await expect(bring()).rejects.toMatchObject({ code: 'object-digest' });
  });

  test('a bucket that is not there is missing data, a bucket without such objects is no file', async () => {
    await expect(cache.bring('s3://no-such-bucket/day=*/*.parquet', ALL, unwatched)).rejects.toMatchObject({
      code: 'data-missing',
      details: { path: 's3://no-such-bucket/day=*/*.parquet' },
    });
    await cache.bring(`${place.uri}/other/day=*/*.parquet`, ALL, unwatched);
    expect(fetched).toEqual([]);
  });

  test.each(['s3://bucket/data/*.parquet', 's3://bucket/*/day=*/a.parquet'])(
    '%s cannot be fetched by day',
    async (bad) => {
      await expect(cache.bring(bad, ALL, unwatched)).rejects.toMatchObject({ code: 'bad-request' });
    },
  );

  test('a key that would lead out of the folder is no file', async () => {
    await place.put('data/day=2024-01-02/../../../../escape.parquet', 'x').catch(() => undefined);
    const names = (await files()).map(([name]) => name);
    expect(names.filter((name) => name?.includes('escape'))).toEqual([]);
  });
});
