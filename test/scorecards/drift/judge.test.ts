import { describe, expect, test } from '@jest/globals';
import { withHeldLevels } from '../../../scorecards/drift/hysteresis.ts';
import { judgeWindow } from '../../../scorecards/drift/judge.ts';
import type { DriftMetric } from '../../../scorecards/drift/verdict.ts';
import type { WindowInput } from '../../../scorecards/drift/window-input.ts';
import { bucketsOf } from '../../../scorecards/drift/windows.ts';
import { present } from '../../present.ts';
import { categories, scaled, sketchFrom, sketchOf, softsign } from './sketches.ts';
import { read, criterion, DAY, fareGrid, normals, TRAINING, WEEK, week } from './worlds.ts';

const one = (input: WindowInput) => present(judgeWindow(input)[0]);
const days = bucketsOf(WEEK, DAY);

describe('a window', () => {
  test('that did not move is calm in every criterion', () => {
    expect(judgeWindow(week(0)).map(read)).toEqual([
      ['pass', 'none', 'within-bound'],
      ['pass', 'none', 'within-bound'],
    ]);
  });

  test('N4: that moved by half a deviation breaches PSI and KS, and shows the other distances beside them', () => {
    const [psi, ks] = judgeWindow(week(0.6));
    expect(read(psi)).toEqual(['fail', 'breach', 'breach']);
    expect(read(ks)).toEqual(['fail', 'breach', 'breach']);
    const { also } = present(present(psi).measurement);
    expect(present(also).jsDistance).toBeGreaterThan(0.12);
    expect(present(also).kl).toBeGreaterThan(0.1);
    expect(present(also).jsDivergence).toBeCloseTo(present(present(also).jsDistance) ** 2, 12);
    expect(present(also).bhattacharyya).toBeCloseTo(-Math.log(1 - present(present(also).hellinger) ** 2), 12);
    expect(present(also).lInfinity).toBeGreaterThan(0.05);
    expect(present(also).lInfinity).toBeLessThan(present(present(also).totalVariation));
    expect(Object.keys(present(also))).toEqual([
      'jsDistance',
      'jsDivergence',
      'kl',
      'hellinger',
      'bhattacharyya',
      'totalVariation',
      'lInfinity',
    ]);
    // 0.6 deviations of a normal are 0.6 / 1.349 of its interquartile range.
    expect(present(present(ks).measurement).also?.wasserstein).toBeCloseTo(0.6 / 1.349, 1);
  });

  test('N4: JS, KL and every other distance decide where the policy names them', () => {
    const bounds = {
      jsDistance: 0.12,
      kl: 0.1,
      cramersV: 0.2,
      hellinger: 0.16,
      totalVariation: 0.15,
      wasserstein: 0.3,
    };
    const criteria = Object.entries(bounds).map(([metric, limit]) =>
      criterion({ name: `fare ${metric}`, metric: metric as DriftMetric, warn: limit, limit }),
    );
    expect(judgeWindow(week(0.6, { criteria })).filter(({ judged }) => judged !== 'fail')).toEqual([]);
    expect(judgeWindow(week(0, { criteria })).map(({ level }) => level)).toEqual(criteria.map(() => 'none'));
  });

  test('says value, interval, bounds and rows in each finding', () => {
    for (const { measurement, sentence, criterion: asked } of judgeWindow(week(0.6))) {
      const { value, interval, n } = present(measurement);
      expect(present(interval).low).toBeLessThanOrEqual(value);
      expect(present(interval).high).toBeGreaterThanOrEqual(value);
      expect(n).toEqual({ current: 7_000, baseline: 20_000 });
      expect(sentence).toContain(`${value.toFixed(3)} [${present(interval).low.toFixed(3)}, `);
      expect(sentence).toContain(`limit ${asked.limit.toFixed(2)}`);
    }
  });

  test('N2: is compared with the champion’s training, so a slow drift adds up', () => {
    const sketches = [0.13, 0.26, 0.39, 0.52].map((shift, place) =>
      sketchOf(fareGrid, normals(place + 3, 7_000, shift)),
    );
    const judge = (current: number, baseline: WindowInput['baseline']) =>
      one(week(0, { current: new Map([['fare', present(sketches[current])]]), baseline })).level;
    const training = week(0).baseline;
    expect([0, 1, 2, 3].map((place) => judge(place, training))).toEqual(['none', 'none', 'warn', 'breach']);
    expect(judge(3, new Map([['fare', present(sketches[2])]]))).toBe('none');
  });

  test('N2: inside the champion’s own baseline is inconclusive', () => {
    const overlapping = one(week(0.6, { baselineSpan: { ...TRAINING, until: '2001-04-24T00:00:00.001Z' } }));
    expect(read(overlapping)).toEqual(['inconclusive', 'none', 'overlaps-baseline']);
    expect(one(week(0.6, { baselineSpan: { ...TRAINING, until: WEEK.from } })).judged).toBe('fail');
  });

  test('N3: with a day missing is inconclusive and names the day', () => {
    const found = one(week(0.6, { presentBuckets: days.filter((_, day) => day !== 2) }));
    expect(read(found)).toEqual(['inconclusive', 'none', 'too-few-buckets']);
    expect(found.sentence).toBe(
      'The window from 2001-04-24 until 2001-05-01 is incomplete: 1 of 7 buckets are missing (2001-04-26). Not judged.',
    );
  });

  test.each([
    [412, 'inconclusive', 'fare: 412 rows in 7 days, 500 needed. Not judged.'],
    [499, 'inconclusive', 'fare: 499 rows in 7 days, 500 needed. Not judged.'],
  ])('N10: with %d rows is %s', (rows, judged, sentence) => {
    const found = one(week(0, { current: new Map([['fare', sketchOf(fareGrid, normals(2, rows))]]) }));
    expect(found).toMatchObject({ judged, sentence, reason: 'too-few-rows' });
  });

  test.each([
    ['0.1 %', 432, 'inconclusive'],
    ['1 %', 4_320, 'pass'],
  ])('N10: a 5 % canary of 100 requests a second that logs %s a day has %d rows: %s', (_, rows, judged) => {
    const found = one(week(0, { current: new Map([['fare', sketchOf(fareGrid, normals(2, rows))]]) }));
    expect(found.judged).toBe(judged);
  });

  test('N10: with 500 rows is judged and marked as a small sample', () => {
    const found = one(week(0, { current: new Map([['fare', sketchOf(fareGrid, normals(2, 500))]]) }));
    expect(found.judged).toBe('pass');
    expect(found.sentence).toContain('500 rows against 20,000, a small sample');
  });

  test('of clustered rows needs as many times more of them', () => {
    const found = one(week(0, { designEffect: 20 }));
    expect(found).toMatchObject({ judged: 'inconclusive', reason: 'too-few-rows' });
    expect(found.sentence).toContain('10,000 needed');
  });

  test('corrects significance over all its criteria', () => {
    const columns = Array.from({ length: 40 }, (_, column) => `f${column}`);
    const sketches = columns.map((name, column) => {
      const grid = softsign(name);
      const shift = 0.45 * Number(column === 0);
      return {
        grid,
        name,
        now: sketchOf(grid, normals(100 + column, 600, shift)),
        before: sketchOf(grid, normals(50, 5000)),
      };
    });
    const found = judgeWindow(
      week(0, {
        criteria: columns.map((column) => criterion({ name: `${column} ks`, metric: 'ks', column, limit: 0.15 })),
        grids: sketches.map(({ grid }) => grid),
        current: new Map(sketches.map(({ name, now }) => [name, now])),
        baseline: new Map(sketches.map(({ name, before }) => [name, before])),
        facts: [],
      }),
    );
    const ps = found.map(({ measurement }) => present(present(measurement).p));
    expect(ps.filter(({ raw, adjusted }) => adjusted < raw)).toEqual([]);
    expect(ps.filter(({ raw }) => raw <= 0.05).length).toBeGreaterThan(1);
    expect(found.filter(({ judged }) => judged === 'fail').map(({ criterion: { column } }) => column)).toEqual(['f0']);
  });

  test('reads equally when it is judged twice', () => {
    expect(JSON.stringify(judgeWindow(week(0.3)))).toBe(JSON.stringify(judgeWindow(week(0.3))));
  });

  test('is refused when its sketch lies on another grid than the baseline', () => {
    const other = softsign('fare', 5);
    const current = new Map([['fare', { ...sketchOf(other, normals(2, 700)), grid: 'regridded' }]]);
    expect(() => judgeWindow(week(0, { current }))).toThrow(/regridded.* cannot be compared/);
  });
});

describe('categories', () => {
  const grid = categories('origin', ['ATL', 'BOS', 'ORD']);
  const criteria = [
    criterion({ name: 'origin psi', column: 'origin' }),
    criterion({ name: 'origin cramersV', metric: 'cramersV', column: 'origin' }),
  ];
  const then = sketchFrom(grid, { ATL: 5000, BOS: 3000, ORD: 2000 });
  const judge = (now: Readonly<Record<string, number>>) =>
    judgeWindow(
      week(0, {
        criteria,
        grids: [grid],
        baseline: new Map([['origin', then]]),
        current: new Map([['origin', sketchFrom(grid, now)]]),
        facts: [],
      }),
    ).map(({ judged }) => judged);

  test("N4: are judged by PSI and Cramér's V", () => {
    expect(judge({ ATL: 490, BOS: 310, ORD: 200 })).toEqual(['pass', 'pass']);
    expect(judge({ ATL: 200, BOS: 300, ORD: 500 })).toEqual(['fail', 'fail']);
  });

  test('a new category of a tenth of the rows drifts', () => {
    expect(judge({ ATL: 450, BOS: 270, ORD: 180, JFK: 100 })).toEqual(['fail', 'fail']);
  });
});

describe('levels', () => {
  test('MO10: outlive a window that could not be judged, and end below 0.7 of the bound', () => {
    const [loud, quiet] = [judgeWindow(week(0.6)), judgeWindow(week(0))];
    const blind = judgeWindow(week(0.6, { presentBuckets: days.slice(1) }));
    const fading = judgeWindow(week(0.42));
    expect(fading.map(({ level }) => level)).toEqual(['warn', 'breach']);
    expect(withHeldLevels([loud, blind, fading]).map(read)).toEqual([
      ['fail', 'breach', 'held-by-hysteresis'],
      ['fail', 'breach', 'breach'],
    ]);
    expect(withHeldLevels([loud, quiet, fading])).toEqual(fading);
    expect(withHeldLevels([loud, quiet])).toEqual(quiet);
    expect(withHeldLevels([])).toEqual([]);
  });

  test('MO10: are not held against the word of a person', () => {
    const excusedOnes = judgeWindow(week(0.42)).map(
      (found) => ({ ...found, level: 'none', reason: 'benign' }) as const,
    );
    expect(withHeldLevels([judgeWindow(week(0.6)), excusedOnes])).toEqual(excusedOnes);
  });

  test('more rows of the same shares never calm a breach', () => {
    const input = week(0.6);
    const current = new Map([['fare', scaled(present(input.current.get('fare')), 10)]]);
    expect(judgeWindow({ ...input, current }).map(({ judged }) => judged)).toEqual(['fail', 'fail']);
  });
});
