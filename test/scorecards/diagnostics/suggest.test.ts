import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { didYouMean, editDistance, nearest } from '../../../scorecards/diagnostics/suggest.ts';
import { numberCure, unitCure } from '../../../scorecards/diagnostics/unit-cures.ts';
import type { Unit } from '../../../scorecards/diagnostics/shape.ts';

describe('the edit distance', () => {
  // Distances of the textbook pairs: Levenshtein's own definition worked by hand.
  test.each([
    ['kitten', 'sitting', 3],
    ['flaw', 'lawn', 2],
    ['', 'abc', 3],
    ['rolout', 'rollout', 1],
  ])('from %s to %s is %d', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });

  test('is symmetric, zero only for equal words, and keeps the triangle inequality', () => {
    const word = fc.string({ maxLength: 8 });
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
        expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
      }),
    );
  });
});

describe('suggestions', () => {
  test.each([
    ['retrian', 'retrain'],
    ['OBSERVE', 'observe'],
    ['blok', 'block'],
  ])('%s is taken for %s', (given, meant) => {
    expect(nearest(given, ['ignore', 'observe', 'retrain', 'block'])).toBe(meant);
  });

  test('are not made for words too far away, too short or absurdly long', () => {
    expect(didYouMean('banana', ['ignore', 'observe'])).toBeUndefined();
    expect(editDistance('obzzzve', 'observe')).toBe(3);
    expect(didYouMean('obzzzve', ['observe'])).toBeUndefined();
    expect(didYouMean('p9', ['id'])).toBeUndefined();
    expect(didYouMean('k'.repeat(65_536), ['kind'])).toBeUndefined();
  });
});

describe('cures for a missing or wrong unit', () => {
  test.each<[Unit, unknown, string, string]>([
    ['duration', 24, 'soak', 'write 24h (units are ms, s, m, h and d)'],
    ['duration', 7, 'window', 'write 7d (units are ms, s, m, h and d)'],
    ['duration', 200, 'p95', 'write 200ms (units are ms, s, m, h and d)'],
    ['duration', '24 h', 'soak', 'write 24h'],
    ['duration', '24 Hours', 'soak', 'write 24h'],
    ['duration', '2 weeks', 'train', 'write 14d'],
    ['share', 0.05, 'nulls', 'write 5%'],
    ['share', 0.005, 'floor', 'write 0.5%'],
    ['share', '5', 'nulls', 'write 5%'],
    ['share', '5 percent', 'nulls', 'write 5%'],
    ['share', '120%', 'nulls', 'write at most 100%'],
    ['share', 1, 'nulls', 'write 1% or 100%, whichever is meant'],
    ['size', '4GiB', 'memory', 'write 4Gi'],
    ['size', '50M', 'atMost', 'write 50MB'],
    ['size', 4_294_967_296, 'memory', 'write 4096Mi (units are KB, MB, GB, Ki, Mi and Gi)'],
    ['rate', 50, 'rate', 'write 50/s'],
    ['rate', '50 rps', 'rate', 'write 50/s'],
    ['rate', '3000/min', 'rate', 'write 50/s'],
    ['percent', '5%', 'steps', 'write 5, without the percent sign'],
  ])('a %s given as %j for %s: %s', (unit, given, field, cure) => {
    expect(unitCure(unit, given, ['spec', field])).toBe(cure);
  });

  test.each([['soon'], [true], [null], [{}], ['9'.repeat(100)]])('there is none for %j', (given) => {
    expect(unitCure('duration', given, ['soak'])).toBeUndefined();
  });

  test('a number in disguise is unmasked', () => {
    expect(numberCure(undefined, '500')).toBe('write 500, without quotes');
    expect(numberCure(undefined, '30%')).toBe('write 0.3');
    expect(numberCure('percent', '5%')).toBe('write 5, without the percent sign');
    expect(numberCure(undefined, '10_000')).toBe('write 10000; YAML 1.2 takes underscores for text');
  });
});
