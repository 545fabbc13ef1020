import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createS3Objects } from '../../../../activities/adapters/s3/objects.ts';
import type { RemoteObject, S3Objects } from '../../../../activities/adapters/s3/objects.ts';
import { httpProxy, truncate } from '../../../faults/http-proxy.ts';
import type { HttpProxy } from '../../../faults/http-proxy.ts';
import { present } from '../../../present.ts';
import { createPlace } from '../../../s3.ts';
import type { Place } from '../../../s3.ts';
import { s3Server } from '../../../servers.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const LARGE = Buffer.alloc(2_000_000, 'sixteen letters ');

describe('objects of a real server of S3', () => {
  let place: Place;
  let objects: S3Objects;
  let proxy: HttpProxy;
  /** The same server behind a line that can be disturbed. */
  let disturbed: S3Objects;
  let folder: string;
  beforeAll(async () => {
    const { endpoint } = await s3Server();
    place = await createPlace(endpoint);
    objects = createS3Objects(place.options);
    const headers: Record<string, string> = {};
    proxy = await httpProxy(endpoint, { headers });
    headers['x-forwarded-host'] = new URL(proxy.uri).host; // What the client signed.
    disturbed = createS3Objects({ ...place.options, endpoint: proxy.uri });
    folder = await mkdtemp(join(tmpdir(), 'understudy-s3-'));
  }, 120_000);
  afterAll(async () => {
    await proxy?.close();
    await rm(folder, { recursive: true, force: true });
  });
  const listed = async (key: string): Promise<RemoteObject> => present((await objects.list(`${place.uri}/${key}`))[0]);
  const put = async (key: string, body: Uint8Array | string, more?: { sha256: boolean }) => {
    await place.put(key, body, more);
    return await listed(key);
  };

  test('a listing names every object below a prefix with etag and size, in order, from a key on', async () => {
    for (const key of ['list/b', 'list/a', 'list/c/d', 'lisu']) await place.put(key, key);
    const found = await objects.list(`${place.uri}/list/`);
    const md5 = createHash('md5').update('list/a').digest('hex');
    expect(found.map(({ uri }) => uri)).toEqual(['a', 'b', 'c/d'].map((name) => `${place.uri}/list/${name}`));
    expect(found[0]).toMatchObject({ etag: md5, bytes: 6 });
    const rest = await objects.list(`${place.uri}/list/`, { after: `${place.uri}/list/b` });
    expect(rest.map(({ uri }) => uri)).toEqual([`${place.uri}/list/c/d`]);
    expect(await objects.list(`${place.uri}/nothing/`)).toEqual([]);
  });

  test('a listing goes on from page to page', async () => {
    await Promise.all(Array.from({ length: 7 }, async (_, index) => place.put(`many/${index}`, 'x')));
    const paged = createS3Objects({ ...place.options, pageSize: 3 });
    expect(await paged.list(`${place.uri}/many/`)).toEqual(await objects.list(`${place.uri}/many/`));
    expect(await paged.list(`${place.uri}/many/`)).toHaveLength(7);
  });

  test.each([0, 1, LARGE.length])('an object of %d bytes is fetched whole and named by its digest', async (bytes) => {
    const body = LARGE.subarray(0, bytes);
    const into = join(folder, `whole-${bytes}`);
    expect(await objects.download(await put(`whole/${bytes}`, body), into)).toBe(sha256(body));
    expect((await readFile(into)).equals(body)).toBe(true);
  });

  test('a download that breaks off in the middle, twice, goes on where it broke', async () => {
    const object = await put('broken', LARGE);
    proxy.inject({ method: 'GET', path: '/broken', fault: truncate(700_000) });
    proxy.inject({ method: 'GET', path: '/broken', fault: truncate(600_000) });
    const into = join(folder, 'broken');
    expect(await disturbed.download(object, into)).toBe(sha256(LARGE));
    expect((await readFile(into)).equals(LARGE)).toBe(true);
    expect(proxy.seen.filter((line) => line.endsWith('/broken'))).toHaveLength(3);
  });

  test('a download that never comes further says how far it came', async () => {
    const object = await put('stuck', LARGE);
    proxy.inject({ method: 'GET', path: '/stuck', times: 99, fault: truncate(0) });
    await expect(disturbed.download(object, join(folder, 'stuck'))).rejects.toMatchObject({
      code: 'unavailable',
      details: { uri: object.uri },
    });
  });

  test('bytes that are not those of which the server keeps a SHA-256 are refused', async () => {
    const object = await put('flipped', LARGE, { sha256: true });
    const flip = (body: Buffer) => Buffer.concat([body.subarray(0, -1), Buffer.from('!')]);
    const fault = {
      kind: 'rewrite',
      answer: ({ status, headers, body }) => ({ status, headers, body: flip(body) }),
    } satisfies Parameters<HttpProxy['inject']>[0]['fault'];
    proxy.inject({ method: 'GET', path: '/flipped', fault });
    await expect(disturbed.download(object, join(folder, 'flipped'))).rejects.toMatchObject({
      code: 'object-digest',
      details: { uri: object.uri },
    });
    expect(await objects.download(object, join(folder, 'unflipped'))).toBe(sha256(LARGE));
  });

  test('an object that is another than the listed one, or is gone, is not mixed with it', async () => {
    const object = await put('replaced', 'first');
    await place.put('replaced', 'second');
    await expect(objects.download(object, join(folder, 'replaced'))).rejects.toMatchObject({
      code: 'data-changed',
      message: expect.stringContaining('replaced while it was fetched'),
    });
    const gone = { ...object, uri: `${place.uri}/gone` };
    await expect(objects.download(gone, join(folder, 'gone'))).rejects.toMatchObject({
      code: 'data-changed',
      message: expect.stringContaining('removed while it was fetched'),
    });
  });

  test('an abort ends a download with the reason of the signal', async () => {
    const object = await put('aborted', LARGE);
    proxy.inject({ method: 'GET', path: '/aborted', times: 1, fault: { kind: 'delay', ms: 3_000 } });
    const signal = AbortSignal.timeout(200);
    const download = disturbed.download(object, join(folder, 'aborted'), signal);
    await expect(download).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  test('the second to write an object is told so, and the first one’s stays', async () => {
    const uri = `${place.uri}/once`;
    await objects.putNew(uri, Buffer.from('first'));
    await expect(objects.putNew(uri, Buffer.from('second'))).rejects.toMatchObject({
      code: 'object-exists',
      details: { uri, status: 412 },
    });
    expect(Buffer.from(present(await objects.read(uri))).toString()).toBe('first');
  });

  test('of several that write one object at the same time exactly one wins', async () => {
    const uri = `${place.uri}/race`;
    const writers = Array.from({ length: 8 }, async (_, index) => objects.putNew(uri, Buffer.from(`writer ${index}`)));
    const ended = await Promise.allSettled(writers);
    expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const lost = ended.filter((one) => one.status === 'rejected').map(({ reason }) => reason as { code: string });
    expect([...new Set(lost.map(({ code }) => code))]).toEqual(['object-exists']);
  });

  test('a file of any size can be written, too', async () => {
    const large = Buffer.alloc(9_000_000, 'larger than what is held in memory ');
    for (const body of [LARGE, large]) {
      const path = join(folder, `large-${body.length}.bin`);
      await writeFile(path, body);
      const uri = `${place.uri}/from-file-${body.length}`;
      await objects.putNew(uri, { path, bytes: body.length });
      expect(sha256(present(await objects.read(uri)))).toBe(sha256(body));
    }
  });

  test('nothing there is nothing, but a bucket that is not there is an error', async () => {
    expect(await objects.read(`${place.uri}/absent`)).toBeUndefined();
    await expect(objects.read('s3://no-such-bucket/absent')).rejects.toMatchObject({ code: 'not-found' });
    await expect(objects.list('s3://no-such-bucket/')).rejects.toMatchObject({ code: 'not-found' });
  });

  test.each([
    ['a wrong secret', { accessKeyId: 'understudy', secretAccessKey: 'wrong' }],
    ['a key that nobody has', { accessKeyId: 'nobody', secretAccessKey: 'of-the-tests' }],
  ])('%s is not authorised', async (_, credentials) => {
    const stranger = createS3Objects({ ...place.options, credentials });
    await expect(stranger.list(`${place.uri}/`)).rejects.toMatchObject({ code: 'unauthorised' });
  });

  test('a server that is away is unavailable', async () => {
    const away = createS3Objects({ ...place.options, endpoint: 'http://127.0.0.1:9' });
    await expect(away.list(`${place.uri}/`)).rejects.toMatchObject({ code: 'unavailable' });
  });

  test.each(['s3:/bucket/key', 's3://B/key', 'https://bucket/key', 's3://'])('"%s" names no object', async (uri) => {
    await expect(objects.list(uri)).rejects.toMatchObject({ code: 'bad-request' });
  });
});
