import { beforeAll, describe, expect, test } from '@jest/globals';
import { estimateMetric } from '../../../scorecards/performance/estimate.ts';
import { measureFairness } from '../../../scorecards/performance/fairness.ts';
import { measureLabelled } from '../../../scorecards/performance/measure.ts';
import { ESTIMATED_METRICS } from '../../../scorecards/performance/metrics.ts';
import type { EstimatedMetric } from '../../../scorecards/performance/metrics.ts';
import { perBin } from '../../../scorecards/performance/score-counts.ts';
import { binnedPrecisionAtK } from '../../../scorecards/statistics/binned-ranking.ts';
import { fitIsotonic, isotonicAt } from '../../../scorecards/statistics/isotonic.ts';
import { present } from '../../present.ts';
import { askPython } from '../../python-oracle.ts';
import { seededDraws } from '../../seeded-draws.ts';
import { countRows } from './scored-rows.ts';

interface Case {
  readonly score: readonly number[];
  readonly label: readonly (0 | 1)[];
  readonly group: readonly string[];
  readonly later: readonly number[];
  readonly cut: number;
  readonly k: number;
  readonly isotonic: Readonly<Record<'x' | 'y' | 'weight' | 'ask', readonly number[]>>;
}

interface Answer extends Readonly<Record<'brier' | 'logLoss' | 'ece' | 'calibrationGap' | 'precisionAtK', number>> {
  readonly isotonic: readonly number[];
  readonly estimates: Readonly<Record<EstimatedMetric, number>>;
}

/** Scores from nearly certain to none, with ties in every third case; labels that the scores over-rate in every second. */
function caseOf(seed: number): Case {
  const draws = seededDraws(seed + 1);
  const rows = 60 + Math.floor(draws.uniform() * 400);
  const spread = seed % 4 === 0 ? 8 : 1.5;
  const score = Array.from({ length: rows }, () => {
    const raw = 1 / (1 + Math.exp(-draws.normal(-0.5, spread)));
    return seed % 3 === 0 ? Math.round(raw * 20) / 20 : raw;
  });
  const bend = seed % 2 === 0 ? 1 : 1.7;
  const label = score.map((value, row): 0 | 1 => (row < 2 ? (row as 0 | 1) : draws.uniform() < value ** bend ? 1 : 0));
  const x = Array.from({ length: 40 }, (_, place) => place * 2);
  return {
    score,
    label,
    group: score.map((_, row) => `g${row % (2 + (seed % 3))}`),
    later: Array.from({ length: 200 }, () => 1 / (1 + Math.exp(-draws.normal(0.2, spread)))),
    cut: 0.3 + 0.2 * draws.uniform(),
    k: 5 + Math.floor(draws.uniform() * 30),
    isotonic: {
      x,
      y: x.map((value) => value / 80 + draws.normal(0, 0.3)),
      weight: x.map(() => 1 + Math.floor(draws.uniform() * 20)),
      ask: Array.from({ length: 60 }, () => draws.uniform() * 90 - 5),
    },
  };
}

const cases = Array.from({ length: 200 }, (_, seed) => caseOf(seed));
let answers: readonly Answer[] = [];
beforeAll(async () => {
  answers = await askPython<Answer>('performance/scores.py', cases);
}, 120_000);

const countsOf = ({ cut, label, score }: Case, resolution: 1024 | 256 = 1024) =>
  countRows(
    score.map((value, row) => ({ score: value, label: present(label[row]) })),
    cut,
    resolution,
  );

const groupOf = ({ cut, group, label, score }: Case, value: string) =>
  countRows(
    score.map((at, row) => ({ score: at, label: present(label[row]) })).filter((_, row) => group[row] === value),
    cut,
    256,
  );

/** The largest difference from the answers, over all cases. */
const off = (ours: (one: Case) => number, theirs: (answer: Answer) => number): number =>
  Math.max(...cases.map((one, place) => Math.abs(ours(one) - theirs(present(answers[place])))));

describe('labelled metrics from counts', () => {
  test.each([1024, 256] as const)("the Brier score of %d bins is scikit-learn's, exactly", (resolution) => {
    const ours = (one: Case) => present(measureLabelled('brier', countsOf(one, resolution))).value;
    expect(off(ours, ({ brier }) => brier)).toBeLessThan(1e-12);
  });

  test("the calibration error is that of the rows' own scores", () => {
    const ours = (one: Case) => present(measureLabelled('ece', countsOf(one))).value;
    expect(off(ours, ({ ece }) => ece)).toBeLessThan(1e-12);
  });

  test.each([1024, 256] as const)(
    "scikit-learn's log-loss lies within the resolution that %d bins state",
    (resolution) => {
      for (const [place, one] of cases.entries()) {
        const { low, high } = present(present(measureLabelled('logLoss', countsOf(one, resolution))).resolution);
        const { logLoss } = present(answers[place]);
        expect(low).toBeLessThanOrEqual(logLoss + 1e-12);
        expect(high).toBeGreaterThanOrEqual(logLoss - 1e-12);
      }
    },
  );

  test('the log-loss of 1,024 bins is within a thousandth where no score is nearly certain', () => {
    const calm = cases.map((one, place) => ({ one, place })).filter(({ place }) => place % 4 !== 0);
    const gaps = calm.map(({ one, place }) => {
      const { value } = present(measureLabelled('logLoss', countsOf(one)));
      return Math.abs(value - present(answers[place]).logLoss);
    });
    expect(Math.max(...gaps)).toBeLessThan(1e-3);
  });

  test('precision at k lies within its stated resolution', () => {
    const untied = cases.map((one, place) => ({ one, place })).filter(({ place }) => place % 3 !== 0);
    for (const { one, place } of untied) {
      const { positive, negative } = countsOf(one);
      const bins = { positive: perBin(positive, 'rows', 1024), negative: perBin(negative, 'rows', 1024) };
      const { value, resolution } = present(binnedPrecisionAtK(bins, one.k));
      expect(Math.abs(value - present(answers[place]).precisionAtK)).toBeLessThanOrEqual(resolution + 1e-12);
    }
  });

  test('MO13, fairlearn/fairlearn#1441: calibration within groups: its gap is that of the group means of score and label', () => {
    const ours = (one: Case) => {
      const groups = [...new Set(one.group)].map((value) => ({ column: 'g', value, counts: groupOf(one, value) }));
      return present(measureFairness('calibrationGap', groups)).value;
    };
    expect(off(ours, ({ calibrationGap }) => calibrationGap)).toBeLessThan(1e-12);
  });
});

test("the isotonic map is scikit-learn's, between and beyond its knots", () => {
  for (const [place, { isotonic }] of cases.entries()) {
    const { ask, weight, x, y } = isotonic;
    const fit = present(fitIsotonic(x.map((at, row) => ({ x: at, y: present(y[row]), weight: present(weight[row]) }))));
    const theirs = present(answers[place]).isotonic;
    expect(ask.map((at, row) => Math.abs(isotonicAt(fit, at) - present(theirs[row]))).every((gap) => gap < 1e-9)).toBe(
      true,
    );
  }
});

describe('estimates before labels are what weighted scikit-learn makes of its own isotonic map', () => {
  test.each(ESTIMATED_METRICS)('%s', (metric) => {
    const ours = (one: Case) => {
      const { negative, positive, resolution } = countsOf(one);
      const positives = perBin(positive, 'rows', resolution);
      const negatives = perBin(negative, 'rows', resolution);
      const points = positives.map((count, bin) => {
        const weight = count + present(negatives[bin]);
        return { x: bin, y: count / Math.max(1, weight), weight };
      });
      const estimator = { calibration: { fit: present(fitIsotonic(points)) }, spread: {} };
      const later = countRows(
        one.later.map((score) => ({ score, label: null })),
        one.cut,
      );
      return present(estimateMetric(metric, later, estimator)).value;
    };
    expect(off(ours, ({ estimates }) => estimates[metric])).toBeLessThan(1e-9);
  });
});
