import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { judgeCandidate } from '../../../scorecards/candidate/judge.ts';
import { importedMeasurements } from '../../../scorecards/imports/imported-measurements.ts';
import type { ImportedEvaluation } from '../../../scorecards/imports/imported-measurements.ts';
import { readEvaluation } from '../../../scorecards/imports/read-evaluation.ts';
import type { Scorecard } from '../../../scorecards/scorecard-schema.ts';
import { scorecardOf } from '../candidate/scorecards.ts';

const textOf = (name: string) =>
  readFileSync(new URL(`../../fixtures/evaluations/${name}.json`, import.meta.url), 'utf8');
const from = (name: string, by?: string): ImportedEvaluation => {
  const read = readEvaluation(textOf(name), by);
  if ('problem' in read) throw new Error(read.problem);
  return { ...read.evaluation, file: `${name}.json` };
};
const judge = (scorecard: Scorecard, challenger: ImportedEvaluation, champion?: ImportedEvaluation) =>
  judgeCandidate({
    scorecard,
    measurements: importedMeasurements(scorecard, challenger, champion),
    bootstrap: champion === undefined,
    declaredSlices: [],
  });

const RECALL = { name: 'recall', group: 'quality', metric: 'recall', atLeast: 0.6 } as const;
const perBand = scorecardOf({ ...RECALL, by: 'distance_band', judge: 'point' });

test('GV1: a number of all rows or of groups is none of blocks of time, nor of all groups together', () => {
  const blocks = scorecardOf({ ...RECALL, blocks: 4, judge: 'point' });
  expect(importedMeasurements(blocks, from('mlflow-classifier'))).toEqual([]);
  const worst = scorecardOf({ ...RECALL, metric: 'worst', of: 'recall', by: 'distance_band', judge: 'point' });
  expect(importedMeasurements(worst, from('fairlearn-table'))).toEqual([]);
});

describe('a MetricFrame of Fairlearn 0.15, as it wrote itself', () => {
  test('GV1: by group is judged by its points, names its origin and has no interval', () => {
    const { findings, verdict } = judge(perBand, from('fairlearn-table'));
    expect(verdict).toBe('pass');
    expect(findings).toMatchObject([
      {
        slice: { column: 'distance_band', value: 'long' },
        n: 1206,
        challenger: { value: 0.724137931, low: 0.724137931, high: 0.724137931 },
        imported: 'imported from fairlearn-table.json (MetricFrame of Fairlearn)',
        sentence:
          'Recall on distance_band=long is 0.724, at least 0.6 was asked (imported from fairlearn-table.json (MetricFrame of Fairlearn), n 1,206, without an interval).',
      },
      { slice: { column: 'distance_band', value: 'short' }, n: 2794 },
    ]);
  });

  test('EV8: tells nothing of one of several classes, because it does not say of which it is', () => {
    const scorecard = scorecardOf({ ...RECALL, by: 'distance_band', judge: 'point', class: 'urgent' });
    expect(importedMeasurements(scorecard, from('fairlearn-table'))).toEqual([]);
  });

  test('EV8: is inconclusive where the criterion asks for an interval, however good or bad it looks', () => {
    const asked = [0.1, 0.99].map((atLeast) => scorecardOf({ ...RECALL, by: 'distance_band', atLeast }));
    const verdicts = asked.map((scorecard) => judge(scorecard, from('fairlearn-table')));
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['inconclusive', 'inconclusive']);
    expect(verdicts[0]?.reasons[0]).toMatch(
      /It is not judged: the criterion asks for an interval \(judge: interval\)\.$/,
    );
  });

  test('EV8: with fewer rows in a group than the criterion asks for is inconclusive', () => {
    const many = scorecardOf({ ...RECALL, by: 'distance_band', judge: 'point', minimum: 2000 });
    expect(judge(many, from('fairlearn-table')).findings.map(({ judged }) => judged)).toEqual(['inconclusive', 'pass']);
  });

  test('EV1: that does not count its rows, or has no number for a group, is missing', () => {
    const uncounted = judge(perBand, from('fairlearn-without-count', 'distance_band'));
    expect(uncounted).toMatchObject({ verdict: 'inconclusive', passed: 0 });
    expect(uncounted.reasons[0]).toContain('does not say on how many rows recall rests');
    const precise = scorecardOf({ ...RECALL, name: 'p', metric: 'precision', by: 'distance_band', judge: 'point' });
    const { findings } = judge(precise, from('fairlearn-null', 'distance_band'));
    expect(findings.map(({ judged }) => judged)).toEqual(['missing', 'pass']);
  });

  test('without the name of its column says the same once it is named, and is refused until then', () => {
    const named = { ...from('fairlearn-columns', 'distance_band'), file: 'fairlearn-table.json' };
    expect(judge(perBand, named)).toEqual(judge(perBand, from('fairlearn-table')));
    expect(readEvaluation(textOf('fairlearn-columns'), undefined)).toEqual({
      problem: expect.stringContaining('--import-by'),
    });
  });

  test('of another column than the criterion looks by says nothing about it', () => {
    const other = scorecardOf({ ...RECALL, by: 'weekday', judge: 'point' });
    expect(judge(other, from('fairlearn-table'))).toMatchObject({ passed: 0, verdict: 'inconclusive' });
    expect(judge(scorecardOf({ ...RECALL, judge: 'point' }), from('fairlearn-table'))).toMatchObject({ passed: 0 });
  });

  // By hand from the rates of the file: recall 0.7241 and 0.7012, false positives 0.3109 and 0.2922, flagged 0.4784 and 0.4578.
  test.each([
    ['demographicParity', 0.4784411277 - 0.4577666428],
    ['demographicParityRatio', 0.4577666428 / 0.4784411277],
    ['equalOpportunity', 0.724137931 - 0.7012411348],
    ['equalOpportunityRatio', 0.7012411348 / 0.724137931],
  ] as const)('GV1: gives %s as Fairlearn defines it', (metric, expected) => {
    const gap = { name: 'gap', group: 'fairness', metric, by: 'distance_band', judge: 'point', atMost: 1 } as const;
    const [found] = importedMeasurements(scorecardOf(gap), from('fairlearn-table'));
    expect(found).toMatchObject({ slice: null, n: 1206 });
    expect(found?.challenger?.value).toBeCloseTo(expected, 9);
  });

  test('GV1: gives the larger gap of both rates as equalized odds, and the smaller ratio', () => {
    const gap = (metric: 'equalizedOdds' | 'equalizedOddsRatio') =>
      scorecardOf({ name: 'gap', group: 'fairness', metric, by: 'distance_band', judge: 'point', atMost: 1 });
    const rates = from('fairlearn-table').rows.map(({ numbers }) => numbers);
    const [long, short] = rates.map((of) => [Number(of.get('recall')), Number(of.get('falsePositiveRate'))]);
    const pairs = [0, 1].map((place) => [Number(long?.[place]), Number(short?.[place])]);
    const [odds] = importedMeasurements(gap('equalizedOdds'), from('fairlearn-table'));
    expect(odds?.challenger?.value).toBe(Math.max(...pairs.map((both) => Math.max(...both) - Math.min(...both))));
    const [ratio] = importedMeasurements(gap('equalizedOddsRatio'), from('fairlearn-table'));
    expect(ratio?.challenger?.value).toBe(Math.min(...pairs.map((both) => Math.min(...both) / Math.max(...both))));
  });
});

describe('an evaluation of MLflow 3.17, as EvaluationResult.save wrote it', () => {
  test.each([
    ['classifier', 'recall', 0.7082048118445404],
    ['classifier', 'f1', 0.6603393730227207],
    ['classifier', 'accuracy', 0.70475],
    ['regressor', 'mae', 2.3711086855094847],
    ['regressor', 'rmse', 2.9458079762013725],
  ] as const)('of a %s gives %s over all rows', (kind, metric, value) => {
    const [found] = importedMeasurements(scorecardOf({ ...RECALL, metric }), from(`mlflow-${kind}`));
    expect(found).toMatchObject({
      n: 4000,
      slice: null,
      challenger: { value, low: value, high: value },
      imported: `imported from mlflow-${kind}.json (evaluation of MLflow)`,
    });
  });

  test('EV4: is compared with that of the champion, and a tie is no gain', () => {
    const scorecard = scorecardOf({ ...RECALL, judge: 'point', versusChampion: { betterBy: 0 } });
    const { findings, verdict } = judge(scorecard, from('mlflow-classifier'), from('mlflow-classifier'));
    expect(verdict).toBe('fail');
    expect(findings).toMatchObject([{ difference: { value: 0 }, judged: 'fail' }]);
  });

  test('says nothing about a criterion by groups', () => {
    expect(judge(perBand, from('mlflow-classifier'))).toMatchObject({ passed: 0, verdict: 'inconclusive' });
  });

  test('names what no criterion can ask for', () => {
    expect(from('mlflow-regressor').unknown).toContain('r2_score');
  });
});

test.each([
  ['NaN', '{"recall_score": NaN}', 'it is not JSON'],
  ['a list', '[1, 2]', 'it is neither'],
  [
    'only what we do not know',
    '{"example_count": 3, "r2_score": 1}',
    'no metric that a criterion can ask for (r2_score)',
  ],
  ['nothing', '{}', 'no metric that a criterion can ask for (none at all)'],
  ['a name of every object', '{"constructor": 1}', '(constructor)'],
  ['groups of two columns', '{"schema": {"primaryKey": ["a", "b"]}, "data": []}', 'its groups are of 2 columns'],
])('a file with %s is refused', (_, text, problem) => {
  expect(readEvaluation(text, 'band')).toEqual({ problem: expect.stringContaining(problem) });
});
