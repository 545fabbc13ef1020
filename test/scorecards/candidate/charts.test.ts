import { describe, expect, test } from '@jest/globals';
import { latencyCurves, scoreGrid } from '../../../scorecards/candidate/charts.ts';

describe('bins of scores', () => {
  test.each([
    ['probabilities', 0, 1, { low: 0, step: 0.05, bins: 20 }],
    ['probabilities that reach no end', 0.02, 0.93, { low: 0, step: 0.05, bins: 19 }],
    ['a rare event', 0.0004, 0.031, { low: 0, step: 0.002, bins: 16 }],
    ['numbers of both signs', -7, 33, { low: -7.5, step: 2.5, bins: 17 }],
    ['one score', 0.3, 0.3, { low: 0.3, step: 0.05, bins: 1 }],
    ['only zero', 0, 0, { low: 0, step: 0.05, bins: 1 }],
    ['large numbers', 1_200_000, 9_000_000, { low: 1_000_000, step: 500_000, bins: 16 }],
  ])('have edges that people can read: %s', (_, least, greatest, grid) => {
    expect(scoreGrid(least, greatest)).toMatchObject(grid);
  });

  test('are at most twenty and hold both ends, whatever the ends are', () => {
    for (let seed = 1; seed < 500; seed += 1) {
      const [least, range] = [Math.sin(seed) * 10 ** (seed % 7), Math.abs(Math.cos(seed * 7)) * 10 ** ((seed % 9) - 4)];
      const { bins, low, step } = scoreGrid(least, least + range);
      expect(bins).toBeLessThanOrEqual(20);
      expect(low).toBeLessThanOrEqual(least + step * 1e-6);
      expect(low + bins * step).toBeGreaterThanOrEqual(least + range - step * 1e-6);
    }
  });
});

describe('EV5: the curve of latencies', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  test('is the nearest rank at each share, for both models', () => {
    const { challenger, champion, shares } = latencyCurves({
      load: { rate: 50, for: 2000 },
      challenger: { latenciesMs: hundred, failed: 0 },
      champion: { latenciesMs: [7], failed: 0 },
    });
    const at = (share: number) => challenger.quantilesMs[shares.indexOf(share)];
    expect([at(0.01), at(0.5), at(0.95), at(0.99), at(0.999)]).toEqual([1, 50, 95, 99, 100]);
    expect(new Set(champion?.quantilesMs)).toEqual(new Set([7]));
    expect(challenger.sent).toBe(100);
  });

  test('ends where requests got no answer, and is empty where none was sent', () => {
    const { challenger } = latencyCurves({ challenger: { latenciesMs: hundred.slice(10), failed: 10 } });
    expect(challenger).toMatchObject({ sent: 100, failed: 10 });
    expect(challenger.quantilesMs.slice(-8)).toEqual([90, null, null, null, null, null, null, null]);
    expect(latencyCurves({ challenger: { latenciesMs: [], failed: 0 } }).challenger.quantilesMs[0]).toBeNull();
  });
});
