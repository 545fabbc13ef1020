import { copyFile, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CandidateFinding } from '../../../scorecards/candidate/verdict.ts';
import { packageRoot } from '../../../infra/package-root.ts';
import { askPython } from '../../python-oracle.ts';
import { expectOneFile } from '../drift/one-file.ts';
import { runCli } from '../run-cli.ts';
import { scorecardText, writeFilesToJudge } from './files-to-judge.ts';
import { SMALLEST } from '../../scorecards/diagnostics/policy-texts.ts';

let folder = '';
beforeAll(async () => {
  folder = await writeFilesToJudge();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Judged {
  readonly verdict: string;
  readonly reasons: readonly string[];
  readonly findings: readonly CandidateFinding[];
  readonly notes: readonly string[];
}
const LABELS = ['--labels', 'labels.parquet'];
const SLICED = ['--holdout', 'holdout.parquet'];
const FAST = ['--latency', 'fast.json', '--challenger-size', '12MB', '--champion-size', '11000000'];

const run = (...words: readonly string[]) => runCli(['scorecard', 'run', ...words], { cwd: folder });
const models = (challenger: string, champion: string) => ['--challenger', challenger, '--champion', champion];
const textOf = (name: string) => readFile(path.join(folder, name), 'utf8');

describe('EV3: understudy scorecard run, by a scorecard with blocks of time', () => {
  const files = [...models('tired.parquet', 'poor.parquet'), ...LABELS, ...FAST];

  test('exit 7 names the week; the time is a column of the rows, whose name may be given', async () => {
    const { code, stderr, stdout } = await run('weeks.yaml', ...files, '--holdout', 'weeks.parquet');
    expect({ code, stderr }).toEqual({ code: 7, stderr: '' });
    expect(stdout).toMatch(/^ {2}Ranking over time \(auc\) in 2024-03-22 … 2024-03-28 fell by 0\.\d+/m);
    expect(stdout).toMatch(/^fail\tranking over time\tauc\t2024-03-22 … 2024-03-28\t1,250\t/m);
    expect(stdout).toMatch(/^inconclusive\tworst week\tworst of auc\t\t1,250\t/m);
    const renamed = await run('weeks.yaml', ...files, '--holdout', 'seen.parquet', '--time', 'seen');
    expect(renamed.stdout.split('\n')[0]).toBe(stdout.split('\n')[0]);
  });

  test('rows without a time are missing, and it says where it looked for one', async () => {
    const { code, stderr, stdout } = await run('weeks.yaml', ...files, '--holdout', 'seen.parquet');
    expect(code).toBe(7);
    expect(stdout).toContain('Worst week (worst of auc) was not measured: the holdout has no column that says when');
    expect(stderr).toBe('--holdout names a file of the rows with time, by which criteria look\n');
  });
});

describe('EV1: understudy scorecard run', () => {
  test('exit 0 is a pass, and JSON says by which files and by which scorecard', async () => {
    const files = [...models('good.parquet', 'poor.parquet'), ...LABELS, ...FAST];
    const { code, stderr, stdout } = await run('classification.yaml', ...files, '-o', 'json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      verdict: 'pass',
      bootstrap: false,
      passed: 6,
      of: 6,
      scorecard: {
        name: 'classification',
        digest: expect.stringMatching(/^[0-9a-f]{64}$/),
        signedOffBy: ['ana@example'],
      },
      files: [
        { role: 'challenger', path: 'good.parquet', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
        { role: 'champion', path: 'poor.parquet' },
        { role: 'labels', path: 'labels.parquet' },
      ],
      coverage: { rows: 5000, labelled: 5000, challenger: 5000, champion: 5000 },
      operatingPoint: { challenger: 0.5, champion: 0.5 },
    });
  });

  test('exit 7 is no pass; the verdict is said first, then its reasons, each criterion and what it rests on', async () => {
    const csv = [...models('good.csv', 'poor.parquet'), '--labels', 'labels.csv'];
    const { code, stderr, stdout } = await run('ranks.yaml', ...csv);
    expect({ code, stderr }).toEqual({ code: 7, stderr: '' });
    expect(stdout.split('\n').slice(0, 5)).toEqual([
      '? inconclusive   2 of 4 findings hold, 2 missing',
      '  Tail latency (p99) was not measured: no --latency was given.',
      '  Artifact (bytes) was not measured: no --challenger-size was given.',
      '',
      'JUDGED\tCRITERION\tMETRIC\tSLICE\tN\tCHALLENGER\tCHAMPION\tDIFFERENCE\tASKED',
    ]);
    expect(stdout).toMatch(
      /^pass\tranking\tauc\t\t5,000\t0\.\d+ \[0\.\d+, 0\.\d+\]\t0\.\d+ \[.*\]\t[+−]0\.\d+ \[.*\]\tat least 0\.7$/m,
    );
    expect(stdout).toMatch(/^signed off by {2}ana@example$/m);
    expect(stdout).toMatch(/^challenger {5}good\.csv, sha256:[0-9a-f]{64}$/m);
  });

  test('the command of the README judges files of the names that it gives', async () => {
    const readme = await readFile(path.join(packageRoot(), 'README.md'), 'utf8');
    const words = String(/(?<=`npx understudy )scorecard run [^`]+/.exec(readme));
    const named = [
      ['ranks.yaml', 'scorecard.yaml'],
      ['good.parquet', 'challenger.parquet'],
      ['poor.parquet', 'champion.parquet'],
    ] as const;
    for (const [from, to] of named) await copyFile(path.join(folder, from), path.join(folder, to));
    const { code, stderr, stdout } = await runCli(words.split(' '), { cwd: folder });
    expect({ code, stderr }).toEqual({ code: 7, stderr: '' });
    expect(stdout).toContain('? inconclusive   2 of 4 findings hold, 2 missing\n');
  });

  test('of a policy its scorecard judges a first model, with the columns that the policy names', async () => {
    await writeFile(path.join(folder, 'policy.yaml'), POLICY);
    const { code, stdout } = await run('policy.yaml', '--challenger', 'good.parquet', ...LABELS, ...FAST);
    expect(code).toBe(0);
    expect(stdout).toContain('✔ passed   3 of 3 findings hold\n');
    expect(stdout).toContain('\nnot applicable: recall: there is no champion to compare with\n');
    expect(stdout).toContain('none was given: bounds that compare with it do not apply');
  });

  test('EV5: a page and JUnit XML tell a refusal; both are the same for the same files', async () => {
    const words = ['bands.yaml', ...models('blind.parquet', 'poor.parquet'), ...LABELS, ...SLICED, ...FAST];
    const first = await run(...words, '--html', 'a.html', '--junit', 'a.xml', '-o', 'json');
    const second = await run(...words, '--html', 'b.html', '--junit', 'b.xml');
    expect([first.code, second.code]).toEqual([7, 7]);
    const { findings, notes } = JSON.parse(first.stdout) as Judged;
    expect(notes).toEqual([expect.stringContaining('Benjamini-Hochberg')]);
    expect(second.stdout).toContain(`how it was judged  ${notes.join('')}\n`);
    const [page, xml] = [await textOf('a.html'), await textOf('a.xml')];
    expect([await textOf('b.html'), await textOf('b.xml')]).toEqual([page, xml]);
    expectOneFile(page);
    expect(page).toContain('<h1>✖ bands: failed</h1>');
    expect(page).toContain('<tbody class="fail"><tr><td class="j" rowspan="2"><span class="mark">✖</span> fails</td>');
    expect(page).toMatch(/<th scope="row">recall per band<small>quality · recall<br>.* worst: band=long</);
    expect(page).toContain('<h4>Scores of the candidate</h4>');
    const [suite] = await askPython<{ readonly counts: object; readonly cases: readonly object[] }>('junit/read.py', [
      xml,
    ]);
    expect(suite).toMatchObject({ counts: { tests: '7', failures: '1', errors: '1', skipped: '0' } });
    expect(suite?.cases).toEqual(
      findings.map(({ criterion, judged }) =>
        expect.objectContaining({ outcome: OUTCOMES[judged], name: expect.stringContaining(criterion) }),
      ),
    );
    expect(suite?.cases).toContainEqual(
      expect.objectContaining({ name: 'recall per band (band=long)', outcome: 'failure' }),
    );
  });

  test('a column of slices that the rows lack is missing, and what would cure it is said', async () => {
    const files = [...models('good.parquet', 'poor.parquet'), ...LABELS, ...FAST];
    const { code, stderr, stdout } = await run('bands.yaml', ...files);
    expect(code).toBe(7);
    expect(stdout).toContain('Recall per band was not measured: the holdout has no column "band".');
    expect(stderr).toBe('--holdout names a file of the rows with band, by which criteria look\n');
  });

  test('names from files steer neither a terminal nor a page, and nothing is left in the temporary folder', async () => {
    const criterion = '{ name: "\\e[2J<b>", group: quality, metric: auc, atLeast: 0.99 }';
    await writeFile(
      path.join(folder, 'evil.yaml'),
      scorecardText('evil', `{ extends: classification, criteria: [${criterion}] }`),
    );
    const scratch = path.join(folder, 'empty');
    await mkdir(scratch);
    const words = ['scorecard', 'run', 'evil.yaml', '--challenger', 'good.csv', ...LABELS, '--html', 'evil.html'];
    const { code, stdout } = await runCli(words, { cwd: folder, env: { TMPDIR: scratch } });
    expect(code).toBe(7);
    expect(stdout).not.toContain('\u001b');
    expect(await textOf('evil.html')).not.toContain('<b>');
    expect(await readdir(scratch)).toEqual([]);
  });
});

const OUTCOMES = { pass: 'passed', fail: 'failure', inconclusive: 'error', missing: 'error' } as const;

const POLICY = SMALLEST.replaceAll('customer', 'id').replaceAll('churned', 'label');

describe('what cannot be judged ends without a verdict, said with what to do', () => {
  const good = ['--challenger', 'good.parquet'];
  test.each([
    [2, 'no predictions', ['ranks.yaml', ...LABELS], '--challenger is not given'],
    [5, 'a file that is not there', ['ranks.yaml', ...LABELS, '--challenger', 'no.parquet'], 'no.parquet (challenger,'],
    [
      1,
      'scores that are not finite',
      ['ranks.yaml', '--challenger', 'nan.parquet', ...LABELS],
      'predictions nan.parquet: the column "score" is NaN',
    ],
    [
      1,
      'a header without rows',
      ['ranks.yaml', '--challenger', 'header.csv', ...LABELS],
      'predictions header.csv: the column "score" has no rows',
    ],
    [2, 'a size without a unit', ['ranks.yaml', ...good, ...LABELS, '--challenger-size', 'big'], 'big is no size'],
    [
      2,
      'latencies of another form',
      ['ranks.yaml', ...good, ...LABELS, '--latency', 'wrong.json'],
      'wrong.json holds no latencies',
    ],
    [
      3,
      'EV1: a scorecard without criteria',
      ['empty.yaml', ...good, ...LABELS],
      'nothing was judged: empty.yaml is invalid',
    ],
    [2, 'an import of nothing known', ['ranks.yaml', '--import', 'wrong.json'], 'wrong.json cannot be imported'],
  ])('exit %d: %s', async (exit, _, words, said) => {
    await writeFile(path.join(folder, 'header.csv'), 'id,score\n');
    await writeFile(path.join(folder, 'wrong.json'), '{"challenger": {"p99": 12}}');
    const { code, stderr, stdout } = await run(...words);
    expect({ code, stdout }).toEqual({ code: exit, stdout: '' });
    expect(stderr).toContain(said);
    expect(stderr).toMatch(/\n {2}next {2}\S/);
  });
});
