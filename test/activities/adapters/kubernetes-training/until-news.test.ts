import { describe, expect, test } from '@jest/globals';
import { mayHaveEnded, paceOf } from '../../../../activities/adapters/kubernetes-training/until-news.ts';

/** Seconds after the hand-in at which a pod that never ends is looked at; it is thought about once a second. */
const looks = Array.from({ length: 60 }, (_, second) => second + 1).reduce<number[]>(
  (seen, second) => (mayHaveEnded(second * 1000, (second - (seen.at(-1) ?? 0)) * 1000) ? [...seen, second] : seen),
  [],
);

describe('a pod that has handed in', () => {
  test('is left alone for a moment, then looked at in the next seconds, in which pods end', () => {
    expect(looks.slice(0, 3)).toEqual([2, 3, 5]);
  });

  test('and does not end costs a handful of looks, and none of its own after half a minute', () => {
    expect(looks.length).toBeLessThan(10);
    expect(Math.max(...looks)).toBeLessThan(30);
  });
});

test('a Job that runs and runs is looked at ever more rarely, and never less often than at a third of the pace', () => {
  expect([0, 1, 2, 3, 100].map(paceOf)).toEqual([1, 1.5, 2.25, 3, 3]);
});
