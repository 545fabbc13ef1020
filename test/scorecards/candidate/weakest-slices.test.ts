import { describe, expect, test } from '@jest/globals';
import { lossOf } from '../../../scorecards/candidate/weak-cell.ts';
import type { LossCell, LossCells } from '../../../scorecards/candidate/weak-cell.ts';
import { weakestSlices } from '../../../scorecards/candidate/weakest-slices.ts';
import { seededRandom } from '../../../scorecards/statistics/seeded-random.ts';
import { scorecardOf } from './scorecards.ts';

/** A row of a world: its values of the columns a, b and c, and what it cost with either model. */
interface Row {
  readonly values: readonly string[];
  readonly challenger: number;
  readonly champion: number;
}
const NAMES = ['a', 'b', 'c'];

/** Rows whose values are drawn evenly; `risk` is the share of mistakes of each model where the values are such. */
function rowsOf(
  risk: (values: readonly string[]) => readonly [challenger: number, champion: number],
  { count = 8000, seed = 1 } = {},
): readonly Row[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => {
    const values = NAMES.map(() => String(Math.floor(random() * 4)));
    const [ours, theirs] = risk(values);
    return { values, challenger: Number(random() < ours), champion: Number(random() < theirs) };
  });
}

const PLACES = [[0], [1], [2], [0, 1], [0, 2], [1, 2]];

/** What a data store answers about these rows. */
function cellsOf(rows: readonly Row[], hasChampion = true): LossCells {
  const groups = PLACES.flatMap((places) => {
    const groups = new Map<string, Row[]>();
    for (const row of rows) {
      const key = places.map((place) => row.values[place]).join('');
      const group = groups.get(key) ?? [];
      group.push(row);
      groups.set(key, group);
    }
    return [...groups.values()].map((group) => cellOf(group, places, hasChampion));
  });
  return {
    all: cellOf(rows, [], hasChampion),
    cells: groups.filter((cell) => cell.rows >= 100),
    columns: NAMES,
    leftOut: { columns: [], values: [] },
  };
}

function cellOf(rows: readonly Row[], places: readonly number[], hasChampion: boolean): LossCell {
  const slices = places.map((place) => ({ column: NAMES[place] ?? '', value: rows[0]?.values[place] ?? null }));
  const loss = momentsOf(rows.map(({ challenger }) => challenger));
  const difference = momentsOf(rows.map(({ challenger, champion }) => challenger - champion));
  return { slices, rows: rows.length, loss, ...(hasChampion ? { difference } : {}) };
}

function momentsOf(numbers: readonly number[]) {
  const mean = numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
  const variance = numbers.reduce((sum, one) => sum + (one - mean) ** 2, 0) / Math.max(1, numbers.length - 1);
  return { mean, variance };
}

const EVEN = [0.2, 0.2] as const;
/** The first pattern that fits decides; `.` fits every value. */
const where =
  (...rules: readonly (readonly [pattern: string, challenger: number, champion: number])[]) =>
  (values: readonly string[]): readonly [number, number] => {
    const rule = rules.find(([pattern]) => new RegExp(`^${pattern}$`).test(values.join('')));
    return rule ? [rule[1], rule[2]] : EVEN;
  };
const told = ({ warnings }: { readonly warnings: readonly string[] }) =>
  warnings.map((text) => text.replace(/^Weak where (.*?): .* (rest|other|same) rows.*$/, '$1 ($2)'));

describe('EV3: the search for weak slices', () => {
  test('names a pair in which the challenger does badly, with its numbers, and neither of the pair’s own slices', () => {
    const rows = rowsOf(where(['12.', 0.6, 0.2]));
    const { warnings } = weakestSlices(cellsOf(rows), []);
    expect(warnings).toEqual([
      expect.stringMatching(
        /^Weak where a=1 and b=2: a row costs 0\.\d{3} against the champion's 0\.\d{3} on the same rows \(n \d{3}, adjusted p < 0\.001\)\.$/,
      ),
      expect.stringMatching(
        /^Weak where a=1 and b=2: a row costs 0\.\d{3} against 0\.\d{3} on all other rows \(n \d{3}, adjusted p < 0\.001\)\.$/,
      ),
    ]);
  });

  test('names a slice that is weak throughout, and none of the pairs in it', () => {
    const found = weakestSlices(cellsOf(rowsOf(where(['.3.', 0.5, 0.5]))), []);
    expect(told(found)).toEqual(['b=3 (other)']);
  });

  test('names a pair that is worse still than a slice which is weak throughout', () => {
    const rows = rowsOf(where(['03.', 0.9, 0.9], ['0..', 0.5, 0.5]));
    expect(told(weakestSlices(cellsOf(rows), []))).toEqual(['a=0 (other)', 'a=0 and b=3 (other)']);
  });

  test('finds what is worse than the champion where both do well', () => {
    const rows = rowsOf(where(['..2', 0.2, 0.05]));
    expect(told(weakestSlices(cellsOf(rows), []))).toEqual(['c=2 (same)']);
  });

  test('says nothing of a slice that a criterion looks at by itself, but of a pair within it', () => {
    const slice = cellsOf(rowsOf(where(['.3.', 0.5, 0.5])));
    expect(weakestSlices(slice, ['b']).warnings).toEqual([]);
    const pair = cellsOf(rowsOf(where(['12.', 0.6, 0.6])));
    expect(told(weakestSlices(pair, ['a', 'b']))).toEqual(['a=1 and b=2 (other)']);
  });

  test('warns of chance in fewer than one search of twenty, though each compares 120 times', () => {
    const warned = Array.from({ length: 100 }, (_, seed) => cellsOf(rowsOf(() => EVEN, { seed, count: 2500 })))
      .map((cells) => weakestSlices(cells, []))
      .filter(({ warnings }) => warnings.length > 0);
    expect(warned.length).toBeLessThanOrEqual(5);
  });

  test('tells five at most, and how many more there are', () => {
    const weak = rowsOf(where(['(00|11|22|33).', 0.9, 0.3], ['..0', 0.9, 0.3]));
    const { warnings } = weakestSlices(cellsOf(weak), []);
    expect(warnings).toHaveLength(6);
    expect(warnings[5]).toMatch(/^\d+ more weak slices are not shown\.$/);
  });

  test('leaves alone what is certain and small', () => {
    const shares = (mean: number) => ({ mean, variance: mean * (1 - mean) });
    const all = { slices: [], rows: 1e9, loss: shares(0.2) };
    const at = (loss: number) => ({ slices: [{ column: 'a', value: '1' }], rows: 1e8, loss: shares(loss) });
    const found = { all, columns: ['a'], leftOut: { columns: [], values: [] } };
    expect(weakestSlices({ ...found, cells: [at(0.219)] }, []).warnings).toEqual([]);
    expect(weakestSlices({ ...found, cells: [at(0.221)] }, []).warnings).toHaveLength(1);
  });

  test('says how much it looked at and what the caps left out; without a champion it asks one question', () => {
    const alone = cellsOf(
      rowsOf(() => EVEN),
      false,
    );
    expect(weakestSlices(alone, []).note).toBe(
      'Weak slices were searched in 60 cells of one or two of 3 slice columns, of at least 100 rows each (60 comparisons, Benjamini-Hochberg at 5 %); they only warn.',
    );
    const capped = { ...alone, leftOut: { columns: ['d', 'e'], values: ['a'] } };
    expect(weakestSlices(capped, []).note).toMatch(
      /warn\. Not searched in full: Columns beyond 8: d, e\. Not searched in full: Only the 20 most frequent values of a\.$/,
    );
  });

  test('of no rows, of one row, and of rows that cost nothing finds nothing', () => {
    const nothing = { mean: 0, variance: 0 };
    const all = { slices: [], rows: 0, loss: nothing };
    const none = { all, cells: [], columns: [], leftOut: { columns: [], values: [] } };
    expect(weakestSlices(none, []).warnings).toEqual([]);
    const one = { slices: [{ column: 'a', value: null }], rows: 1, loss: nothing };
    expect(weakestSlices({ ...none, all: { ...all, rows: 1 }, cells: [one] }, []).warnings).toEqual([]);
    expect(weakestSlices(cellsOf(rowsOf(() => [0, 0])), []).warnings).toEqual([]);
  });
});

describe('what a mistake costs in the search', () => {
  const cuts = { challenger: 0.4, champion: 0.6 };
  const auc = { name: 'auc', group: 'quality', metric: 'auc', atLeast: 0.5 };
  test('is what the scorecard’s cost criterion says, else one', () => {
    const cost = { name: 'cost', group: 'business', metric: 'cost', falseNegative: 5, falsePositive: 2, atMost: 1 };
    expect(lossOf(scorecardOf(auc, cost), cuts)).toEqual({
      kind: 'mistakes',
      falseNegative: 5,
      falsePositive: 2,
      cuts,
    });
    expect(lossOf(scorecardOf(auc), cuts)).toEqual({ kind: 'mistakes', falseNegative: 1, falsePositive: 1, cuts });
    const worst = { ...cost, metric: 'worst', of: 'cost', by: 'a' };
    expect(lossOf(scorecardOf(worst), cuts)).toMatchObject({ falseNegative: 5, falsePositive: 2 });
  });
  test('is what it costs more than the right answer, where that has a price too', () => {
    const right = { truePositive: -8, trueNegative: -0.5 };
    const cost = { name: 'cost', group: 'business', metric: 'cost', falseNegative: 5, falsePositive: 2, ...right };
    expect(lossOf(scorecardOf({ ...cost, atMost: 1 }), cuts)).toEqual({
      kind: 'mistakes',
      falseNegative: 13,
      falsePositive: 2.5,
      cuts,
    });
  });
  test('is the distance where nothing is flagged', () => {
    expect(lossOf(scorecardOf(auc), undefined)).toEqual({ kind: 'distance' });
  });
});
