import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isTimePartition, partitionOf, sliceText } from '../../scorecards/parts.ts';
import { canBeCut, countBlocks, cutBlocks, spanOfRows } from '../../scorecards/time-blocks.ts';

const DAY = 86_400_000;
const span = (from: string, until: string) => ({ from: Date.parse(from), until: Date.parse(until) });
const texts = (of: { from: number; until: number }, blocks: number | string) =>
  cutBlocks(of, blocks).map(({ text }) => text);

describe('EV3: a span cut into blocks of time', () => {
  test('as many as asked, each beginning with a day where there are enough of them, so that some are a day longer', () => {
    expect(texts(span('2024-03-01', '2024-03-31'), 4)).toEqual([
      '2024-03-01 … 2024-03-07',
      '2024-03-08 … 2024-03-15',
      '2024-03-16 … 2024-03-22',
      '2024-03-23 … 2024-03-30',
    ]);
  });

  test('of less than a day each, with the time of day', () => {
    expect(texts(span('2024-03-01', '2024-03-02'), 3)).toEqual([
      '2024-03-01T00:00Z … 2024-03-01T08:00Z',
      '2024-03-01T08:00Z … 2024-03-01T16:00Z',
      '2024-03-01T16:00Z … 2024-03-02T00:00Z',
    ]);
  });

  test('of a length, laid off from the end; what is left over belongs to the first, so that none is shorter', () => {
    expect(texts(span('2024-03-01', '2024-03-20'), '7d')).toEqual([
      '2024-03-01 … 2024-03-12',
      '2024-03-13 … 2024-03-19',
    ]);
    expect(texts(span('2024-03-01', '2024-03-14'), '7d')).toEqual(['2024-03-01 … 2024-03-13']);
    expect(texts(span('2024-03-01', '2024-03-03'), '7d')).toEqual(['2024-03-01 … 2024-03-02']);
  });

  test('they follow each other without a gap, cover the span, and have names of their own', () => {
    const blocks = fc.oneof(
      fc.integer({ min: 2, max: 50 }),
      fc.integer({ min: 1, max: 40 }).map((days) => `${days}d`),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e12 }),
        fc.integer({ min: 50, max: 100 * DAY }),
        blocks,
        (from, ms, asked) => {
          const whole = { from, until: from + ms };
          const cut = cutBlocks(whole, asked);
          expect(cut).toHaveLength(countBlocks(whole, asked));
          expect([cut[0]?.from, cut.at(-1)?.until]).toEqual([whole.from, whole.until]);
          expect(cut.map((block) => block.from)).toEqual([from, ...cut.slice(0, -1).map((block) => block.until)]);
          expect(Math.min(...cut.map((block) => block.until - block.from))).toBeGreaterThan(0);
          expect(new Set(cut.map(({ text }) => text)).size).toBe(cut.length);
        },
      ),
    );
  });

  test('a span that is too short for so many, and blocks without a length, are known before anything is cut', () => {
    expect(canBeCut({ from: 0, until: 3 }, 4)).toBe(false);
    expect(canBeCut({ from: 0, until: 4 }, 4)).toBe(true);
    expect(countBlocks({ from: 0, until: DAY }, '0s')).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('the span of rows of which nobody says the span', () => {
  const rows = { first: Date.parse('2024-03-01T05:00Z'), last: Date.parse('2024-03-04T07:30Z') };

  test('is whole days, where blocks are as long', () => {
    expect(spanOfRows(rows, 4)).toEqual(span('2024-03-01', '2024-03-05'));
    expect(spanOfRows(rows, '2d')).toEqual(span('2024-03-01', '2024-03-05'));
  });

  test('is from the first row to the last, where blocks are shorter', () => {
    expect(spanOfRows(rows, 5)).toEqual({ from: rows.first, until: rows.last + 1 });
    expect(spanOfRows(rows, '6h')).toEqual({ from: rows.first, until: rows.last + 1 });
  });
});

test('parts are named after their column, or after the blocks, which are told without it', () => {
  expect([{ by: 'plan' }, { blocks: 4 }, { blocks: '7d' }, {}].map(partitionOf)).toEqual([
    'plan',
    'time in 4 blocks',
    'time in blocks of 7d',
    undefined,
  ]);
  expect(['plan', 'time in 4 blocks', 'time in blocks of 7d', 'time in blocks'].map(isTimePartition)).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect(sliceText({ column: 'time in 4 blocks', value: '2024-03-01 … 2024-03-07' })).toBe('2024-03-01 … 2024-03-07');
  expect(sliceText({ column: 'plan', value: null })).toBe('plan=null');
});
