import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createDuckdbDataStore } from '../../../activities/adapters/duckdb/data-store.ts';
import { createFileEvidence } from '../../../activities/adapters/file-evidence.ts';
import { appliedPolicy } from '../../../clients/apply-policy.ts';
import { replayDrift } from '../../../clients/drift/replay.ts';
import { loadPolicyFile } from '../../../clients/policy-file.ts';
import { unwatched } from '../../contracts/data-store/world.ts';
import { createMemoryRegistry } from '../../fakes/memory-registry.ts';
import { daysFrom, writeDays } from '../../lifecycle/data.ts';
import { policyText } from '../../lifecycle/policies.ts';
import { present } from '../../present.ts';
import { INTERRUPTED } from './interrupted.ts';
import { expectOneFile, headingsOf } from './one-file.ts';
import { runCli } from '../run-cli.ts';

const policyOn = (features: string): string =>
  policyText('late', { drift: '{ window: 2d, persistence: { windows: 2, of: 3 }, minimum: 100 }' }, { features });
const X = '{ name: x, type: continuous, metrics: [psi] }';
const DAYS = ['--from', '2001-01-08', '--to', '2001-01-14', '--baseline', '2001-01-01..2001-01-05'];

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-replay-'));
  await writeFile(path.join(folder, 'policy.yaml'), policyOn(`[${X}]`));
  await writeFile(path.join(folder, 'two.yaml'), policyOn(`[{ name: g, type: categorical }, ${X}]`));
  await writeFile(path.join(folder, 'understudy.config.yaml'), "mlflow: { uri: 'http://127.0.0.1:1' }\n");
  const days = daysFrom('2001-01-01', 14, 400).map((day, index) => ({ ...day, shift: index >= 10 ? 0.25 : 0 }));
  await writeDays(folder, days);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const replay = (...args: readonly string[]) =>
  runCli(['drift', 'replay', '-f', 'policy.yaml', ...args], { cwd: folder });

describe('drift replay', () => {
  test('without a champion, named days are the baseline: each day as its check would have judged it', async () => {
    const { code, stdout } = await replay(...DAYS, '--psi', '0.01,5', '-o', 'json');
    const found = JSON.parse(stdout) as { days: { asOf: string; verdict: string; fires: boolean }[] };
    expect(code).toBe(0);
    expect(found).toMatchObject({
      schemaVersion: 1,
      model: 'late',
      baseline: { from: '2001-01-01T00:00:00.000Z', until: '2001-01-06T00:00:00.000Z' },
      tallies: [{ name: 'policy' }, { name: 'PSI 0.01' }, { name: 'PSI 5', fired: 0, stretches: 0 }],
      features: [
        {
          picture: { column: 'x' },
          trend: expect.arrayContaining([{ name: '2001-01-14', rows: 800, psi: expect.any(Number) }]),
        },
      ],
    });
    expect(found.days.map(({ asOf, verdict, fires }) => [asOf.slice(8, 10), verdict, fires])).toEqual([
      ['08', 'steady', false],
      ['09', 'steady', false],
      ['10', 'steady', false],
      ['11', 'steady', false],
      ['12', 'steady', false],
      ['13', 'drift', false],
      ['14', 'drift', true],
    ]);
  });

  test('NannyML/nannyml#250, ClimateVision#55: a terminal gets one line a day and one for each set of bounds', async () => {
    const { code, stdout } = await replay(...DAYS, '--psi', '5', '--force-tty', '100');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}as of +verdict +share PSI +policy +PSI 5\n/);
    expect(stdout).toMatch(/\n✖ 2001-01-14 {2}drift +1\.00 {2}\d\.\d{3} {2}████│████ {2}retrain +· +Drift lasts: /);
    expect(stdout).toMatch(/\npolicy +would have retrained on 1 of 7 days, in 1 stretch; 1 spike held back\n/);
    expect(stdout).toMatch(/\nPSI 5 +would have retrained on 0 of 7 days, in 0 stretches; 0 spikes held back\n/);
  });

  test('the bar of a day is its worst PSI on the way to its limit, and goes where a terminal is too narrow', async () => {
    const wide = await replay(...DAYS, '--force-tty', '60', '--color', 'always');
    expect(wide.stdout).toContain('\u001b[31m████│████\u001b[0m');
    expect(wide.stdout).toMatch(/\[32m[█▏▎▍▌▋▊▉]+ *│ {4}.\[0m/);
    const narrow = await replay(...DAYS, '--force-tty', '59');
    expect(narrow.stdout).not.toContain('│');
    expect(narrow.stdout).toMatch(/\n✖ 2001-01-14 {2}drift +1\.00 {2}\d\.\d{3} {2}retrain\n/);
    const widths = narrow.stdout.split('\n').map((line) => line.length);
    expect(Math.max(...widths.slice(0, 8))).toBeLessThanOrEqual(59);
  });

  test('a day is counted once, however many windows hold it and whatever bounds are tried afterwards', async () => {
    const real = createDuckdbDataStore({ temporaryDirectory: path.join(folder, 'tmp'), threads: 1 });
    const counted: string[] = [];
    const ports = {
      data: {
        ...real,
        sketch: (...given: Parameters<typeof real.sketch>) => {
          counted.push(given[0].partition.bucket.from.slice(0, 10));
          return real.sketch(...given);
        },
      },
      evidence: createFileEvidence({ root: path.join(folder, 'own-evidence') }),
      registry: createMemoryRegistry(),
    };
    const applied = appliedPolicy(present((await loadPolicyFile(path.join(folder, 'policy.yaml'))).loaded), 'ana');
    const request = {
      applied,
      from: Date.parse('2001-01-08'),
      to: Date.parse('2001-01-14'),
      baseline: { from: '2001-01-01T00:00:00.000Z', until: '2001-01-04T00:00:00.000Z' },
    };
    const { days } = await replayDrift(ports, { ...request, psi: [] }, unwatched);
    expect(days).toHaveLength(7);
    expect(counted.toSorted()).toEqual([...new Set(counted)].toSorted());
    expect(new Set(counted).size).toBe(13);
    await replayDrift(ports, { ...request, psi: [0.1, 0.3] }, unwatched);
    expect(counted).toHaveLength(13);
  });

  test('the page is one small file without a script: days, then the newest window, the worst feature first', async () => {
    const { code, stdout } = await runCli(['drift', 'replay', '-f', 'two.yaml', ...DAYS, '--psi', '5', '-o', 'html'], {
      cwd: folder,
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^<!doctype html>.*<title>late: drift replayed<\/title>.*<\/html>\n$/s);
    expect(stdout).toContain('The policy would have retrained on 1 of 7 days from 2001-01-08 to 2001-01-14.');
    expect(stdout).toMatch(/<summary>2 days in words<.*<li>2001-01-13 <b>spike<\/b> .*<li>2001-01-14 <b>retrain<\/b> /);
    expect(headingsOf(stdout)).toEqual(['✖ x', '✔ g']);
    expectOneFile(stdout);
  });

  test('Ctrl-C stops it and says what is kept', async () => {
    const { code, stderr, stdout } = await runCli(['drift', 'replay', '-f', 'policy.yaml', ...DAYS], {
      cwd: folder,
      node: ['--import', INTERRUPTED],
    });
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(stderr).toContain('error: stopped; days counted so far are kept\n');
  });

  test.each([
    [['--from', '2001-01-08', '--to', '2001-01-09'], 69, '  next  name days to compare with: --baseline 2001-01-01..'],
    [[...DAYS.slice(0, 4), '--baseline', '2001-03-01'], 2, '--baseline 2001-03-01: expected a first and a last day'],
    [[...DAYS.slice(0, 4), '--baseline', '2011-01-01..2011-01-02'], 1, 'data/observations/day=*/*.parquet lies from'],
    [[...DAYS, '--psi', '0.1,much'], 2, '--psi 0.1,much: expected numbers above 0'],
  ])('%j ends with %i', async (args, code, said) => {
    const found = await replay(...args);
    expect({ code: found.code, stdout: found.stdout }).toEqual({ code, stdout: '' });
    expect(found.stderr).toContain(said);
  });
});
