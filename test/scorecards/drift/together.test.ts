import { describe, expect, test } from '@jest/globals';
import { driftCriteria } from '../../../scorecards/drift/criteria.ts';
import { judgeWindow, testWindow } from '../../../scorecards/drift/judge.ts';
import { afterJudging, judgeTogether } from '../../../scorecards/drift/together.ts';
import { benjaminiHochberg } from '../../../scorecards/statistics/benjamini-hochberg.ts';
import { criterion, fareGrid, finding, normals, rules, week } from './worlds.ts';
import { categories, sketchFrom, sketchOf } from './sketches.ts';
import { present } from '../../present.ts';

const pending = (p: number) => ({
  p,
  judge: (ps: { readonly adjusted: number }) => finding({ sentence: String(ps.adjusted) }),
});

const crowd = Array.from({ length: 40 }, () => pending(0.9));

describe('what is asked of one window', () => {
  test('evidentlyai/evidently#238: is adjusted once, whoever asked it, and what could not be tested is not counted', () => {
    const ps = [0.01, 0.04, 0.03];
    const [first, gap, second, third] = judgeTogether([
      pending(0.01),
      finding({ judged: 'missing' }),
      ...ps.slice(1).map(pending),
    ]).map(({ sentence }) => sentence);
    expect([first, second, third]).toEqual(benjaminiHochberg(ps).map(String));
    expect(gap).toBe('fine');
  });

  test('what is said of a finding afterwards is said once it is judged', () => {
    const loud = (sentence: string) => `${sentence}!`;
    const [one] = judgeTogether([
      afterJudging(pending(0.5), (found) => ({ ...found, sentence: loud(found.sentence) })),
    ]);
    expect(one?.sentence).toBe('0.5!');
  });

  test('a share of nulls is one of the tests: among many it needs to be as certain as any of them', () => {
    const asked = driftCriteria(rules({ minimum: 100 }), { features: [{ name: 'fare', type: 'continuous' }] });
    const nulls = asked.find(({ metric }) => metric === 'nullRate');
    // 5 % are allowed: 72 of 1,000 have z = 3.19 and p = 0.0014.
    const lossy = sketchOf(fareGrid, [...normals(5, 928), ...Array.from({ length: 72 }, () => null)]);
    const input = week(0, { criteria: [present(nulls)], current: new Map([['fare', lossy]]) });
    expect(judgeWindow(input)).toMatchObject([
      { judged: 'fail', measurement: { p: { raw: expect.closeTo(0.0014, 4) } } },
    ]);
    const [among] = judgeTogether([...testWindow(input), ...crowd]);
    expect(among).toMatchObject({
      judged: 'pass',
      level: 'warn',
      measurement: { p: { adjusted: expect.closeTo(0.0579, 4) } },
    });
  });

  test('a category that is new needs significance among all others, too', () => {
    const asked = criterion({
      name: 'origin',
      kind: 'quality',
      metric: 'unseenShare',
      column: 'origin',
      warn: 0.001,
      limit: 1,
    });
    const grid = categories('origin', ['here']);
    const input = week(0, {
      criteria: [asked],
      grids: [grid],
      baseline: new Map([['origin', sketchFrom(grid, { here: 10_000 })]]),
      current: new Map([['origin', sketchFrom(grid, { here: 1995, new: 5 })]]),
      facts: [],
    });
    expect(judgeWindow(input)).toMatchObject([{ judged: 'pass', level: 'warn' }]);
    expect(judgeTogether([...testWindow(input), ...crowd])[0]).toMatchObject({ judged: 'pass', level: 'none' });
  });
});
