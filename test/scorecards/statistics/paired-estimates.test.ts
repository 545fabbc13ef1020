import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { present } from '../../present.ts';
import {
  aucInfluence,
  pairedAuc,
  pairedPrecision,
  precisionInfluence,
} from '../../../scorecards/statistics/ranked-classes.ts';
import { calibrationError } from '../../../scorecards/statistics/calibration-error.ts';
import { bootstrapCounts } from '../../../scorecards/statistics/count-bootstrap.ts';
import { delong, type Placements } from '../../../scorecards/statistics/delong.ts';
import { flagMetric, type FlagCell } from '../../../scorecards/statistics/flag-metrics.ts';
import { groupGap } from '../../../scorecards/statistics/group-gaps.ts';
import { pairedLabelMeans } from '../../../scorecards/statistics/paired-label-means.ts';
import { pairedMeans, pairedRootMeans } from '../../../scorecards/statistics/paired-means.ts';
import { pairedShares } from '../../../scorecards/statistics/paired-share.ts';
import { poisson, seededRandom } from '../../../scorecards/statistics/seeded-random.ts';

/** Mean and variance of placements that `counts[i]` rows share. */
function placements(counts: readonly number[], values: readonly number[]): Placements {
  const all = counts.flatMap((count, index) => Array.from({ length: count }, () => Number(values[index])));
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
  const variance = all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (all.length - 1);
  return { rows: all.length, challenger: { mean, variance }, champion: { mean, variance }, covariance: variance };
}

const cell = (positive: boolean, challenger: boolean, champion: boolean | undefined, rows: number): FlagCell => {
  const labels = positive ? rows : 0;
  return { positive, challenger, champion, rows, labels, squares: labels };
};
const flags = { confidence: 0.95 } as const;

describe('DeLong', () => {
  // Four score bins: negatives 50, 30, 15, 5 and positives 5, 10, 20, 15; equal scores count half. Checked with NumPy.
  const positives = placements([5, 10, 20, 15], [25, 65, 87.5, 97.5]);
  const negatives = placements([50, 30, 15, 5], [2.5, 10, 25, 42.5]);

  test('AUC and its interval are those of the reference vector', () => {
    const challenger = delong(positives, negatives)?.challenger;
    expect(challenger?.value).toBeCloseTo(0.7975, 12);
    expect(challenger?.low).toBeCloseTo(0.7240132368443627, 12);
    expect(challenger?.high).toBeCloseTo(0.8709867631556373, 12);
  });

  test('a model against itself has a difference of exactly nothing', () => {
    expect(delong(positives, negatives)?.difference).toEqual({ value: 0, low: 0, high: 0 });
  });

  test('one row of a class is not enough', () => {
    expect(delong({ ...positives, rows: 1 }, negatives)).toBeUndefined();
  });
});

describe('metrics of flags', () => {
  // TP 35, FP 20, FN 15 of the reference vector.
  const cells = [
    cell(true, true, undefined, 35),
    cell(false, true, undefined, 20),
    cell(true, false, undefined, 15),
    cell(false, false, undefined, 80),
  ];

  test('F1 has the interval that Wilson gives for its Jaccard index', () => {
    const challenger = flagMetric({ ...flags, metric: 'f1' }, cells).estimates?.challenger;
    expect(challenger?.value).toBeCloseTo(2 / 3, 12);
    expect(challenger?.low).toBeCloseTo(0.556953970887867, 12);
    expect(challenger?.high).toBeCloseTo(0.7608755041549301, 12);
  });

  test('cost is what errors cost per row, and n are all rows', () => {
    const found = flagMetric({ ...flags, metric: 'cost', falseNegative: 5, falsePositive: 1 }, cells);
    expect(found).toMatchObject({ n: 150, estimates: { challenger: { value: (15 * 5 + 20) / 150 } } });
  });

  test('cost counts what right answers cost or earn, and its interval may lie below 0', () => {
    const prices = { falseNegative: 5, falsePositive: 1, truePositive: -8, trueNegative: -0.5 };
    const found = flagMetric({ ...flags, metric: 'cost', ...prices }, cells).estimates?.challenger;
    expect(found?.value).toBeCloseTo((15 * 5 + 20 - 35 * 8 - 80 * 0.5) / 150, 12);
    expect(Number(found?.low)).toBeLessThan(Number(found?.value));
  });

  test('precision of nothing flagged and recall of nothing positive are not measured', () => {
    const none = [cell(false, false, undefined, 10)];
    for (const metric of ['precision', 'recall', 'f1', 'meanLabelAtTop'] as const)
      expect(flagMetric({ ...flags, metric }, none).estimates).toBeUndefined();
  });

  test('exchanging the models turns every difference around', () => {
    const counts = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(
        counts,
        fc.constantFrom('recall', 'precision', 'f1', 'accuracy', 'cost', 'meanLabelAtTop'),
        (rows, metric) => {
          const all = rows.map((count, index) => cell((index & 4) > 0, (index & 2) > 0, (index & 1) > 0, count));
          const swapped = all.map((one) => ({ ...one, challenger: one.champion === true, champion: one.challenger }));
          const forth = flagMetric({ ...flags, metric }, all).estimates?.difference;
          const back = flagMetric({ ...flags, metric }, swapped).estimates?.difference;
          expect(forth?.value).toBeCloseTo(-Number(back?.value), 12);
          expect(forth?.low).toBeCloseTo(-Number(back?.high), 12);
          expect(Number(forth?.low)).toBeLessThanOrEqual(Number(forth?.value));
        },
      ),
      { numRuns: 60, seed: 5 },
    );
  });
});

test('shares that never disagree still have an uncertain difference, and every interval holds its value', () => {
  const same = pairedShares({ rows: 300, both: 150, onlyChallenger: 0, onlyChampion: 0 });
  expect(same?.difference?.value).toBe(0);
  // z · √(2/302 / 302) by hand.
  expect(same?.difference?.high).toBeCloseTo((1.959963984540054 * Math.SQRT2) / 302, 12);
  expect(pairedShares({ rows: 3, both: 0, onlyChallenger: 3, onlyChampion: 0 })?.difference).toMatchObject({
    value: 1,
    high: 1,
  });
  expect(pairedShares({ rows: 0, both: 0, onlyChallenger: 0, onlyChampion: 0 })).toBeUndefined();
});

test('means and roots of means of two rows: 1 and 3 against 2 and 2, by hand', () => {
  const moments = { rows: 2, challenger: { mean: 2, variance: 2 }, champion: { mean: 2, variance: 0 }, covariance: 0 };
  expect(pairedMeans(moments)?.difference?.value).toBe(0);
  expect(pairedMeans(moments)?.difference?.high).toBeCloseTo(1.959963984540054, 12);
  expect(pairedRootMeans(moments)?.challenger.high).toBeCloseTo(Math.SQRT2 + 1.959963984540054 / (2 * Math.SQRT2), 12);
  expect(pairedMeans({ ...moments, rows: 1 })).toBeUndefined();
});

test('the mean label of two overlapping tops has the interval of the rows that differ', () => {
  // Both flag labels 1, 2, 3 and each one row more: 4 and 6.
  const shared = { challenger: true, champion: true, rows: 3, labels: 6, squares: 14 };
  const cells = [
    shared,
    { challenger: true, champion: false, rows: 1, labels: 4, squares: 16 },
    { challenger: false, champion: true, rows: 1, labels: 6, squares: 36 },
  ];
  const found = pairedLabelMeans(cells);
  expect([found?.challenger.value, found?.champion?.value, found?.difference?.value]).toEqual([2.5, 3, -0.5]);
  // Var 5/12 + 14/12, covariance (14 − 5.5 · 6 + 2.5 · 3 · 3) / 16.
  expect((Number(found?.difference?.value) - Number(found?.difference?.low)) / 1.959963984540054).toBeCloseTo(
    Math.sqrt(19 / 12 - 7 / 16),
    12,
  );
});

test('a bootstrap of counts gives the standard error of a share, and the same one every time', () => {
  const share = (counts: readonly number[]) => ({
    challenger: Number(counts[0]) / (Number(counts[0]) + Number(counts[1])),
  });
  const found = bootstrapCounts([300, 700], share, { draws: 4000 });
  expect((Number(found?.challenger.high) - 0.3) / 1.959963984540054).toBeCloseTo(Math.sqrt((0.3 * 0.7) / 1000), 3);
  expect(bootstrapCounts([300, 700], share, { draws: 4000 })).toEqual(found);
  expect(bootstrapCounts([1, 1], () => undefined)).toBeUndefined();
});

test('gaps between groups: the largest difference of rates, and none without two groups or both classes', () => {
  const groups = ['a', 'b'].flatMap((group) =>
    [true, false].flatMap((positive) => [true, false].map((challenger) => ({ group, positive, challenger }))),
  );
  // a: 30 of 40 positives and 10 of 60 negatives flagged; b: 20 of 40 and 30 of 60.
  const counts = [30, 10, 10, 50, 20, 20, 30, 30];
  expect(groupGap('equalizedOdds', groups)(counts)?.challenger).toBeCloseTo(0.5 - 1 / 6, 12);
  expect(groupGap('demographicParity', groups)(counts)?.challenger).toBeCloseTo(0.5 - 0.4, 12);
  expect(groupGap('equalizedOdds', groups)([30, 10, 10, 50, 0, 0, 30, 30])).toBeUndefined();
  expect(groupGap('demographicParity', groups.slice(0, 4))(counts)).toBeUndefined();
});

test('the calibration error of the reference vector: four bins with mean scores .1 .3 .6 .85', () => {
  const [scores, positives, negatives] = [
    [0.1, 0.3, 0.6, 0.85],
    [5, 10, 20, 15],
    [50, 30, 15, 5],
  ];
  const cells = scores.flatMap((meanScore, bin) =>
    [true, false].map((positive) => ({ positive, rows: 0, challenger: { bin, meanScore } })),
  );
  const counts = scores.flatMap((_, bin) => [Number(positives[bin]), Number(negatives[bin])]);
  expect(calibrationError(cells)(counts)?.challenger).toBeCloseTo(0.03666666666666667, 12);
});

test('average precision: equal scores are one threshold, and rows of a code whose order is unknown widen the interval', () => {
  // Scores 0.1 (negative), 0.4 (both), 0.8 (positive).
  const rows = { negative: [1, 1, 0], positive: [0, 1, 1] };
  const tied = present(precisionInfluence({ ...rows, isTie: () => true }));
  expect(tied.value).toBeCloseTo((1 + 2 / 3) / 2, 12);
  expect(tied.resolution).toBe(0);
  const open = present(precisionInfluence({ ...rows, isTie: () => false }));
  expect(open.value).toBe(tied.value);
  expect(open.resolution).toBeCloseTo((1 - 2 / 3) / 2, 12);
  const [narrow, wide] = [tied, open].map((one) => pairedPrecision(one, undefined, { positive: 0, negative: 0 }, 0.5));
  expect(present(wide).challenger.low).toBeCloseTo(present(narrow).challenger.low - open.resolution, 12);
  expect(precisionInfluence({ negative: [1], positive: [0], isTie: () => true })).toBeUndefined();
});

test('AUC: rows of a code whose order is unknown widen both intervals and that of the difference by what they leave open', () => {
  const rows = { negative: [5, 3, 2], positive: [1, 3, 6] };
  const [tied, open] = [true, false].map((isTie) => aucInfluence({ ...rows, isTie: () => isTie }));
  const shared = { positive: 0, negative: 0 };
  const [exact, wide] = [present(tied), present(open)].map((one) => present(pairedAuc(one, one, shared, 0.5)));
  const resolution = (5 * 1 + 3 * 3 + 2 * 6) / 100 / 2;
  expect(present(tied).resolution).toBe(0);
  expect(present(open).resolution).toBeCloseTo(resolution, 12);
  expect(present(wide).challenger.value).toBe(present(exact).challenger.value);
  expect(present(wide).challenger.low).toBeCloseTo(present(exact).challenger.low - resolution, 12);
  expect(present(wide?.difference).high).toBeCloseTo(present(exact?.difference).high + 2 * resolution, 12);
});

test('seeded numbers are reproducible, uniform, and make Poisson counts of the right mean and variance', () => {
  const [one, two] = [seededRandom(7), seededRandom(7)];
  expect(Array.from({ length: 5 }, one)).toEqual(Array.from({ length: 5 }, two));
  for (const mean of [1, 12, 80]) {
    const random = seededRandom(1);
    const counts = Array.from({ length: 20_000 }, () => poisson(mean, random));
    const average = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    const variance = counts.reduce((sum, count) => sum + (count - average) ** 2, 0) / counts.length;
    expect(Math.abs(average / mean - 1)).toBeLessThan(0.03);
    expect(Math.abs(variance / mean - 1)).toBeLessThan(0.06);
  }
});
