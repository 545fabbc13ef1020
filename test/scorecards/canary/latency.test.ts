import { describe, expect, test } from '@jest/globals';
import { latencyFrom } from '../../../scorecards/canary/latency.ts';
import { GATEWAY_START, countersOf, scrapeAt } from './scrapes.ts';

const withBuckets = (buckets: Readonly<Record<string, number>>) => ({ challenger: countersOf({}, { buckets }) });
const EARLIER = scrapeAt(5, withBuckets({ '0.01': 100, '0.1': 200, '1': 210, '+Inf': 210 }));
const LATER = scrapeAt(10, withBuckets({ '0.01': 150, '0.1': 290, '1': 310, '+Inf': 312 }));

describe('latency between two scrapes', () => {
  test.each([
    [0.25, 0.0051],
    [0.5, 0.01225],
    [0.9, 0.262],
    [0.95, 0.721],
    [0.999, 1],
  ])('the %d quantile lies within its bucket, at %d s', (quantile, seconds) => {
    const report = latencyFrom({ previous: EARLIER, next: LATER }, 'challenger', quantile);
    expect(report?.answers).toBe(102);
    expect(report?.seconds).toBeCloseTo(seconds, 4);
  });

  test('a gateway that began in between counts from zero', () => {
    const reborn = scrapeAt(10, withBuckets({ '0.01': 4, '0.1': 4, '1': 4, '+Inf': 4 }), GATEWAY_START + 6);
    expect(latencyFrom({ previous: EARLIER, next: reborn }, 'challenger', 0.5)).toStrictEqual({
      seconds: 0.005,
      answers: 4,
    });
  });

  test.each([
    ['nothing was answered', EARLIER, scrapeAt(10, EARLIER.arms)],
    ['the buckets changed', EARLIER, scrapeAt(10, withBuckets({ '0.01': 150, '0.2': 290, '1': 310, '+Inf': 312 }))],
    ['a bucket fell', LATER, scrapeAt(15, EARLIER.arms)],
    ['another process answered', EARLIER, scrapeAt(10, LATER.arms, GATEWAY_START - 50)],
    ['the arm has no series', EARLIER, scrapeAt(10)],
  ])('there is no report when %s', (_why, previous, next) => {
    expect(latencyFrom({ previous, next }, 'challenger', 0.5)).toBeUndefined();
  });
});
