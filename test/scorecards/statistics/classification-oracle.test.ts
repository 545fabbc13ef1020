import { beforeAll, describe, expect, test } from '@jest/globals';
import { binnedAuc, binnedAveragePrecision } from '../../../scorecards/statistics/binned-ranking.ts';
import { flagMetric } from '../../../scorecards/statistics/flag-metrics.ts';
import { groupGap } from '../../../scorecards/statistics/group-gaps.ts';
import type { GroupGap } from '../../../scorecards/statistics/group-gaps.ts';
import { aucInfluence, pairedAuc, precisionInfluence } from '../../../scorecards/statistics/ranked-classes.ts';
import { present } from '../../present.ts';
import { askPython } from '../../python-oracle.ts';
import { seededDraws } from '../../seeded-draws.ts';

interface Scored {
  readonly score: readonly number[];
  readonly label: readonly number[];
  readonly group: readonly string[];
  readonly cut: number;
  /** Fairlearn is asked of some only: it takes a tenth of a second for each. */
  readonly fairness: boolean;
}

/** Scores with many ties in every third case, few rows in every fifth; both labels in each of up to four groups. */
function scoredRows(seed: number): Scored {
  const draws = seededDraws(seed);
  const groups = 2 + (seed % 3);
  const rows = seed % 5 === 0 ? 8 * groups : 8 * groups + Math.floor(draws.uniform() * 300);
  const row = Array.from({ length: rows }, (_, place) => {
    const label = Math.floor(place / groups) % 2;
    const raw = 1 / (1 + Math.exp(-draws.normal(label - 0.5 + (place % groups) / 4)));
    return { label, group: `g${place % groups}`, score: seed % 3 === 0 ? Math.round(raw * 10) / 10 : raw };
  });
  return {
    score: row.map(({ score }) => score),
    label: row.map(({ label }) => label),
    group: row.map(({ group }) => group),
    cut: 0.3 + 0.2 * draws.uniform(),
    fairness: seed < 40,
  };
}

const cases = Array.from({ length: 200 }, (_, seed) => scoredRows(seed));
let answers: readonly Readonly<Record<string, number>>[] = [];
beforeAll(async () => {
  answers = await askPython('statistics/classification.py', cases);
}, 120_000);

/** The largest difference from what the library says, over all cases; a value that only one side has is infinitely far. */
const off = (measure: (scored: Scored) => number | undefined, name: string, asked = cases): number =>
  Math.max(...asked.map((scored, place) => distance(measure(scored), present(answers[place])[name])));
function distance(ours: number | undefined, theirs: number | undefined): number {
  if (ours === undefined || theirs === undefined) return Infinity;
  return Math.abs(ours - theirs);
}

const cellsOf = ({ score, label, group, cut }: Scored) =>
  score.map((value, row) => ({
    positive: label[row] === 1,
    challenger: value >= cut,
    group: present(group[row]),
    rows: 1,
    labels: present(label[row]),
    squares: present(label[row]),
  }));

/** A code for each different score. */
function ranked({ score, label }: Scored) {
  const different = [...new Set(score)].toSorted((a, b) => a - b);
  const of = (kind: number) =>
    different.map((one) => score.filter((value, row) => value === one && label[row] === kind).length);
  return { positive: of(1), negative: of(0), isTie: () => true };
}

describe("ours from raw rows equal scikit-learn's", () => {
  test.each(['recall', 'accuracy', 'precision', 'f1'] as const)('%s at a cut', (metric) => {
    const ours = (scored: Scored) =>
      flagMetric({ metric, confidence: 0.95 }, cellsOf(scored)).estimates?.challenger.value;
    expect(off(ours, metric)).toBeLessThan(1e-12);
  });

  test('average precision', () => {
    const ours = (scored: Scored) => precisionInfluence(ranked(scored))?.value;
    expect(off(ours, 'averagePrecision')).toBeLessThan(1e-12);
  });

  test('AUC', () => {
    const ours = (scored: Scored) =>
      pairedAuc(aucInfluence(ranked(scored)), undefined, { positive: 0, negative: 0 })?.challenger.value;
    expect(off(ours, 'auc')).toBeLessThan(1e-12);
  });
});

test.each([
  'demographicParity',
  'demographicParityRatio',
  'equalizedOdds',
  'equalizedOddsRatio',
  'equalOpportunity',
  'equalOpportunityRatio',
] as const)("MO13: %s of groups equals fairlearn's", (metric: GroupGap) => {
  const ours = (scored: Scored) => {
    const cells = cellsOf(scored);
    return groupGap(metric, cells)(cells.map(() => 1))?.challenger;
  };
  const asked = cases.filter(({ fairness }) => fairness);
  expect(off(ours, metric, asked)).toBeLessThan(1e-12);
});

/** Labelled rows per score bin. */
function binned({ score, label }: Scored, bins: number) {
  const counts = {
    positive: Array.from({ length: bins + 1 }, () => 0),
    negative: Array.from({ length: bins + 1 }, () => 0),
  };
  score.forEach((value, row) => {
    const side = label[row] === 1 ? counts.positive : counts.negative;
    const bin = Math.floor(value * bins);
    side[bin] = present(side[bin]) + 1;
  });
  return counts;
}

describe("binned scores lie within their stated resolution of scikit-learn's", () => {
  test.each([16, 256, 1024])('AUC on %d bins', (bins) => {
    for (const [place, scored] of cases.entries()) {
      const { value, resolution } = present(binnedAuc(binned(scored, bins)));
      expect(Math.abs(value - present(present(answers[place])['auc']))).toBeLessThanOrEqual(resolution + 1e-12);
    }
  });

  test.each([256, 1024])('average precision on %d bins', (bins) => {
    const untied = cases.map((scored, place) => ({ scored, place })).filter(({ place }) => place % 3 !== 0);
    for (const { scored, place } of untied) {
      const { low, high } = present(binnedAveragePrecision(binned(scored, bins)));
      const exact = present(present(answers[place])['averagePrecision']);
      expect(exact).toBeGreaterThanOrEqual(low - 1e-12);
      expect(exact).toBeLessThanOrEqual(high + 1e-12);
    }
  });
});
