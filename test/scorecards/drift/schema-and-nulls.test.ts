import { describe, expect, test } from '@jest/globals';
import { judgeWindow } from '../../../scorecards/drift/judge.ts';
import { decideDrift } from '../../../scorecards/drift/decide.ts';
import type { WindowInput } from '../../../scorecards/drift/window-input.ts';
import { present } from '../../present.ts';
import { sketchFrom, sketchOf } from './sketches.ts';
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
