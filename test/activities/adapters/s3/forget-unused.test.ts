import { mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { forgetUnused } from '../../../../activities/adapters/s3/forget-unused.ts';
import { createObjectCache } from '../../../../activities/adapters/s3/object-cache.ts';
import type { S3Objects } from '../../../../activities/adapters/s3/objects.ts';
import { unwatched } from '../../../contracts/data-store/world.ts';
import { createPlace, recordDownloads } from '../../../s3.ts';
import type { Place } from '../../../s3.ts';
import { s3Server } from '../../../servers.ts';

const DAY_MS = 86_400_000;
const ALL = { from: '2024-01-01T00:00:00Z', until: '2024-01-31T00:00:00Z' };
const ONLY_THE_4TH = { from: '2024-01-04T00:00:00Z', until: '2024-01-05T00:00:00Z' };

describe('what nobody asks the cache of objects for', () => {
  let endpoint: string;
  let place: Place;
  let folder: string;
  let fetched: string[];
  let objects: S3Objects;
  beforeAll(async () => {
    ({ endpoint } = await s3Server());
  }, 120_000);
  beforeEach(async () => {
    place = await createPlace(endpoint);
    folder = await mkdtemp(join(tmpdir(), 'understudy-objects-'));
    ({ objects, fetched } = recordDownloads(place));
    for (const day of ['02', '03', '04']) await place.put(`day=2024-01-${day}/a.parquet`, `of ${day}`);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const bring = async (span = ALL) =>
    createObjectCache(objects, folder, { keepMs: 30 * DAY_MS }).bring(`${place.uri}/day=*/*.parquet`, span, unwatched);
  /** As if nobody had asked for anything, or looked for what is unused, for so many days. */
  const passDays = async (days: number) => {
    const then = new Date(Date.now() - days * DAY_MS);
    for (const name of await readdir(join(folder, 'known'))) await utimes(join(folder, 'known', name), then, then);
    await utimes(join(folder, 'looked'), then, then);
  };
  const contents = async () => {
    const [blobs, notes] = await Promise.all(['blobs', 'known'].map(async (name) => readdir(join(folder, name))));
    const mirror = await readdir(join(folder, 'mirror'), { recursive: true });
    const names = mirror.filter((name) => name.endsWith('.parquet')).map((name) => name.slice(name.indexOf('/') + 1));
    return { blobs: blobs?.length, notes: notes?.length, names: names.toSorted() };
  };

  test('is removed with every name that it has, when its time is over; what is asked for stays', async () => {
    await bring();
    await passDays(29);
    await bring(ONLY_THE_4TH);
    expect(await contents()).toMatchObject({ blobs: 3, notes: 3 });
    await passDays(31);
    await bring(ONLY_THE_4TH);
    expect(await contents()).toEqual({ blobs: 1, notes: 1, names: ['day=2024-01-04/a.parquet'] });
    expect(fetched).toHaveLength(3);
  });

  test('is fetched again when somebody wants it after all', async () => {
    await bring();
    await passDays(31);
    await bring(ONLY_THE_4TH);
    const root = (await bring()).replace('/day=*/*.parquet', '');
    expect(await readFile(join(root, 'day=2024-01-02', 'a.parquet'), 'utf8')).toBe('of 02');
    expect(fetched).toHaveLength(5);
  });

  test('goes when its object was replaced, and leaves the new content alone', async () => {
    await bring();
    await passDays(31);
    await place.put('day=2024-01-03/a.parquet', 'corrected');
    const root = (await bring()).replace('/day=*/*.parquet', '');
    expect(await contents()).toMatchObject({ blobs: 3, notes: 3 });
    expect(await readFile(join(root, 'day=2024-01-03', 'a.parquet'), 'utf8')).toBe('corrected');
  });

  test('stays when another object of the same content is wanted', async () => {
    await place.put('day=2024-01-05/copy.parquet', 'of 04');
    await bring();
    await passDays(31);
    await bring(ONLY_THE_4TH);
    expect(await contents()).toMatchObject({
      blobs: 1,
      notes: 2,
      names: ['day=2024-01-04/a.parquet', 'day=2024-01-05/copy.parquet'],
    });
  });

  test('is looked for once an hour', async () => {
    await bring();
    await passDays(31);
    await writeFile(join(folder, 'looked'), '');
    await bring(ONLY_THE_4TH);
    expect(await contents()).toMatchObject({ blobs: 3, notes: 3 });
  });

  test('may be a content that lost its note, but not one that was fetched just now', async () => {
    await bring();
    await writeFile(join(folder, 'blobs', 'a'.repeat(64)), 'young');
    await writeFile(join(folder, 'blobs', 'b'.repeat(64)), 'old');
    const then = new Date(Date.now() - 2 * 3_600_000);
    await utimes(join(folder, 'blobs', 'b'.repeat(64)), then, then);
    await forgetUnused(folder, 30 * DAY_MS);
    expect(await readdir(join(folder, 'blobs'))).toContain('a'.repeat(64));
    expect(await readdir(join(folder, 'blobs'))).not.toContain('b'.repeat(64));
  });

  test('is never taken from under somebody who asks for it at the same moment', async () => {
    await bring();
    for (let round = 0; round < 25; round += 1) {
      await passDays(31);
      const [pattern] = await Promise.all([bring(), forgetUnused(folder, 30 * DAY_MS)]);
      const root = pattern.replace('/day=*/*.parquet', '');
      const read = async (day: string) => readFile(join(root, `day=2024-01-${day}`, 'a.parquet'), 'utf8');
      expect(await Promise.all(['02', '03', '04'].map(read))).toEqual(['of 02', 'of 03', 'of 04']);
    }
  });
});
