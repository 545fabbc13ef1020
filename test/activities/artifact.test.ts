import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { artifactDigest } from '../../activities/artifact.ts';
import { hashEnvironment } from '../../activities/environment.ts';
import type { EnvironmentInput } from '../../scorecards/records/run-record.ts';

const first = { path: 'b/weights.bin', bytes: 3, sha256: 'b'.repeat(64) };
const second = { path: 'a.txt', bytes: 0, sha256: 'a'.repeat(64) };
const files = [first, second];

test('an artifact is named by SHA-256 of the canonical list of its files in path order', () => {
  const text =
    `[{"bytes":0,"path":"a.txt","sha256":"${'a'.repeat(64)}"},` +
    `{"bytes":3,"path":"b/weights.bin","sha256":"${'b'.repeat(64)}"}]`;
  expect(artifactDigest(files)).toBe(createHash('sha256').update(text).digest('hex'));
  expect(artifactDigest(files.toReversed())).toBe(artifactDigest(files));
});

test.each([{ path: 'c' }, { bytes: 1 }, { sha256: 'c'.repeat(64) }])(
  'RP5: another %j is another artifact',
  (change) => {
    expect(artifactDigest([first, { ...second, ...change }])).not.toBe(artifactDigest(files));
  },
);

const environment: EnvironmentInput = {
  interpreter: '/usr/bin/python3 3.11.2',
  lockfileDigest: 'l'.repeat(64),
  libraryVersions: { lightgbm: '4.6.0', numpy: '2.0.0' },
  os: 'linux 6.1',
  arch: 'x64',
};

test.each([
  { interpreter: 'python 3.12' },
  { lockfileDigest: null },
  { libraryVersions: { lightgbm: '4.6.1', numpy: '2.0.0' } },
  { os: 'linux 6.2' },
  { arch: 'arm64' },
  { gpuModel: 'A100' },
  { gpuCount: 1 },
  { driver: '550' },
  { cuda: '12.4' },
  { mig: '1g.5gb' },
] satisfies Partial<EnvironmentInput>[])('RP6: changing %j changes the environment hash', (change) => {
  expect(hashEnvironment({ ...environment, ...change }).hash).not.toBe(hashEnvironment(environment).hash);
});

test('RP6: the order in which libraries are reported does not change the environment hash', () => {
  const libraryVersions = { numpy: '2.0.0', lightgbm: '4.6.0' };
  expect(hashEnvironment({ ...environment, libraryVersions })).toEqual({
    ...environment,
    hash: hashEnvironment(environment).hash,
  });
});
