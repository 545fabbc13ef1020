import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { S3Options } from '../../../../activities/adapters/s3/connect.ts';
import { createS3Objects } from '../../../../activities/adapters/s3/objects.ts';
import { createObjectsPreflight } from '../../../../activities/adapters/s3/preflight.ts';
import { createPlace } from '../../../s3.ts';
import type { Place } from '../../../s3.ts';
import { serverThat } from '../../../server-that.ts';
import { s3Server } from '../../../servers.ts';

const PATIENCE_MS = 5000;

describe('a look at S3 before anything depends on it', () => {
  let place: Place;
  beforeAll(async () => {
    place = await createPlace((await s3Server()).endpoint);
  }, 120_000);
  const preflight = (change: Partial<S3Options> = {}) =>
    createObjectsPreflight(createS3Objects({ ...place.options, patienceMs: PATIENCE_MS, ...change }));

  test('evidence can be written once and read; what the look leaves there is one object, however often it looks', async () => {
    const uri = `${place.uri}/evidence`;
    const text = `${uri} can be written and read, and keeps what was written first`;
    expect(await preflight().evidence(`${uri}/`)).toEqual({ name: 's3 evidence', state: 'ok', text });
    expect(await preflight().evidence(uri)).toEqual({ name: 's3 evidence', state: 'ok', text });
    const left = await createS3Objects(place.options).list(`${uri}/`);
    expect(left.map((object) => object.uri)).toEqual([`${uri}/conditional-writes`]);
  });

  test('data can be listed and read', async () => {
    await place.put('lake/day=2001-01-01/part-0.parquet', 'rows');
    const path = `${place.uri}/lake/day=*/*.parquet`;
    expect(await preflight().data(path)).toEqual({
      name: 's3 data',
      state: 'ok',
      text: `${path} can be listed and read`,
    });
  });

  test.each([
    ['no object has the name', 'lake/nowhere/day=*/*.parquet', /^no object is named like s3:/, /or deliver the data$/],
    ['there are no days in the path', 'lake/*.parquet', /cannot be fetched by day/, /^correct the path in spec\.data/],
  ])('data are not there: %s', async (_, key, text, next) => {
    expect(await preflight().data(`${place.uri}/${key}`)).toMatchObject({
      state: 'problem',
      text: expect.stringMatching(text),
      next: expect.stringMatching(next),
    });
  });

  test.each([
    ['nobody answers', { endpoint: 'http://127.0.0.1:1' }, /ECONNREFUSED/, /^check s3\.endpoint and s3\.region/],
    [
      'the credentials are unknown',
      { credentials: { accessKeyId: 'somebody', secretAccessKey: 'else' } },
      /InvalidAccessKeyId/,
      /^give the worker credentials where programs of Amazon look for them/,
    ],
  ])('neither can be used: %s', async (_, change, text, next) => {
    const problem = { state: 'problem', text: expect.stringMatching(text), next: expect.stringMatching(next) };
    expect(await preflight(change).evidence(`${place.uri}/evidence`)).toMatchObject(problem);
    expect(await preflight(change).data(`${place.uri}/lake/day=*/*.parquet`)).toMatchObject(problem);
  });

  test('a bucket that is not there', async () => {
    expect(await preflight().evidence('s3://nobody-made-this-bucket/evidence')).toMatchObject({
      state: 'problem',
      text: expect.stringContaining('NoSuchBucket'),
      next: 'create the bucket, or correct evidence.uri in understudy.config.yaml',
    });
  });

  test('among very many objects none is named like the pattern: that there is none is not said', async () => {
    const other = { uri: `${place.uri}/day=2001-01-01/region=apac/a.parquet`, etag: 'e', bytes: 1 };
    const crowded = { ...createS3Objects(place.options), list: async () => Array.from({ length: 1000 }, () => other) };
    expect(await createObjectsPreflight(crowded).data(`${place.uri}/day=*/region=eu/*.parquet`)).toMatchObject({
      state: 'warning',
      text: expect.stringContaining('none of the first 1000 objects'),
    });
  });

  test('a server that lets what was written first be overwritten', async () => {
    const forgetful = { ...createS3Objects(place.options), putNew: async () => undefined };
    expect(await createObjectsPreflight(forgetful).evidence(`${place.uri}/overwritten`)).toMatchObject({
      state: 'problem',
      text: expect.stringContaining('If-None-Match'),
      next: expect.stringMatching(/^take a server that keeps the condition/),
    });
  });
});

describe('a server of S3 that never answers', () => {
  let silent: Awaited<ReturnType<typeof serverThat>>;
  beforeAll(async () => {
    silent = await serverThat(() => undefined);
  });
  afterAll(() => silent.close());

  test('is given up after the time that a person waits, and not asked again', async () => {
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
    const objects = createS3Objects({
      endpoint: silent.uri,
      region: 'us-east-1',
      pathStyle: true,
      credentials,
      patienceMs: 200,
    });
    expect(await createObjectsPreflight(objects).data('s3://lake/day=*/*.parquet')).toMatchObject({
      state: 'problem',
      text: expect.stringContaining('TimeoutError'),
      next: expect.stringMatching(/^check s3\.endpoint/),
    });
  });
});
