import { describe, expect, test } from '@jest/globals';
import { mayHaveEnded } from '../../../../activities/adapters/kubernetes-training/until-news.ts';

/** Seconds after the hand-in at which a pod that never ends is looked at; it is thought about once a second. */
const looks = Array.from({ length: 60 }, (_, second) => second + 1).reduce<number[]>(
  (seen, second) => (mayHaveEnded(second * 1000, (second - (seen.at(-1) ?? 0)) * 1000) ? [...seen, second] : seen),
  [],
);

describe('a pod that has handed in', () => {
  test('is looked at in each of the next seconds, in which pods end', () => {
    expect(looks.slice(0, 3)).toEqual([1, 2, 3]);
  });

  test('and does not end costs a handful of looks, and none of its own after half a minute', () => {
    expect(looks.length).toBeLessThan(10);
    expect(Math.max(...looks)).toBeLessThan(30);
  });
});
