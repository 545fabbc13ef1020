import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createS3Evidence } from '../../../../activities/adapters/s3/evidence.ts';
import { createS3Objects } from '../../../../activities/adapters/s3/objects.ts';
import type { S3Objects } from '../../../../activities/adapters/s3/objects.ts';
import { evidenceStoreContract } from '../../../contracts/evidence-store.ts';
import { createPlace } from '../../../s3.ts';
import type { Place } from '../../../s3.ts';
import { s3Server } from '../../../servers.ts';

const blob = (sha256: string) => `blobs/sha256/${sha256.slice(0, 2)}/${sha256}`;

evidenceStoreContract('the evidence store in S3', async () => {
  const place = await createPlace((await s3Server()).endpoint);
  const copies = await mkdtemp(join(tmpdir(), 'understudy-copies-'));
  return {
    store: createS3Evidence(createS3Objects(place.options), { uri: place.uri, copies }),
    damage: async (sha256) => {
      await place.put(blob(sha256), 'something else');
      await rm(join(copies, blob(sha256)), { force: true });
    },
    dispose: () => rm(copies, { recursive: true, force: true }),
  };
});

describe('the evidence store in S3', () => {
  let place: Place;
  let folder: string;
  let objects: S3Objects;
  const store = (name: string) => createS3Evidence(objects, { uri: `${place.uri}/`, copies: join(folder, name) });
  beforeAll(async () => {
    place = await createPlace((await s3Server()).endpoint);
    objects = createS3Objects(place.options);
    folder = await mkdtemp(join(tmpdir(), 'understudy-copies-'));
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('what one machine wrote another one reads, with its keys and its trees', async () => {
    const [one, other] = [store('one'), store('other')];
    await writeFile(join(folder, 'model.txt'), 'a model');
    const { manifest } = await one.putTree(folder, ['model.txt']);
    expect(await one.remember('runs/1/tree', manifest)).toEqual(manifest);
    expect(await other.recall('runs/1/tree')).toEqual(manifest);
    expect(await readFile(join(await other.placeTree(manifest), 'model.txt'), 'utf8')).toBe('a model');
    expect(manifest.uri).toBe(`${place.uri}/${blob(manifest.sha256)}`);
  });

  test('a copy that somebody changed is no evidence: the object is, and it is read instead', async () => {
    const evidence = store('changed');
    const ref = await evidence.put('what was decided', 'text/plain');
    const copy = await evidence.place(ref);
    await chmod(copy, 0o644);
    await writeFile(copy, 'what is wished for');
    expect(Buffer.from(await evidence.get(ref)).toString()).toBe('what was decided');
    await rm(copy);
    expect(await readFile(await evidence.place(ref), 'utf8')).toBe('what was decided');
  });

  test('of two machines that remember one key at once both are told the same winner', async () => {
    const [one, other] = [store('one'), store('other')];
    const [a, b] = [await one.put('a', 'text/plain'), await other.put('b', 'text/plain')];
    const told = await Promise.all([one.remember('race', a), other.remember('race', b)]);
    expect(told[0]).toEqual(told[1]);
  });

  test('a large file that is there already is not sent again', async () => {
    const path = join(folder, 'large.bin');
    await writeFile(path, Buffer.alloc(1_500_000, 'large '));
    const sent: string[] = [];
    const counting = { ...objects, putNew: async (uri: string) => void sent.push(uri) };
    const ref = await store('one').putFile(path, 'x/y');
    const again = createS3Evidence(counting, { uri: place.uri, copies: join(folder, 'third') });
    expect(await again.putFile(path, 'x/y')).toEqual(ref);
    expect(sent).toEqual([]);
  });

  test('a server that overwrites against the condition is refused before a key rests on it', async () => {
    const careless = { ...objects, putNew: async () => undefined };
    const evidence = createS3Evidence(careless, { uri: `${place.uri}/careless`, copies: join(folder, 'careless') });
    const ref = { uri: 'x:y', sha256: 'a'.repeat(64), bytes: 1 };
    await expect(evidence.remember('key', ref)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('If-None-Match'),
    });
  });
});
