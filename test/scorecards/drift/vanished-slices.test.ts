import { expect, test } from '@jest/globals';
import { decideDrift } from '../../../scorecards/drift/decide.ts';
import type { Sketch } from '../../../scorecards/drift/sketch.ts';
import { judgeVanished } from '../../../scorecards/drift/vanished-slices.ts';

const WINDOW = { from: '2024-01-01T00:00:00.000Z', until: '2024-01-08T00:00:00.000Z' };
const sketchOf = (counts: Readonly<Record<string, number>>): Sketch => ({
  grid: 'g',
  rows: Object.values(counts).reduce((sum, count) => sum + count, 0),
  nulls: 0,
  nonFinite: 0,
  keys: Object.keys(counts),
  counts: Object.values(counts),
  other: 0,
});
const judge = (baseline: Readonly<Record<string, number>>, current: Readonly<Record<string, number>>) =>
  judgeVanished([{ column: 'region', baseline: sketchOf(baseline), current: sketchOf(current) }], WINDOW);

test('EV3: a slice that the baseline had and the window has not is a finding, and the verdict is not steady', () => {
  const findings = judge({ north: 5000, south: 4000, west: 1000 }, { north: 500, south: 400 });
  expect(findings).toMatchObject([
    {
      level: 'warn',
      judged: 'pass',
      sentence: 'region: no row in 7 days where it is west (about 90 expected); the baseline had such rows.',
    },
  ]);
  expect(decideDrift(findings, { share: 0.3, window: WINDOW })).toMatchObject({
    verdict: 'warn',
    byKind: { quality: 'warn' },
  });
});

test('EV3: a slice so small that no row of it is to be expected has not vanished, and a new one neither', () => {
  expect(judge({ north: 9990, islet: 10 }, { north: 1000, east: 100 })).toMatchObject([{ level: 'none' }]);
});

test('the slices that vanished are named worst first, and only some of many', () => {
  const baseline = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`r${index}`, 1000 + index]));
  const [finding] = judge(baseline, { other: 900 });
  expect(finding?.measurement?.value).toBe(9);
  expect(finding?.sentence).toMatch(/where it is r8 \(.*\), r7 \(.*\) and 4 more; the baseline/);
});

test('a window without rows is for others to judge', () => {
  expect(judge({ north: 10 }, {})).toEqual([]);
  expect(judgeVanished([{ column: 'region', baseline: sketchOf({ north: 10 }) }], WINDOW)).toEqual([]);
});
