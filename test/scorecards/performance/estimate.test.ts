import { describe, expect, test } from '@jest/globals';
import {
  estimateError,
  estimateMetric,
  expectedCounts,
  fitEstimator,
} from '../../../scorecards/performance/estimate.ts';
import { judgeEstimates } from '../../../scorecards/performance/judge-estimates.ts';
import { measureLabelled } from '../../../scorecards/performance/measure.ts';
import type { ScoreCells, ScoreCounts, ScoredBucket } from '../../../scorecards/performance/score-counts.ts';
import { emptyCounts, mergeCounts, sum } from '../../../scorecards/performance/score-counts.ts';
import type { LabelledWindow } from '../../../scorecards/performance/window.ts';
import { present } from '../../present.ts';
import { seededDraws } from '../../seeded-draws.ts';
import { day, days, spanOf } from './scored-days.ts';
import { countRows, type ScoredRow } from './scored-rows.ts';

type Criteria = LabelledWindow['rule']['criteria'];

describe('estimates before labels', () => {
  const cells: ScoreCells = {
    bins: [0, 1, 2, 3],
    rows: [400, 300, 200, 100],
    scores: [0, 0, 0, 0],
    squares: [0, 0, 0, 0],
    flagged: [0, 0, 200, 100],
  };
  const scored = { ...emptyCounts(1024), unlabelled: cells };
  const vector = { calibration: { fit: { x: [0, 1, 2, 3], y: [0.05, 0.25, 0.6, 0.9] } }, spread: {} };

  test.each([
    ['precision', 0.7],
    ['recall', 0.6885245901639344],
    ['f1', 0.6942148760330579],
    ['accuracy', 0.815],
    ['auc', 0.8502771553249204],
  ] as const)('the reference vector of %s', (metric, expected) => {
    expect(estimateMetric(metric, scored, vector)?.value).toBeCloseTo(expected, 12);
  });

  test('the reference vector of what is expected among flagged rows and among the others', () => {
    const { negative, positive } = expectedCounts(scored, vector.calibration);
    const flagged = [positive, negative].map((side) => sum(side.flagged));
    const others = [positive, negative].map((side) => sum(side.rows) - sum(side.flagged));
    expect(flagged).toEqual([expect.closeTo(210, 9), expect.closeTo(90, 9)]);
    expect(others).toEqual([expect.closeTo(95, 9), expect.closeTo(605, 9)]);
  });

  test('have a band of three deviations of the days, for as many rows as there are', () => {
    const spread = { precision: { sd: 0.01, meanRows: 4000 } };
    const { band, rows } = present(estimateMetric('precision', scored, { ...vector, spread }));
    expect(rows).toBe(1000);
    expect(band).toEqual({ low: expect.closeTo(0.64, 12), high: expect.closeTo(0.76, 12) });
  });

  test('take the chance of the fine bin in which the scores of a coarse one lie', () => {
    const calibration = { fit: { x: [0, 512], y: [0.1, 0.9] } };
    const coarse = { bins: [153], rows: [100], scores: [60], squares: [36], flagged: [100] };
    const { negative, positive } = expectedCounts({ ...emptyCounts(256), unlabelled: coarse }, calibration);
    expect([sum(positive.rows), sum(negative.rows)]).toEqual([expect.closeTo(90, 9), expect.closeTo(10, 9)]);
  });

  test('are wrong by what they would have said of the labelled rows alone', () => {
    const of = (bin: number, rows: number): ScoreCells => ({
      bins: [bin],
      rows: [rows],
      scores: [0],
      squares: [0],
      flagged: [rows],
    });
    const counts: ScoreCounts = {
      ...emptyCounts(1024),
      positive: of(3, 50),
      negative: of(3, 50),
      unlabelled: of(0, 5000),
    };
    const error = estimateError('precision', { counts, realised: { value: 0.5 } }, { ...vector, slices: [] });
    expect(error).toBeCloseTo(0.4, 12);
  });

  const estimator = present(fitEstimator(days(0, 8)));
  const estimated = (buckets: readonly ScoredBucket[], criterion: Criteria[number]) =>
    judgeEstimates({
      rule: { coverage: 0.5, minimum: 500, criteria: [criterion] },
      score: 'score',
      window: spanOf(20, 24),
      buckets,
      reference: { schemaVersion: 1, cut: 0.5, span: spanOf(0, 8), buckets: days(0, 8) },
      estimator,
      baselineSpan: spanOf(0, 8),
    });

  test('MO5: lie near what the labels say later, when calibration holds', () => {
    const hidden = mergeCounts(days(20, 24, { labelled: 0 }).map(({ all }) => all));
    const truth = mergeCounts(days(20, 24).map(({ all }) => all));
    for (const metric of ['auc', 'f1'] as const) {
      const estimate = present(estimateMetric(metric, hidden, estimator));
      const realised = present(measureLabelled(metric, truth)).value;
      expect(Math.abs(estimate.value - realised)).toBeLessThan(0.02);
      expect(realised).toBeGreaterThan(present(estimate.band).low);
      expect(realised).toBeLessThan(present(estimate.band).high);
    }
  });

  test('cannot see labels that flip: the sentence says what they assume', () => {
    const [flipped] = estimated(days(20, 24, { wrong: 1 }), { metric: 'auc', noWorseBy: 0.05 });
    expect(flipped).toMatchObject({
      judged: 'pass',
      level: 'none',
      criterion: { kind: 'prediction', metric: 'estimatedAuc' },
    });
    expect(flipped?.sentence).toMatch(/^estimated AUC against the holdout: .*estimated, assuming calibration holds\.$/);
  });

  test('warn at most, also far beyond the bound', () => {
    const [hopeless] = estimated(days(20, 24), { metric: 'auc', atLeast: 0.99 });
    expect(hopeless).toMatchObject({ judged: 'pass', level: 'warn', measurement: { marks: ['estimate'] } });
  });

  test('of few rows are not judged, and what cannot be estimated is not asked', () => {
    expect(estimated(days(20, 21, { rows: 100 }), { metric: 'auc', atLeast: 0.5 })[0]).toMatchObject({
      judged: 'inconclusive',
    });
    expect(estimated(days(20, 24), { metric: 'brier', atMost: 0.5 })).toEqual([]);
    expect(estimated(days(20, 24), { metric: 'auc', by: 'g', atLeast: 0.5 })).toEqual([]);
  });

  test('use the isotonic map only where it helps: over-rated scores are mapped, calibrated ones taken as they are', () => {
    const bent = days(0, 8).map((bucket, index) => ({ ...bucket, all: overRated(index) }));
    expect(fitEstimator(bent)?.calibration.fit).toBeDefined();
    expect(fitEstimator([])).toBeUndefined();
    const alone = present(fitEstimator([day(0)]));
    expect(alone.calibration.fit).toBeUndefined();
    expect(estimateMetric('auc', scored, { ...alone, calibration: vector.calibration })?.band).toBeUndefined();
  });

  test('of rows that the champion was judged on itself are not judged', () => {
    const [early] = judgeEstimates({
      rule: { coverage: 0.5, minimum: 500, criteria: [{ metric: 'auc', atLeast: 0.99 }] },
      score: 'score',
      window: spanOf(6, 10),
      buckets: days(6, 10),
      reference: { schemaVersion: 1, cut: 0.5, span: spanOf(0, 8), buckets: days(0, 8) },
      estimator,
      baselineSpan: spanOf(0, 8),
    });
    expect(early).toMatchObject({ judged: 'inconclusive', level: 'none' });
  });

  test('nothing is not a number: no rows have no estimate', () => {
    expect(estimateMetric('auc', emptyCounts(1024), estimator)).toBeUndefined();
  });
});

/** Positives come at the square of the score. */
function overRated(seed: number): ScoreCounts {
  const draws = seededDraws(seed + 100);
  return countRows(
    Array.from({ length: 2000 }, (): ScoredRow => {
      const score = draws.uniform();
      return { score, label: draws.uniform() < score * score ? 1 : 0 };
    }),
  );
}
