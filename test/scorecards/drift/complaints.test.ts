import { describe, expect, test } from '@jest/globals';
import { coarseCounts } from '../../../scorecards/drift/coarse-bins.ts';
import { driftCriteria } from '../../../scorecards/drift/criteria.ts';
import { judgeWindow } from '../../../scorecards/drift/judge.ts';
import type { DriftFinding } from '../../../scorecards/drift/verdict.ts';
import { kolmogorovSmirnov } from '../../../scorecards/statistics/kolmogorov-smirnov.ts';
import { kullbackLeibler } from '../../../scorecards/statistics/kullback-leibler.ts';
import { psi } from '../../../scorecards/statistics/psi.ts';
import { present } from '../../present.ts';
import { categories, exactValues, sketchFrom, sketchOf } from './sketches.ts';
import { criterion, fareGrid, normals, read, rules, week } from './worlds.ts';

/** What users of other tools ask for, by where they asked. The numbers are those of `repository#issue`. */
const now = (values: Parameters<typeof sketchOf>[1]) => new Map([['fare', sketchOf(fareGrid, values)]]);
const raised = (findings: readonly DriftFinding[]) => findings.filter(({ level }) => level !== 'none');

describe('false alarms', () => {
  test('evidentlyai/evidently#50, whylabs/whylogs#684: a change that is certain and small is no drift', () => {
    const findings = judgeWindow(week(0, { current: now(normals(7, 50_000, 0.05)) }));
    expect(findings.map(({ measurement }) => present(present(measurement).p).adjusted < 0.001)).toEqual([true, true]);
    expect(raised(findings)).toEqual([]);
  });

  test('whylabs/whylogs#684: the same data give the same p, however often and in whatever order they are counted', () => {
    const values = normals(8, 3000, 0.1);
    const once = judgeWindow(week(0, { current: now(values) }));
    expect(judgeWindow(week(0, { current: now(values.toReversed()) }))).toEqual(once);
  });

  test.each([100, 432, 499])(
    'evidentlyai/evidently#509, deepchecks/deepchecks#2339, IFCA-Advanced-Computing/frouros#78: %d rows are inconclusive',
    (rows) => {
      const findings = judgeWindow(week(0, { current: now(normals(9, rows, 0.6)) }));
      expect(findings.map(read)).toEqual(findings.map(() => ['inconclusive', 'none', 'too-few-rows']));
    },
  );

  test('deepchecks/deepchecks#2339: a hundred rows of a quiet day reach a PSI of 0.1 by chance, and their noise floor says so', () => {
    const chance = Array.from({ length: 100 }, (_, run) => {
      const current = sketchOf(fareGrid, normals(2000 + run, 100));
      return present(psi(coarseCounts(fareGrid, present(week(0).baseline.get('fare')), current)));
    });
    expect(chance.filter(({ value }) => value >= 0.1).length).toBeGreaterThan(10);
    expect(chance.filter(({ value, floor }) => value >= Math.max(0.1, floor)).length).toBeLessThan(3);
  });

  test('evidentlyai/evidently#238, IFCA-Advanced-Computing/frouros#33, SeldonIO/alibi-detect#131: a p-value is adjusted for all tests of the run', () => {
    const alone = judgeWindow(week(0.05, { criteria: [criterion()] }));
    const among = judgeWindow(
      week(0.05, { criteria: Array.from({ length: 50 }, (_, place) => criterion({ name: `fare psi ${place}` })) }),
    );
    const pOf = (found: DriftFinding | undefined) => present(present(present(found).measurement).p);
    expect(pOf(alone[0]).adjusted).toBe(pOf(alone[0]).raw);
    expect(pOf(among[0]).adjusted).toBe(pOf(among[0]).raw);
    const [first, second] = judgeWindow(week(0.05));
    const raws = [pOf(first).raw, pOf(second).raw].toSorted((a, b) => a - b);
    const adjusted = [pOf(first).adjusted, pOf(second).adjusted].toSorted((a, b) => a - b);
    expect(adjusted).toEqual([Math.min(2 * present(raws[0]), present(raws[1])), present(raws[1])]);
  });
});

describe('nulls', () => {
  const lossy = (nulls: number) => [...normals(2, 7000 - nulls), ...Array.from({ length: nulls }, () => null)];

  test('evidentlyai/evidently#187, #330: nulls are counted, not dropped', () => {
    const [index, ks] = judgeWindow(week(0, { current: now(lossy(2400)) }));
    expect(read(index)).toEqual(['fail', 'breach', 'breach']);
    expect(present(present(index).measurement).n.current).toBe(7000);
    expect(present(present(ks).measurement).n.current).toBe(4600);
  });

  test.each([null, NaN, Infinity])(
    'NannyML/nannyml#327, #339: a column of nothing but %p does not crash and does not pass',
    (value) => {
      const current = now(Array.from({ length: 7000 }, () => value));
      const gone = ['missing', 'none', 'all-null'];
      expect(judgeWindow(week(0, { current })).map(read)).toEqual([gone, gone]);
    },
  );
});

describe('bins', () => {
  const grid = exactValues('fare');
  const baseline = sketchOf(
    grid,
    Array.from({ length: 10_000 }, (_, row) => row % 100),
  );

  test('evidentlyai/evidently#1400, #1408, #1873: the bins are those of the baseline, whatever today brings', () => {
    const usual = sketchOf(
      grid,
      Array.from({ length: 1000 }, (_, row) => row % 100),
    );
    const outlier = sketchOf(grid, [...Array.from({ length: 999 }, (_, row) => row % 100), 1e12]);
    const [quiet, loud] = [usual, outlier].map((current) => coarseCounts(grid, baseline, current));
    expect(present(loud).baseline).toEqual(present(quiet).baseline);
    expect(present(quiet).baseline.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 1000));
    expect(present(psi(present(loud))).value).toBeLessThan(0.001);
  });

  test('evidentlyai/evidently#1400: the number of bins that were used is told', () => {
    const [index] = judgeWindow(week(0));
    expect(present(present(index).measurement).noise?.bins).toBe(10);
  });

  test('evidentlyai/evidently#334, #1878, #1923, ing-bank/probatus#115, #112: an empty bin neither distorts nor blows up PSI and KL', () => {
    const empty = { baseline: [500, 500, 0], current: [500, 495, 5] };
    expect(present(psi(empty)).value).toBeLessThan(0.05);
    expect(present(kullbackLeibler(empty)).value).toBeLessThan(0.05);
    const both = { baseline: [500, 500, 0, 0], current: [500, 500, 0, 0] };
    expect(present(psi(both))).toMatchObject({ value: 0, bins: 2 });
  });

  test('whylabs/whylogs#684: what the grid cannot resolve is stated, and is small', () => {
    const [, ks] = judgeWindow(week(0.3));
    const { low, high } = present(present(present(ks).measurement).interval);
    expect(high - low).toBeLessThan(0.003);
    const blind = present(kolmogorovSmirnov({ baseline: [100], current: [100] }));
    expect(blind).toMatchObject({ low: 0, high: 1 });
  });
});

describe('bounds', () => {
  const columns = { features: [{ name: 'fare', type: 'continuous' }] } as const;
  const wordOf = (own: object, more: object = {}) => {
    const criteria = driftCriteria(rules(own, more), columns).filter(({ metric }) => metric === 'psi');
    return present(judgeWindow(week(0.4, { criteria }))[0]).level;
  };

  test('NannyML/nannyml#250, #329, #349, Climate-Vision/ClimateVision#55: the policy and each feature set their own', () => {
    expect(wordOf({})).toBe('warn');
    expect(wordOf({ psi: { warn: 0.05, drift: 0.1 } })).toBe('breach');
    expect(wordOf({ psi: { warn: 0.2, drift: 0.25 } })).toBe('none');
    expect(wordOf({}, { features: [{ name: 'fare', type: 'continuous', psi: { drift: 0.1 } }] })).toBe('breach');
  });

  test('NannyML/nannyml#349: PSI is there for numbers and categories alike', () => {
    const grid = categories('fare');
    const baseline = new Map([['fare', sketchFrom(grid, { a: 5000, b: 5000 })]]);
    const current = new Map([['fare', sketchFrom(grid, { a: 900, b: 100 })]]);
    const [index] = judgeWindow(week(0, { criteria: [criterion()], grids: [grid], baseline, current, facts: [] }));
    expect(read(index)).toEqual(['fail', 'breach', 'breach']);
  });
});
