import { beforeAll, describe, expect, test } from '@jest/globals';
import { bootstrapCounts } from '../../../scorecards/statistics/count-bootstrap.ts';
import { macroEstimates } from '../../../scorecards/statistics/macro-averages.ts';
import type { ClassCell, MacroMetric } from '../../../scorecards/statistics/macro-averages.ts';
import { present } from '../../present.ts';
import { askPython } from '../../python-oracle.ts';
import { seededDraws } from '../../seeded-draws.ts';

const METRICS = ['macroF1', 'macroPrecision', 'macroRecall'] as const;
const NAMES = ['a', 'b', 'c', 'd', 'e'];

interface Named {
  readonly label: readonly string[];
  readonly said: readonly string[];
}

/** Rows of two to five classes; some classes are said of rows that there are none of, some are never said. */
function namedRows(seed: number): Named {
  const { uniform } = seededDraws(seed);
  const pick = (from: readonly string[]) => present(from[Math.floor(uniform() * from.length)]);
  const rows = 3 + Math.floor(uniform() * 200);
  const labels = NAMES.slice(0, 2 + (seed % 4));
  const others = NAMES.slice(seed % 3);
  const label = Array.from({ length: rows }, () => pick(labels));
  return { label, said: label.map((one) => (uniform() < 0.6 ? one : pick(others))) };
}

const cellsOf = ({ label, said }: Named): readonly ClassCell[] =>
  label.map((one, row) => ({ label: one, challenger: present(said[row]), rows: 1 }));

describe('averages over classes', () => {
  const cases = Array.from({ length: 200 }, (_, seed) => namedRows(seed));
  let answers: readonly Readonly<Record<string, number>>[] = [];
  beforeAll(async () => {
    answers = await askPython('statistics/classes.py', cases);
  }, 120_000);

  test.each(METRICS)('EV4: %s is that of scikit-learn over the classes that have labels', (metric) => {
    const off = cases.map((one, at) =>
      Math.abs(
        present(macroEstimates(metric, cellsOf(one)).estimates).challenger.value - present(answers[at]?.[metric]),
      ),
    );
    expect(Math.max(...off)).toBeLessThan(1e-12);
  });

  test('EV4: micro F1 is accuracy, and macro recall is balanced accuracy', () => {
    const gaps = answers.flatMap((one) => [
      present(one['microF1']) - present(one['accuracy']),
      present(one['macroRecall']) - present(one['balanced accuracy']),
    ]);
    expect(Math.max(...gaps.map(Math.abs))).toBeLessThan(1e-12);
  });
});

/** Chances of label × challenger × champion: the models are right together more often than by chance. */
const POPULATION = NAMES.slice(0, 3).flatMap((label, row) =>
  NAMES.slice(0, 3).flatMap((challenger) =>
    NAMES.slice(0, 3).map((champion) => ({
      label,
      challenger,
      champion,
      share:
        present([0.6, 0.3, 0.1][row]) *
        (1 + 8 * Number(label === challenger) + 6 * Number(label === champion) + 4 * Number(challenger === champion)),
    })),
  ),
);
const ALL = POPULATION.reduce((sum, { share }) => sum + share, 0);

function drawCells(rows: number, uniform: () => number): readonly ClassCell[] {
  const counts = POPULATION.map(() => 0);
  for (let row = 0; row < rows; row += 1) {
    let rest = uniform() * ALL;
    const at = POPULATION.findIndex(({ share }) => (rest -= share) < 0);
    counts[at] = present(counts[at]) + 1;
  }
  return POPULATION.map(({ challenger, champion, label }, at) => ({
    challenger,
    champion,
    label,
    rows: present(counts[at]),
  })).filter(({ rows: some }) => some > 0);
}

const holds = ({ high, low }: { readonly high: number; readonly low: number }, truth: number) =>
  Number(low <= truth && truth <= high);
const halfWidth = ({ high, low }: { readonly high: number; readonly low: number }) => (high - low) / 2;
const valuesOf = (metric: MacroMetric, cells: readonly ClassCell[]) => {
  const { challenger, champion } = present(macroEstimates(metric, cells).estimates);
  return { challenger: challenger.value, champion: present(champion).value };
};

describe.each(METRICS)('the interval of %s', (metric) => {
  test('EV8: is as wide as that of redrawn counts, also of the paired difference', () => {
    const cells = drawCells(1500, seededDraws(11).uniform);
    const own = present(macroEstimates(metric, cells).estimates);
    const counts = cells.map(({ rows }) => rows);
    const redrawn = present(
      bootstrapCounts(
        counts,
        (drawn) =>
          valuesOf(
            metric,
            cells.map((cell, at) => ({ ...cell, rows: present(drawn[at]) })),
          ),
        { draws: 2000 },
      ),
    );
    const ratios = (['challenger', 'champion', 'difference'] as const).map(
      (of) => halfWidth(present(own[of])) / halfWidth(present(redrawn[of])),
    );
    expect(ratios).toEqual(ratios.map(() => expect.closeTo(1, 1)));
  });

  test('EV8: holds the truth about as often as it says, the rarest class having forty rows', () => {
    const truth = valuesOf(
      metric,
      POPULATION.map(({ share, ...cell }) => ({ ...cell, rows: share * 1e9 })),
    );
    const gap = truth.challenger - truth.champion;
    const { uniform } = seededDraws(5);
    const RUNS = 600;
    const held = { challenger: 0, difference: 0 };
    for (let run = 0; run < RUNS; run += 1) {
      const { challenger, difference } = present(macroEstimates(metric, drawCells(400, uniform)).estimates);
      held.challenger += holds(challenger, truth.challenger);
      held.difference += holds(present(difference), gap);
    }
    expect(held.challenger / RUNS).toBeGreaterThan(0.92);
    expect(held.difference / RUNS).toBeGreaterThan(0.92);
    expect(held.challenger / RUNS).toBeLessThan(0.98);
    expect(held.difference / RUNS).toBeLessThan(0.98);
  });
});

describe('averages at the edges', () => {
  const cell = (label: string, challenger: string, champion: string, rows: number) => ({
    label,
    challenger,
    champion,
    rows,
  });

  test('a class that is never said counts 0, and one without labels is not averaged', () => {
    const cells = [cell('a', 'a', 'a', 60), cell('b', 'b', 'a', 20), cell('b', 'ghost', 'a', 20)];
    const { estimates, n, rarest } = macroEstimates('macroPrecision', cells);
    expect([n, rarest]).toEqual([40, 'b']);
    expect(estimates?.challenger.value).toBe(1);
    expect(estimates?.champion?.value).toBe(0.3);
  });

  test('two models that say the same differ by nothing, surely', () => {
    const cells = [cell('a', 'a', 'a', 60), cell('a', 'b', 'b', 9), cell('b', 'a', 'a', 7), cell('b', 'b', 'b', 31)];
    expect(macroEstimates('macroF1', cells).estimates?.difference).toEqual({ value: 0, low: 0, high: 0 });
  });

  test('no rows have no average, and one row has none with an interval', () => {
    expect(macroEstimates('macroF1', [])).toEqual({ n: 0, rarest: undefined, estimates: undefined });
    expect(macroEstimates('macroF1', [cell('a', 'a', 'a', 1)])).toEqual({ n: 1, rarest: 'a', estimates: undefined });
  });
});
