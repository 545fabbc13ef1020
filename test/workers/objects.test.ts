import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { wireEvidence } from '../../workers/evidence.ts';
import { withObjects } from '../../workers/remote-data.ts';
import { createFileData } from '../../workers/file-data.ts';
import { loadSettings } from '../../workers/settings-file.ts';
import { createPlace, KEYS } from '../s3.ts';
import type { Place } from '../s3.ts';
import { s3Server } from '../servers.ts';

/** Who asks stands in the environment, as for every program of Amazon. */
const ENVIRONMENT = { AWS_ACCESS_KEY_ID: KEYS.accessKeyId, AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey };

describe('settings that name S3', () => {
  let folder: string;
  let place: Place;
  let endpoint: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'understudy-settings-'));
    ({ endpoint } = await s3Server());
    place = await createPlace(endpoint);
    Object.assign(process.env, ENVIRONMENT);
  }, 120_000);
  afterAll(async () => {
    for (const name of Object.keys(ENVIRONMENT)) delete process.env[name];
    await rm(folder, { recursive: true, force: true });
  });
  const settings = async (...lines: readonly string[]) => {
    const file = path.join(folder, 'understudy.config.yaml');
    await writeFile(file, [`s3: { endpoint: "${endpoint}" }`, ...lines].join('\n'));
    return loadSettings(file);
  };

  test('keep evidence there, with copies in the state folder', async () => {
    const evidence = wireEvidence(await settings(`evidence: { uri: "${place.uri}/evidence" }`));
    const ref = await evidence.put('a fact', 'text/plain');
    expect(ref.uri.startsWith(`${place.uri}/evidence/blobs/sha256/`)).toBe(true);
    expect(await evidence.remember('a/key', ref)).toEqual(ref);
    expect(await readdir(path.join(folder, '.understudy'))).toEqual(['evidence-copies']);
  });

  test('fetch data from there', async () => {
    const { stateDir, ...file } = await settings();
    await place.put('lake/day=2024-01-01/a.parquet', 'PAR1');
    const data = withObjects({ ...file, stateDir }, createFileData(path.join(stateDir, 'tmp')));
    const request = { dataset: 'observations', bucketMs: 86_400_000 } as const;
    const [found] = await data.partitions({ ...request, path: `${place.uri}/lake/day=*/*.parquet` });
    expect(found?.files[0]?.path.startsWith(path.join(stateDir, 'objects'))).toBe(true);
  });

  test('an evidence store of an unknown kind is an error that says which are known', async () => {
    const file = await settings('evidence: { uri: "gs://bucket/x" }');
    expect(() => wireEvidence(file)).toThrow('expected file:///absolute/folder or s3://bucket/prefix');
  });
});
