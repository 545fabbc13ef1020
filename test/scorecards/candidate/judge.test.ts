import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { judgeCandidate } from '../../../scorecards/candidate/judge.ts';
import type { CriterionMeasurement } from '../../../scorecards/candidate/measurement.ts';
import { present } from '../../present.ts';
import { alone, bands, changed, estimate, flights, good, measurement, scorecardOf } from './scorecards.ts';

const judge = (measurements: readonly CriterionMeasurement[], bootstrap = false) =>
  judgeCandidate({ scorecard: flights, measurements, bootstrap, declaredSlices: bands });

describe('a challenger', () => {
  test('that is better everywhere passes', () => {
    expect(judge(good)).toMatchObject({ verdict: 'pass', passed: 9, of: 9, notApplicable: [] });
    expect(judge(good).reasons).toEqual(['All 9 findings of 7 criteria hold.']);
  });

  test('EV1: never passes with any one measurement taken away', () => {
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.shuffledSubarray([...good], { minLength: good.length }), (place, all) => {
        expect(judge(all).verdict).toBe('pass');
        expect(judge(all.toSpliced(place, 1)).verdict).toBe('inconclusive');
      }),
    );
  });

  test('EV1: never passes with an estimate that is absent or not a number', () => {
    const kinds = ['challenger', 'champion', 'difference'] as const;
    const blanks = [undefined, estimate(Number.NaN), { value: 0.7, low: 0.6, high: Infinity }];
    const verdicts = kinds.flatMap((kind) =>
      blanks.map((blank) => judge(changed('ranking', { [kind]: blank })).verdict),
    );
    expect(new Set(verdicts)).toEqual(new Set(['inconclusive']));
  });

  test('N12: with AUC up 0.3 % and P99 up 40 ms fails, and the reason names the latency', () => {
    const slower = changed('tail latency', {
      challenger: estimate(58, 1),
      champion: estimate(18, 2),
      difference: estimate(40, 3),
    });
    const ranksBetter = changed('ranking', { difference: estimate(0.003, 0.001) }, { all: slower });
    const { verdict, reasons } = judge(ranksBetter);
    expect(verdict).toBe('fail');
    expect(reasons).toEqual([
      'Tail latency (p99) rose by 40.0 ms [37.0 ms, 43.0 ms] against the champion, a loss of at most 20 ms is allowed (n 750).',
    ]);
  });

  test('N12: with better precision and a collapsed recall of a minority slice fails, and the reason names the slice', () => {
    const collapsed = changed('recall per band', { challenger: estimate(0.11, 0.03) }, { value: 'long' });
    const sharper = changed('precision', { challenger: estimate(0.61, 0.02) }, { all: collapsed });
    const { verdict, reasons } = judge(sharper);
    expect(verdict).toBe('fail');
    expect(reasons).toEqual([
      'Recall per band on distance_band=long is 0.110 [0.080, 0.140], at least 0.3 was asked (n 1,204).',
    ]);
  });

  test('that ranks worse and costs more fails for both, worst first', () => {
    const worse = changed('ranking', { difference: estimate(-0.0084, 0.0026) });
    const dearer = changed('missed delays cost', { difference: estimate(0.0168, 0.004) }, { all: worse });
    expect(judge(dearer).reasons).toEqual([
      'Missed delays cost rose by 2.0 % [1.5 %, 2.5 %] against the champion, no loss is allowed (n 9,000).',
      'Ranking (auc) fell by 0.0084 [-0.0110, -0.0058] against the champion, a loss of at most 0.002 is allowed (n 9,000).',
    ]);
  });

  test('of a larger file is told the size alone, and of an error in the label’s unit four figures', () => {
    const { reasons } = judge(changed('artifact', { challenger: estimate(61_000_000) }));
    expect(reasons).toEqual(['Artifact (bytes) is 61.0 MB, at most 50 MB was asked.']);
    const errors = { name: 'error', group: 'quality', metric: 'rmse', versusChampion: { noWorseBy: 0 } };
    const rose = { challenger: estimate(70.5), champion: estimate(49.7), difference: estimate(20.7603, 11.7488) };
    const scorecard = scorecardOf(errors);
    const measurements = [measurement('error', rose)];
    expect(judgeCandidate({ scorecard, measurements, bootstrap: false, declaredSlices: [] }).reasons).toEqual([
      'Error (rmse) rose by 20.76 [9.01, 32.51] against the champion, no loss is allowed (n 9,000).',
    ]);
  });

  test('EV3: whose slice vanished does not pass by the others', () => {
    const { verdict, reasons } = judge(good.filter(({ slice }) => slice?.value !== 'long'));
    expect(verdict).toBe('inconclusive');
    expect(reasons).toEqual([
      'Recall per band on distance_band=long was not measured: no labelled row of this slice was scored.',
    ]);
  });

  test('EV8: with too few rows of a slice is inconclusive, however bad they look', () => {
    const few = changed('recall per band', { n: 299, challenger: estimate(0.05, 0.01) }, { value: 'short' });
    expect(judge(few)).toMatchObject({
      verdict: 'inconclusive',
      reasons: ['Recall per band on distance_band=short rests on 299 rows, 300 are needed.'],
    });
  });

  test('a failure outweighs what could not be measured', () => {
    const both = changed('precision', { challenger: estimate(0.3, 0.01) }).filter(
      ({ criterion }) => criterion !== 'artifact',
    );
    const { verdict, reasons } = judge(both);
    expect(verdict).toBe('fail');
    expect(reasons.map((reason) => reason.split(' ')[0])).toEqual(['Precision', 'Artifact']);
  });

  test('EV5: every finding keeps value, delta, interval and n, and its sentence the bound', () => {
    const found = judge(good).findings.find(({ criterion }) => criterion === 'ranking');
    expect(found).toMatchObject({
      n: 9000,
      challenger: estimate(0.71, 0.006),
      champion: estimate(0.7, 0.006),
      difference: estimate(0.01, 0.003),
      sentence:
        'Ranking (auc) is 0.710 [0.704, 0.716], at least 0.66 was asked (n 9,000); it rose by 0.0100 [0.0070, 0.0130] against the champion, a loss of at most 0.002 is allowed.',
    });
  });

  test('EV4: without the champion’s numbers is not judged against it', () => {
    const [unpaired] = alone(good.filter(({ criterion }) => criterion === 'ranking'));
    const { verdict, reasons } = judge([present(unpaired), ...good.filter(({ criterion }) => criterion !== 'ranking')]);
    expect(verdict).toBe('inconclusive');
    expect(reasons).toEqual(['Ranking (auc) was not measured: there is no finite estimate for the champion.']);
  });
});

describe('a measurement', () => {
  test('EV5: that was not made as asked says so in its finding', () => {
    const bounded = changed('tail latency', { note: 'The load was less.' });
    expect(judge(bounded).findings.find(({ metric }) => metric === 'p99')?.sentence).toMatch(
      /allowed\. The load was less\.$/,
    );
  });

  test('EV8: of one run has no interval, and its finding says what it rests on', () => {
    const once = changed('tail latency', { n: 1, point: 'one run', challenger: estimate(21), difference: estimate(1) });
    expect(judge(once).findings.find(({ metric }) => metric === 'p99')).toMatchObject({
      judged: 'pass',
      n: 1,
      sentence:
        'Tail latency (p99) is 21.0 ms, at most 60 ms was asked (one run); it rose by 1.0 ms against the champion, a loss of at most 20 ms is allowed.',
    });
  });
});

describe('a first champion', () => {
  test('passes by its absolute bounds; relative ones are listed as not applicable', () => {
    const verdict = judge(alone(good), true);
    expect(verdict).toMatchObject({ verdict: 'pass', passed: 8, of: 8 });
    expect(verdict.notApplicable).toEqual([
      'missed delays cost: there is no champion to compare with',
      'ranking: there is no champion to compare with',
      'tail latency: there is no champion to compare with',
    ]);
  });

  test('fails by an absolute bound', () => {
    const weak = changed('ranking', { challenger: estimate(0.64, 0.006) }, { all: alone(good) });
    expect(judge(weak, true).verdict).toBe('fail');
  });

  test('is not waved through by a scorecard that only compares', () => {
    const scorecard = scorecardOf({ name: 'r', group: 'quality', metric: 'auc', versusChampion: { noWorseBy: 0 } });
    const verdict = judgeCandidate({ scorecard, measurements: [], bootstrap: true, declaredSlices: [] });
    expect(verdict).toMatchObject({ verdict: 'inconclusive', of: 0 });
    expect(verdict.reasons).toEqual(['No criterion of the scorecard applies, so nothing was judged.']);
  });
});

describe('a scorecard', () => {
  test('with a criterion that names no bound never passes', () => {
    const scorecard = scorecardOf({ name: 'auc', group: 'quality', metric: 'auc' });
    const measurements = [measurement('auc', { challenger: estimate(0.9) })];
    const verdict = judgeCandidate({ scorecard, measurements, bootstrap: false, declaredSlices: [] });
    expect(verdict).toMatchObject({
      verdict: 'inconclusive',
      reasons: ['Auc was not measured: the criterion names no bound.'],
    });
  });

  test('judges a slice that nobody declared as well', () => {
    const extra = measurement('recall per band', {
      slice: { column: 'distance_band', value: null },
      challenger: estimate(0.1),
    });
    expect(judge([...good, extra])).toMatchObject({
      verdict: 'fail',
      reasons: ['Recall per band on distance_band=null is 0.100 [0.100, 0.100], at least 0.3 was asked (n 9,000).'],
    });
  });

  test('with a criterion per slice is missing it when no slice is there at all', () => {
    const none = good.filter(({ criterion }) => criterion !== 'recall per band');
    const verdict = judgeCandidate({ scorecard: flights, measurements: none, bootstrap: false, declaredSlices: [] });
    expect(verdict.findings.filter(({ judged }) => judged === 'missing')).toHaveLength(1);
    expect(verdict.verdict).toBe('inconclusive');
  });
});
