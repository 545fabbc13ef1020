import { rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { present } from '../../present.ts';
import { runCli } from '../run-cli.ts';
import { writeFilesToJudge } from './files-to-judge.ts';
import { judgedIn } from './judged.ts';
import type { Asked } from './judged.ts';

let folder = '';
beforeAll(async () => {
  folder = await writeFilesToJudge();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const FILES = { challenger: 'good.parquet', champion: 'near.parquet', labels: 'labels.parquet', load: 'fast' };
const at = (file: string) => path.join(folder, file);
const judge = async (asked: Partial<Asked>, name = 'best') => judgedIn(folder, name, { ...FILES, ...asked });

describe('EV1: a scorecard that asks for the threshold of best F1, judged offline', () => {
  test('finds it on training rows with their labels, Parquet and CSV alike, or takes the one that is given', async () => {
    const found = await judge({ challengerThreshold: at('tuning.parquet'), championThreshold: '0.41' });
    expect(found.verdict.verdict).toBe('pass');
    const { challenger } = present(found.operatingPoint);
    expect(challenger).toBeGreaterThan(0.2);
    expect(challenger).toBeLessThan(0.6);
    expect(found.operatingPoint).toEqual({ challenger, champion: 0.41 });
    expect(found.operatingPointFrom).toEqual({
      challenger: {
        threshold: challenger,
        f1: expect.any(Number),
        rows: 2000,
        positives: expect.any(Number),
        predictions: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      champion: { threshold: 0.41, given: true },
    });
    expect(found.verdict.notes?.at(-1)).toMatch(
      /^Operating point: .*; challenger from 0\.\d+ \(F1 0\.\d+ on 2,000 rows, .*\); champion from 0\.41, as given\.$/,
    );
    const csv = await judge({ challengerThreshold: at('tuning.csv'), championThreshold: '0.41' });
    expect(csv.operatingPoint).toEqual(found.operatingPoint);
  });

  test('passes nothing that flags without it, and says which option to give', async () => {
    const none = await judge({});
    expect(none.verdict.verdict).toBe('inconclusive');
    const why = 'of the challenger no threshold of best F1 is known: no --challenger-threshold was given';
    expect(none.verdict.reasons).toEqual([`F1 was not measured: ${why}.`, `Mistakes (cost) was not measured: ${why}.`]);
    expect(none).not.toHaveProperty('operatingPoint');
    const half = await judge({ challengerThreshold: '0.4' });
    expect(half.verdict.findings.find(({ criterion }) => criterion === 'mistakes')?.judged).toBe('pass');
    expect(half.verdict.reasons).toEqual([
      'F1 was not measured: of the champion no threshold of best F1 is known: no --champion-threshold was given.',
    ]);
    const unlucky = await judge({ challengerThreshold: at('unlucky.parquet'), championThreshold: '0.4' });
    expect(unlucky.verdict.reasons[0]).toContain('none of its 5000 labelled out-of-sample rows is positive');
  });

  test.each([
    [
      'another scorecard',
      'ranks',
      { challengerThreshold: '0.4' },
      '--challenger-threshold would change nothing: ranks',
    ],
    ['a file that is not there', 'best', { challengerThreshold: 'no.parquet' }, 'no.parquet (threshold of the ch'],
  ])('refuses a threshold with %s', async (_, name, asked, said) => {
    await expect(judge(asked, name)).rejects.toMatchObject({
      name: 'CliFailure',
      message: expect.stringContaining(said),
      next: expect.stringMatching(/\w/),
    });
  });

  test('refuses a threshold of a champion that is not given', async () => {
    const { champion: _, ...others } = FILES;
    await expect(judgedIn(folder, 'best', { ...others, championThreshold: '0.4' })).rejects.toMatchObject({
      exitCode: 2,
      message: '--champion-threshold is given, but no --champion',
    });
  });

  test('names the column that a file lacks, and the file as it was given', async () => {
    await expect(judge({ challengerThreshold: at('points.parquet') })).rejects.toMatchObject({
      code: 'data-schema',
      message: expect.stringMatching(/"score" is not in .*points\.parquet/),
      next: expect.stringContaining('--id'),
    });
  });

  test('the command prints and writes where each threshold is from', async () => {
    const files = ['--challenger', 'good.parquet', '--champion', 'near.parquet', '--labels', 'labels.parquet'];
    const thresholds = ['--challenger-threshold', 'tuning.csv', '--champion-threshold', '0.41'];
    const told = await runCli(['scorecard', 'run', 'best.yaml', ...files, ...thresholds], { cwd: folder });
    expect(told.stdout).toMatch(
      /^how it was judged {2}Operating point: each model flags from the threshold of best F1/m,
    );
    const json = await runCli(['scorecard', 'run', 'best.yaml', ...files, ...thresholds, '-o', 'json'], {
      cwd: folder,
    });
    expect(JSON.parse(json.stdout)).toMatchObject({
      operatingPoint: { champion: 0.41 },
      operatingPointFrom: { challenger: { rows: 2000 }, champion: { threshold: 0.41, given: true } },
    });
  });
});
