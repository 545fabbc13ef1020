import { describe, expect, test } from '@jest/globals';
import { measureLatency, percentileOf } from '../../../scorecards/candidate/latency.ts';
import { measureSize } from '../../../scorecards/candidate/size.ts';
import { quantileRanks } from '../../../scorecards/statistics/order-statistics.ts';
import type { Estimate } from '../../../scorecards/vocabulary.ts';
import { present } from '../../present.ts';
import { seededDraws } from '../../seeded-draws.ts';

const p99 = { name: 'tail', metric: 'p99', confidence: 0.95 } as const;
const upTo = (count: number, failed = 0) => ({
  latenciesMs: Array.from({ length: count }, (_, i) => count - i),
  failed,
});
/** Latencies as servers have them: most near 10 ms, a long tail. */
const lognormal = (seed: number, count: number, shift = 0) => {
  const draws = seededDraws(seed);
  return { latenciesMs: Array.from({ length: count }, () => shift + 10 * Math.exp(0.5 * draws.normal())), failed: 0 };
};

const encloses = ({ low, high }: Estimate, truth: number): boolean => low <= truth && truth <= high;

describe('a latency percentile', () => {
  test.each([
    // Computed with SciPy 1.17: the places where binom.cdf(place − 1, n, share) passes 0.025 and 0.975.
    [0.5, 1000, { at: 500, lower: 469, upper: 532 }],
    [0.95, 750, { at: 713, lower: 700, upper: 725 }],
    [0.99, 750, { at: 743, lower: 737, upper: 748 }],
  ] as const)('of share %d in %d requests lies at the places %j', (share, n, { at, lower, upper }) => {
    expect(quantileRanks(n, share)).toEqual({ at, lower, upper });
    expect(percentileOf(upTo(n), share)).toEqual({ value: at, low: lower, high: upper });
  });

  test('encloses the truth as often as it says', () => {
    const truth = 10 * Math.exp(0.5 * 2.3263478740408408);
    const runs = Array.from({ length: 400 }, (_, run) => percentileOf(lognormal(run, 750), 0.99) as Estimate);
    const hits = runs.filter((one) => encloses(one, truth)).length;
    expect(hits / runs.length).toBeGreaterThanOrEqual(0.93);
  });

  test('the difference of two encloses the true difference as often as it says', () => {
    const runs = Array.from({ length: 400 }, (_, run) =>
      measureLatency(p99, { challenger: lognormal(run, 750, 5), champion: lognormal(run + 10_000, 750) }),
    );
    const hits = runs.map(({ difference }) => present(difference)).filter((one) => encloses(one, 5)).length;
    expect(hits / runs.length).toBeGreaterThanOrEqual(0.93);
  });

  test('of too few requests is not estimated', () => {
    expect(percentileOf(upTo(300), 0.99)).toBe('300 requests are too few to bound it with 95 % confidence');
    expect(percentileOf(upTo(0), 0.5)).toBe('no request was sent');
  });

  test('counts a request without an answer as slower than every answer', () => {
    expect(percentileOf(upTo(997, 3), 0.95)).toMatchObject({ value: 950 });
    expect(percentileOf(upTo(980, 20), 0.99)).toBe('20 of 1000 requests were not answered, so it cannot be bounded');
  });

  test('does not depend on the order of the answers', () => {
    const sample = lognormal(1, 800);
    const reversed = { ...sample, latenciesMs: sample.latenciesMs.toReversed() };
    expect(percentileOf(reversed, 0.99)).toEqual(percentileOf(sample, 0.99));
  });
});

describe('the measurement of a latency criterion', () => {
  test('has no champion at bootstrap', () => {
    const found = measureLatency(p99, { challenger: upTo(750) });
    expect(found).toEqual({ criterion: 'tail', slice: null, n: 750, challenger: { value: 743, low: 737, high: 748 } });
  });

  test('says which side could not be measured', () => {
    const found = measureLatency(p99, { challenger: upTo(750), champion: upTo(100) });
    expect(found).toMatchObject({
      n: 100,
      why: "the champion's p99: 100 requests are too few to bound it with 95 % confidence",
    });
    expect(found.difference).toBeUndefined();
  });

  test('of a metric that is no latency is an error', () => {
    expect(() => measureLatency({ ...p99, metric: 'auc' }, { challenger: upTo(9) })).toThrow(
      'auc is no latency percentile',
    );
  });
});

test('a size is exact and compared exactly', () => {
  expect(measureSize({ name: 'artifact' }, { challenger: 3000, champion: 2000 })).toEqual({
    criterion: 'artifact',
    slice: null,
    n: 1,
    challenger: { value: 3000, low: 3000, high: 3000 },
    champion: { value: 2000, low: 2000, high: 2000 },
    difference: { value: 1000, low: 1000, high: 1000 },
  });
});

describe('a load run that a worker bounds', () => {
  const asked = { ...p99, load: { rate: 500, for: 60_000 } };
  const ran = { challenger: upTo(1000), champion: upTo(1000) };

  test('EV5: is said to have offered less than was asked', () => {
    expect(measureLatency(asked, { ...ran, load: { rate: 100, for: 7500 } }).note).toBe(
      'The load was 100/s for 7.5 s, not 500/s for 60 s as asked; load.maxRate and load.maxFor bound it, and one run serves all criteria.',
    );
    expect(measureLatency(p99, { ...ran, load: { rate: 20, for: 15_000 } }).note).toContain('not 50/s for 15 s');
  });

  test('is not mentioned when it offered all, or more for the sake of another criterion', () => {
    for (const load of [asked.load, { rate: 900, for: 90_000 }])
      expect(measureLatency(asked, { ...ran, load })).not.toHaveProperty('note');
    expect(measureLatency(asked, ran)).not.toHaveProperty('note');
  });
});
