import { rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PRESET_NAMES } from '../../../scorecards/scorecard-preset.ts';
import { writeFilesToJudge } from './files-to-judge.ts';
import { judgedIn } from './judged.ts';
import type { Asked } from './judged.ts';

let folder = '';
beforeAll(async () => {
  folder = await writeFilesToJudge();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const labels = 'labels.parquet';
const judge = async (name: string, asked: Asked) => (await judgedIn(folder, name, { load: 'fast', ...asked })).verdict;

const BETTER_AND_WORSE = {
  classification: { better: 'good.parquet', worse: 'poor.parquet', labels },
  ranking: { better: 'good.parquet', worse: 'poor.parquet', labels },
  multiclass: { better: 'right.parquet', worse: 'half-right.parquet', labels: 'classes.parquet' },
  regression: { better: 'guessed.parquet', worse: 'guessed-badly.parquet', labels: 'prices.parquet' },
};

describe.each([...PRESET_NAMES])('EV1: extending the preset %s', (name) => {
  const { better, worse, labels: known } = BETTER_AND_WORSE[name];

  test('a better model passes every criterion', async () => {
    const { of, reasons, verdict } = await judge(name, { challenger: better, champion: worse, labels: known });
    expect({ verdict, reasons }).toEqual({ verdict: 'pass', reasons: [`All ${of} findings of ${of} criteria hold.`] });
  });

  test('a worse one fails', async () => {
    expect(await judge(name, { challenger: worse, champion: better, labels: known })).toMatchObject({
      verdict: 'fail',
    });
  });

  test('a first model is judged by what is absolute, and what is relative is listed', async () => {
    const { notApplicable, of, verdict } = await judge(name, { challenger: better, labels: known });
    expect(verdict).toBe('pass');
    expect(of).toBeGreaterThan(1);
    expect(notApplicable).toContain('tail latency: there is no champion to compare with');
  });
});

describe('golden cases of the scorecard, from files to the verdict', () => {
  test('N12: AUC up by a little with P99 up 40 ms is refused, and the only reason is the latency', async () => {
    const asked = { challenger: 'good.parquet', champion: 'near.parquet', labels, load: 'slow' };
    const { findings, reasons, verdict } = await judge('classification', asked);
    expect(verdict).toBe('fail');
    const gained = findings.find(({ metric }) => metric === 'auc')?.difference?.value;
    expect(gained).toBeGreaterThan(0);
    expect(gained).toBeLessThan(0.01);
    expect(reasons).toEqual([
      'Tail latency (p99) rose by 40.0 ms [40.0 ms, 40.0 ms] against the champion, a loss of at most 20 ms is allowed (n 750).',
    ]);
  });

  test('N12: better precision with a collapsed recall of a minority is refused, naming the slice', async () => {
    const models = { challenger: 'blind.parquet', champion: 'poor.parquet' };
    const { findings, reasons, verdict } = await judge('bands', { ...models, labels, holdout: 'holdout.parquet' });
    expect(verdict).toBe('fail');
    expect(reasons[0]).toMatch(/^Recall per band on band=long fell by [01]\.\d+ .* a loss of at most 0\.05 is allowed/);
    const sharper = findings.find(({ metric }) => metric === 'precision');
    expect(sharper).toMatchObject({ judged: 'pass' });
    expect(sharper?.difference?.low).toBeGreaterThan(0);
    expect(findings.find(({ slice }) => slice?.value === 'short')?.judged).toBe('pass');
  });

  test('N12: a higher macro F1 with a collapsed recall of one class is refused, naming the class', async () => {
    const models = { challenger: 'careless.parquet', champion: 'half-right.parquet', labels: 'classes.parquet' };
    const { findings, reasons, verdict } = await judge('tickets', models);
    expect(verdict).toBe('fail');
    expect(reasons).toEqual([
      expect.stringMatching(
        /^Recall of urgent fell by 0\.3\d+ .* against the champion, a loss of at most 0\.05 is allowed/,
      ),
    ]);
    const alike = findings.find(({ metric }) => metric === 'macroF1');
    expect(alike).toMatchObject({ judged: 'pass', n: 500 });
    expect(alike?.difference?.low).toBeGreaterThan(0);
  });

  test('EV8: a class that no label is of is missing, and the classes that there are are named', async () => {
    const models = { challenger: 'right.parquet', champion: 'half-right.parquet', labels: 'classes.parquet' };
    const { reasons, verdict } = await judge('unheard', models);
    expect({ reasons, verdict }).toEqual({
      verdict: 'inconclusive',
      reasons: [
        'No false alarm (cost, class Urgent) was not measured: no labelled row is of class Urgent; there are c0, c1, c2, c3, c4, urgent.',
      ],
    });
  });

  test('EV8: a slice with 40 rows is inconclusive', async () => {
    const models = { challenger: 'good.parquet', champion: 'good.parquet' };
    const { reasons, verdict } = await judge('bands', { ...models, labels, holdout: 'holdout.parquet' });
    expect(verdict).toBe('inconclusive');
    expect(reasons).toEqual([
      expect.stringMatching(/^Recall per band on band=rare rests on \d\d rows, 100 are needed\.$/),
    ]);
  });

  test('EV8: labels for 60 % of the rows are inconclusive, with the coverage', async () => {
    const models = { challenger: 'good.parquet', champion: 'poor.parquet' };
    const { reasons, verdict } = await judge('classification', { ...models, labels: 'labels-60.parquet' });
    expect({ verdict, reasons }).toEqual({
      verdict: 'inconclusive',
      reasons: ['Label coverage: 3,000 of 5,000 rows of the holdout have a label (60 %), 80 % are needed.'],
    });
  });

  test('EV4: no betterBy passes a model that is compared with itself: a tie keeps the champion', async () => {
    const { findings, verdict } = await judge('better', { challenger: 'good.parquet', champion: 'good.csv', labels });
    expect(verdict).toBe('fail');
    const gains = findings.filter(({ criterion }) => ['any gain', 'any gain by point', 'cheaper'].includes(criterion));
    expect(gains.map(({ judged }) => judged)).toEqual(['fail', 'fail', 'fail']);
  });

  test.each([
    ['constant', 'flat.parquet', 'the column "score" is the same for all 5000 rows'],
    ['not a number', 'nan.parquet', 'the column "score" is NaN or infinite in 1 rows'],
    ['no probabilities', 'outside.parquet', 'the column "score" lies outside [0, 1] in 1 rows'],
    ['of one row twice', 'twice.parquet', 'the column "id" names 1 of 5000 rows twice or not at all'],
  ])('EV1: scores that are %s are no evidence, whichever model they are of', async (_, file, said) => {
    const failure = { code: 'data-invalid', message: expect.stringContaining(`${file}: ${said}`) };
    const [one, other] = [
      { challenger: file, champion: 'good.parquet', labels },
      { challenger: 'good.parquet', champion: file, labels },
    ];
    await expect(judge('classification', one)).rejects.toMatchObject(failure);
    await expect(judge('classification', other)).rejects.toMatchObject(failure);
  });

  test('EV1: a row without a class is no evidence, and CSV is judged like Parquet', async () => {
    const champion = 'half-right.parquet';
    const named = (challenger: string) => judge('multiclass', { challenger, champion, labels: 'classes.parquet' });
    await expect(named('unnamed.parquet')).rejects.toMatchObject({
      code: 'data-invalid',
      message: expect.stringMatching(/unnamed\.parquet: the column "class" is NULL in \d+ rows$/),
    });
    await expect(named('good.parquet')).rejects.toMatchObject({
      code: 'data-schema',
      message: expect.stringMatching(/^the column "class" is not in .*good\.parquet; it has id, score$/),
      next: expect.stringContaining('a class, for task: multiclass'),
    });
    expect(await named('right.csv')).toEqual(await named('right.parquet'));
  });

  test.each([
    ['champion', { challenger: 'good.parquet', champion: 'gap.parquet' }],
    ['challenger', { challenger: 'gap.parquet', champion: 'good.parquet' }],
    ['challenger', { challenger: 'gap.parquet', champion: 'good.parquet', holdout: 'holdout.parquet' }],
  ])('EV1: a row that the %s left out is no evidence, also where no holdout names the rows: %j', async (who, files) => {
    await expect(judge('classification', { ...files, labels })).rejects.toMatchObject({
      code: 'data-invalid',
      message: expect.stringMatching(new RegExp(`^the ${who} .*gap.parquet has 4,999 of the 5,000 rows of `)),
    });
  });

  test('EV1: labels of rows that nobody predicted are refused, unless a holdout names the rows that count', async () => {
    const files = { challenger: 'good.parquet', champion: 'poor.parquet', labels: 'labels-more.parquet' };
    await expect(judge('classification', files)).rejects.toMatchObject({
      message: expect.stringMatching(/good\.parquet has 5,000 of the 5,001 rows of .*labels-more\.parquet/),
    });
    const counted = await judge('classification', { ...files, holdout: 'holdout.parquet' });
    expect(counted).toMatchObject({ verdict: 'pass' });
  });

  test('Parquet and CSV with the same rows are judged alike', async () => {
    const parquet = await judge('ranks', { challenger: 'good.parquet', champion: 'poor.parquet', labels });
    const csv = await judge('ranks', { challenger: 'good.csv', champion: 'poor.parquet', labels: 'labels.csv' });
    expect(parquet.verdict).toBe('pass');
    expect(csv).toEqual(parquet);
  });

  test('EV1: without a load run and a size nothing passes, and it says what to give', async () => {
    const files = { challenger: 'good.parquet', champion: 'poor.parquet', labels };
    const { verdict } = await judgedIn(folder, 'ranks', files);
    expect(verdict).toMatchObject({
      verdict: 'inconclusive',
      reasons: [
        'Tail latency (p99) was not measured: no --latency was given.',
        'Artifact (bytes) was not measured: no --challenger-size was given.',
      ],
    });
  });

  test.each([
    [
      'no score',
      { challenger: 'points.parquet', labels },
      /the column "score" is not in .*points.parquet; it has id, points/,
    ],
    [
      'no label',
      { challenger: 'good.parquet', labels: 'holdout.parquet' },
      /the column "label" is not in .*holdout.parquet; it has id, band/,
    ],
    [
      'a number as id here and a text there',
      { challenger: 'named.parquet', labels: 'numbered.csv' },
      /"id" is VARCHAR in .*named.parquet and BIGINT in .*numbered.csv/,
    ],
  ])('a file with %s is named with what it has', async (_, files, said) => {
    const failure = { code: 'data-schema', message: expect.stringMatching(said), next: expect.stringMatching(/--id/) };
    await expect(judge('ranks', files)).rejects.toMatchObject(failure);
  });
});

describe('GV1: what other tools measured', () => {
  const evaluation = (name: string) => path.join(import.meta.dirname, '../../fixtures/evaluations', `${name}.json`);

  test('is judged without any predictions, and what it does not tell is missing', async () => {
    const { findings, verdict } = await judge('imported', { import: evaluation('fairlearn-columns') });
    expect(verdict).toBe('inconclusive');
    expect(findings.map(({ criterion, judged }) => [criterion, judged])).toEqual([
      ['recall per band', 'pass'],
      ['recall per band', 'pass'],
      ['ranking', 'missing'],
      ['tail latency', 'pass'],
      ['artifact', 'pass'],
      ['mistakes', 'missing'],
    ]);
    expect(findings.at(-1)?.sentence).toContain('no predictions were given, and no import tells cost');
  });

  test('fills what the files leave open and replaces nothing that they tell', async () => {
    const files = { challenger: 'good.parquet', labels };
    const { unused, verdict } = await judgedIn(folder, 'ranks', { ...files, import: evaluation('mlflow-classifier') });
    expect({ unused, imported: verdict.findings.filter(({ imported }) => imported) }).toEqual({
      unused: [],
      imported: [],
    });
    const own = await judgedIn(folder, 'imported', {
      ...files,
      holdout: 'holdout.parquet',
      import: evaluation('fairlearn-table'),
    });
    expect(own.verdict.findings.find(({ imported }) => imported)?.criterion).toBe('recall per band');
    expect(own.verdict.findings.find(({ criterion }) => criterion === 'ranking')?.judged).toBe('pass');
  });
});
