import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeSketches, encodeSketches } from '../../activities/sketch-file.ts';
import type { Sketch } from '../../scorecards/drift/sketch.ts';

const MOST = 2 ** 53 - 1;
const count = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: MOST }));
const keys = fc.oneof(
  fc.uniqueArray(fc.integer({ min: -4096, max: 4096 })),
  fc.uniqueArray(fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)),
  fc.uniqueArray(fc.string()),
);
const sketch = keys.chain((unordered: readonly (number | string)[]) =>
  fc.record({
    grid: fc.string(),
    rows: count,
    nulls: count,
    nonFinite: count,
    other: count,
    keys: fc.constant(unordered.toSorted((a, b) => (a < b ? -1 : 1))),
    counts: fc.array(count, { minLength: unordered.length, maxLength: unordered.length }),
  }),
);

describe('sketches as bytes', () => {
  test('come back as they were, whatever their keys and however large their counts', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(fc.string(), sketch), { selector: ([name]) => name }), (all) => {
        const sketches = new Map<string, Sketch>(all);
        expect(decodeSketches(encodeSketches(sketches))).toEqual(sketches);
      }),
    );
  });

  test('are read from the middle of a larger buffer, as files are', () => {
    const sketches = new Map([
      ['x', { grid: 'g', rows: 3, nulls: 0, nonFinite: 0, other: 0, keys: [-2, 7], counts: [1, 2] }],
    ]);
    const bytes = encodeSketches(sketches);
    const larger = new Uint8Array(bytes.length + 10);
    larger.set(bytes, 5);
    expect(decodeSketches(larger.subarray(5, 5 + bytes.length))).toEqual(sketches);
  });

  test('of thirty features with every bin filled are small', () => {
    const bins = Array.from({ length: 2049 }, (_, index) => index - 1024);
    const one = {
      grid: 'g',
      rows: 1_430_000,
      nulls: 0,
      nonFinite: 0,
      other: 0,
      keys: bins,
      counts: bins.map(() => 697),
    };
    const day = new Map(Array.from({ length: 30 }, (_, index): [string, Sketch] => [`f${index}`, one]));
    expect(encodeSketches(day).length).toBeLessThan(200_000);
  });
});
