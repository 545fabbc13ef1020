import { describe, expect, test } from '@jest/globals';
import { judgeWindow } from '../../../scorecards/drift/judge.ts';
import { decideDrift } from '../../../scorecards/drift/decide.ts';
import type { WindowInput } from '../../../scorecards/drift/window-input.ts';
import { present } from '../../present.ts';
import type { Sketch } from '../../../scorecards/drift/sketch.ts';
import { categories, sketchFrom, sketchOf } from './sketches.ts';
import { read, criterion, fareGrid, normals, WEEK, week } from './worlds.ts';

const one = (input: WindowInput) => present(judgeWindow(input)[0]);

describe('the schema', () => {
  const schema = criterion({ name: 'fare schema', kind: 'schema', metric: 'schema', warn: 1, limit: 1, minimum: 0 });
  const judge = (type: string, baselineType: string) =>
    one(
      week(0, {
        criteria: [schema],
        baselineColumns: [{ name: 'fare', type: baselineType }],
        facts: week(0).facts.map((fact) => ({ ...fact, columns: [{ name: 'fare', type }] })),
      }),
    );

  test('TR2: a column of another type breaches, a wider one warns, the same one passes', () => {
    expect(read(judge('VARCHAR', 'DOUBLE'))).toEqual(['fail', 'breach', 'type-changed']);
    expect(read(judge('BIGINT', 'INTEGER'))).toEqual(['pass', 'warn', 'warning']);
    expect(read(judge('INTEGER', 'BIGINT'))).toEqual(['fail', 'breach', 'type-changed']);
    expect(read(judge('DOUBLE', 'DOUBLE'))).toEqual(['pass', 'none', 'within-bound']);
  });

  test('TR2: an absent column blocks', () => {
    const facts = week(0).facts.map((fact) => ({ ...fact, columns: [] }));
    const found = judgeWindow(week(0, { criteria: [schema, criterion()], facts, current: new Map() }));
    expect(found.map(read)).toEqual([
      ['fail', 'breach', 'column-absent'],
      ['missing', 'none', 'column-absent'],
    ]);
    expect(decideDrift(found, { share: 0.3, window: WEEK }).verdict).toBe('blocked');
  });

  test('is unknown without any partition', () => {
    expect(read(one(week(0, { criteria: [schema], facts: [] })))).toEqual(['missing', 'none', 'no-data']);
  });
});

describe('nulls', () => {
  const nulls = criterion({ name: 'fare nullRate', kind: 'quality', metric: 'nullRate', warn: 0.05, limit: 0.05 });
  const judge = (share: number, before = 0) => {
    const counted = (rows: number, part: number) => sketchFrom(fareGrid, { 0: rows - part }, { nulls: part });
    return one(
      week(0, {
        criteria: [nulls],
        current: new Map([['fare', counted(10_000, share * 10_000)]]),
        baseline: new Map([['fare', counted(100_000, before * 100_000)]]),
      }),
    );
  };

  test('breach only when the whole interval lies above the limit', () => {
    expect(judge(0.056).level).toBe('breach');
    expect(judge(0.052, 0.05).level).toBe('warn');
    expect(judge(0.04, 0.04).level).toBe('none');
  });

  test('warn when they rose by a point, even below the limit', () => {
    expect(judge(0.03, 0.01).level).toBe('warn');
    expect(judge(0.015, 0.01).level).toBe('none');
  });

  test('breach a column that is nothing else', () => expect(judge(1).judged).toBe('fail'));

  test('are allowed to be none where none are allowed', () => {
    const strict = { ...nulls, limit: 0 };
    expect(one(week(0, { criteria: [strict] })).judged).toBe('pass');
  });

  test('count as a bin: a column that loses a third of its values drifts', () => {
    const lossy = sketchOf(fareGrid, [...normals(2, 4_600), ...Array.from({ length: 2_400 }, () => null)]);
    const [psi, ks] = judgeWindow(week(0, { current: new Map([['fare', lossy]]) }));
    expect([present(psi).judged, present(ks).judged]).toEqual(['fail', 'pass']);
  });
});

describe('numbers that are NaN or infinite', () => {
  const gaps = { kind: 'quality', metric: 'nonFiniteRate', warn: 0.05, limit: 0.05 } as const;
  const judge = (share: number, before = 0) => {
    const counted = (rows: number, part: number) => sketchFrom(fareGrid, { 0: rows - part }, { nonFinite: part });
    return one(
      week(0, {
        criteria: [criterion({ name: 'fare nonFiniteRate', ...gaps })],
        current: new Map([['fare', counted(10_000, share * 10_000)]]),
        baseline: new Map([['fare', counted(100_000, before * 100_000)]]),
      }),
    );
  };

  test('breach as nulls do, when the whole interval lies above the limit', () => {
    expect(judge(0.056, 0.04).level).toBe('breach');
    expect(judge(0.052, 0.05).level).toBe('warn');
    expect(judge(0.04, 0.04).level).toBe('none');
    expect(judge(0.056).sentence).toBe(
      'fare: 5.6 % not finite [5.17 %, 6.07 %], at most 5 % allowed (0 % in the baseline; 10,000 rows).',
    );
  });

  test('warn from the first one on where the baseline had none', () => {
    expect(judge(0.0001).level).toBe('warn');
    expect(judge(0.0001, 0.0001).level).toBe('none');
  });

  test('are no test among the others of a window while there are none', () => {
    expect(judge(0)).toMatchObject({ judged: 'pass', level: 'none' });
    expect(judge(0).measurement).not.toHaveProperty('p');
  });
});

describe('categories that the baseline does not list', () => {
  const grid = categories('origin');
  const unseen = criterion({ name: 'origin unseenShare', kind: 'quality', metric: 'unseenShare', column: 'origin' });
  const judge = (now: Sketch, before = sketchFrom(grid, { ATL: 6000, BOS: 4000 })) =>
    one(
      week(0, {
        criteria: [{ ...unseen, warn: 0.001, limit: 1 }],
        grids: [grid],
        current: new Map([['origin', now]]),
        baseline: new Map([['origin', before]]),
        facts: [],
      }),
    );

  test('warn once they are certainly more than a thousandth of the rows', () => {
    expect(judge(sketchFrom(grid, { ATL: 5980, BOS: 4000, JFK: 20 })).level).toBe('warn');
    expect(judge(sketchFrom(grid, { ATL: 5989, BOS: 4000, JFK: 11 })).level).toBe('none');
    expect(judge(sketchFrom(grid, { ATL: 6000, BOS: 4000 })).level).toBe('none');
  });

  test('never fail by themselves, even where no category is known', () => {
    const found = judge(sketchFrom(grid, { JFK: 10_000 }));
    expect(read(found)).toEqual(['pass', 'warn', 'warning']);
    expect(found.sentence).toBe(
      'origin: 100 % in categories that the baseline does not list [99.96 %, 100 %], warns above 0.1 % (10,000 rows).',
    );
  });

  test('are told from rare ones that a capped list leaves out', () => {
    const before = sketchFrom(grid, { ATL: 6000, BOS: 3600 }, { other: 400 });
    expect(judge(sketchFrom(grid, { ATL: 6000, BOS: 3600, JFK: 400 }), before).level).toBe('none');
    expect(judge(sketchFrom(grid, { ATL: 6000, BOS: 3000, JFK: 1000 }), before).level).toBe('warn');
  });

  test('are not judged where every row is null', () => {
    const found = judge(sketchFrom(grid, {}, { nulls: 900 }));
    expect(found).toMatchObject({ judged: 'missing', reason: 'all-null' });
  });
});
