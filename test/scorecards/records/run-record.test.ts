import { expect, test } from '@jest/globals';
import { missingFields } from '../../../scorecards/records/run-record.ts';
import type { MandatoryField, RunRecord } from '../../../scorecards/records/run-record.ts';

const DIGEST = 'a'.repeat(64);
const ref = { uri: 'file:///evidence/1', sha256: DIGEST, bytes: 1 };
const complete = {
  params: {},
  data: {
    snapshotDigest: DIGEST,
    manifest: ref,
    rows: 10,
    bytes: 100,
    span: { from: '2026-01-01T00:00:00Z', until: '2026-02-01T00:00:00Z' },
    asOf: '2026-02-02T00:00:00Z',
    labelWatermark: '2026-02-01T18:00:00Z',
    labelCoverage: 1,
    sources: [{ uri: 'postgresql://db.example/shop?table=orders', version: '0/16B3748' }],
  },
  environment: {
    hash: DIGEST,
    interpreter: 'python 3.11',
    lockfileDigest: null,
    libraryVersions: {},
    os: 'linux',
    arch: 'x64',
  },
  artifact: { digest: DIGEST, manifest: ref, bytes: 1, files: [{ path: 'model', bytes: 1, sha256: DIGEST }] },
} satisfies Partial<RunRecord>;

test('RP1: a record with all four fields lacks nothing, even when the trainer takes no params', () => {
  expect(missingFields(complete)).toEqual([]);
});

test.each([
  ['params', 'params'],
  ['data', 'dataset'],
  ['environment', 'environment'],
  ['artifact', 'artifact'],
] as const satisfies readonly (readonly [keyof RunRecord, MandatoryField])[])(
  'RP1: a record without %s lacks the %s',
  (field, called) => {
    const { [field]: _gone, ...rest } = complete;
    expect(missingFields(rest)).toEqual([called]);
  },
);

test('RP1: an empty record lacks all four, in one order', () => {
  expect(missingFields({})).toEqual(['params', 'dataset', 'environment', 'artifact']);
});

test('RP1: an artifact without files and a digest that is none are missing', () => {
  const { artifact, environment } = complete;
  const emptied = { ...complete, artifact: { ...artifact, files: [] } };
  expect(missingFields(emptied)).toEqual(['artifact']);
  const unhashed = { ...complete, environment: { ...environment, hash: 'latest' } };
  expect(missingFields(unhashed)).toEqual(['environment']);
});
