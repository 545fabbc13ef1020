import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createDuckdbDataStore } from '../../activities/adapters/duckdb/data-store.ts';
import { createFileEvidence } from '../../activities/adapters/file-evidence.ts';
import { featureHistories } from '../../activities/drift-pictures.ts';
import { baselineFromDays } from '../../activities/trial-baseline.ts';
import { appliedPolicy } from '../../clients/apply-policy.ts';
import { loadPolicyFile } from '../../clients/policy-file.ts';
import { unwatched } from '../contracts/data-store/world.ts';
import { daysFrom, writeDays } from '../lifecycle/data.ts';
import { policyText } from '../lifecycle/policies.ts';
import { present } from '../present.ts';

const day = (number: number) => `2001-01-0${number}T00:00:00.000Z`;

const POLICY = policyText('late', { drift: '{ window: 2d, minimum: 100 }' });

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-pictures-'));
  await writeFile(path.join(folder, 'policy.yaml'), POLICY);
  const days = daysFrom('2001-01-01', 9, 400).map((one, index) => ({ ...one, shift: index === 7 ? 0.5 : 0 }));
  // The sixth day has too few rows to say anything.
  await writeDays(
    folder,
    days.map((one, index) => ({ ...one, rows: index === 5 ? 40 : 400 })),
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function opened() {
  const ports = {
    data: createDuckdbDataStore({ temporaryDirectory: path.join(folder, 'tmp'), threads: 1 }),
    evidence: createFileEvidence({ root: path.join(folder, 'evidence') }),
  };
  const { loaded } = await loadPolicyFile(path.join(folder, 'policy.yaml'));
  return { ports, applied: appliedPolicy(present(loaded), 'ana') };
}

describe('featureHistories', () => {
  test('shows the newest window against the baseline, and every day of all windows by itself', async () => {
    const { applied, ports } = await opened();
    const baseline = await baselineFromDays(ports, { applied, span: { from: day(1), until: day(5) } }, unwatched);
    const windows = [
      { from: day(5), until: day(7) },
      { from: day(7), until: day(9) },
    ];
    const [history, ...more] = await featureHistories(ports, { applied, baseline }, windows, unwatched);
    expect(more).toEqual([]);
    expect(history?.picture).toMatchObject({ column: 'x', as: 'numbers', rows: { baseline: 1600, current: 800 } });
    expect(history?.trend.map(({ name, rows }) => [name, rows])).toEqual([
      ['2001-01-05', 400],
      ['2001-01-06', 40],
      ['2001-01-07', 400],
      ['2001-01-08', 400],
    ]);
    expect(history?.trend[0]?.psi).toBeLessThan(0.1);
    expect(history?.trend[1]?.psi).toBeNull();
    expect(history?.trend[3]?.psi).toBeGreaterThan(0.3);
  });

  test('a baseline of days without files is a failure that names the days', async () => {
    const { applied, ports } = await opened();
    const span = { from: '2011-01-01T00:00:00.000Z', until: '2011-01-03T00:00:00.000Z' };
    await expect(baselineFromDays(ports, { applied, span }, unwatched)).rejects.toMatchObject({
      code: 'data-missing',
      message: expect.stringContaining('lies from 2011-01-01T00:00:00.000Z until 2011-01-03T00:00:00.000Z'),
    });
  });
});
