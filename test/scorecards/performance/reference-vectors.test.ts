import { expect, test } from '@jest/globals';
import { measureLabelled } from '../../../scorecards/performance/measure.ts';
import { binnedCalibrationError } from '../../../scorecards/statistics/binned-calibration.ts';
import { binnedAuc, binnedPrecisionAtK } from '../../../scorecards/statistics/binned-ranking.ts';
import { present } from '../../present.ts';
import { countRows } from './scored-rows.ts';

// Definitional values of the specification, computed with SciPy 1.17 and NumPy in double precision.
const bins = { positive: [5, 10, 20, 15], negative: [50, 30, 15, 5] };

test('AUC of four bins with its resolution and the interval of DeLong', () => {
  const { high, low, resolution, value } = present(binnedAuc(bins));
  expect(value).toBeCloseTo(0.7975, 12);
  expect(resolution).toBeCloseTo(0.0925, 12);
  expect(low).toBeCloseTo(0.7240132368443627, 12);
  expect(high).toBeCloseTo(0.8709867631556373, 12);
});

test('calibration error of four bins with their mean scores', () => {
  const means = [0.1, 0.3, 0.6, 0.85];
  const cells = bins.positive.map((positives, bin) => {
    const rows = positives + present(bins.negative[bin]);
    return { rows, positives, scores: rows * present(means[bin]) };
  });
  expect(binnedCalibrationError(cells)).toBeCloseTo(0.03666666666666667, 12);
});

test('Brier score of five rows', () => {
  const scored = [0.9, 0.8, 0.3].map((score) => ({ score, label: 1 as const }));
  const counts = countRows([...scored, ...[0.1, 0.4].map((score) => ({ score, label: 0 as const }))]);
  expect(present(measureLabelled('brier', counts)).value).toBeCloseTo(0.142, 12);
});

test('F1 of 35 hits, 20 false alarms and 15 misses, with the interval of its Jaccard index', () => {
  const rows = (count: number, score: number, label: 0 | 1) => Array.from({ length: count }, () => ({ score, label }));
  const counts = countRows([...rows(35, 0.8, 1), ...rows(20, 0.8, 0), ...rows(15, 0.2, 1), ...rows(80, 0.2, 0)]);
  const { interval, value } = present(measureLabelled('f1', counts));
  expect(value).toBeCloseTo(2 / 3, 12);
  expect(present(interval).low).toBeCloseTo(0.556953970887867, 12);
  expect(present(interval).high).toBeCloseTo(0.7608755041549301, 12);
});

test('precision at k takes a share of the bin that k cuts, and says what another order would give', () => {
  // The highest bin has 15 of 20, the next gives 10 of its 35 rows: 20/35 of them positive, between none and all.
  const { resolution, value } = present(binnedPrecisionAtK(bins, 30));
  expect(value).toBeCloseTo((15 + (20 * 10) / 35) / 30, 12);
  expect(resolution).toBeCloseTo((20 * 10) / 35 / 30, 12);
});

test('nothing of one class, of no rows or of too few rows is not a number', () => {
  expect(binnedAuc({ positive: [3, 0], negative: [0, 0] })).toBeUndefined();
  expect(binnedPrecisionAtK(bins, 500)).toBeUndefined();
  expect(binnedCalibrationError([])).toBeUndefined();
  expect(measureLabelled('logLoss', countRows([]))).toBeUndefined();
});
