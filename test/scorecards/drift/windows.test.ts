import { describe, expect, test } from '@jest/globals';
import { bucketsOf, overlaps, windowsEndingAt } from '../../../scorecards/drift/windows.ts';
import { present } from '../../present.ts';
import { DAY } from './worlds.ts';

const HOUR = DAY / 24;
const short = ({ from, until }: { from: string; until: string }) => `${from.slice(0, 13)}/${until.slice(0, 13)}`;

describe('windows before a moment', () => {
  test.each([
    [7, ['2001-04-22T00/2001-04-29T00', '2001-04-23T00/2001-04-30T00', '2001-04-24T00/2001-05-01T00']],
    [9, ['2001-04-20T00/2001-04-29T00', '2001-04-21T00/2001-04-30T00', '2001-04-22T00/2001-05-01T00']],
  ])('N3: windows of %d days end with the last complete UTC day, newest last', (days, expected) => {
    const windows = windowsEndingAt('2001-05-01T06:00:00Z', { windowMs: days * DAY, bucketMs: DAY, of: 3 });
    expect(windows.map(short)).toEqual(expected);
    expect(windows.map((window) => bucketsOf(window, DAY).length)).toEqual([days, days, days]);
  });

  test.each([
    ['2001-05-01T00:00:00Z', '2001-05-01T00'],
    ['2001-05-01T23:59:59.999Z', '2001-05-01T00'],
    ['2001-05-02T00:00:00Z', '2001-05-02T00'],
    ['2001-05-01T01:00:00+02:00', '2001-04-30T00'],
  ])('N3: at %s the incomplete day is left out', (asOf, until) => {
    const [window] = windowsEndingAt(asOf, { windowMs: 7 * DAY, bucketMs: DAY, of: 1 });
    expect(window?.until.slice(0, 13)).toBe(until);
  });

  test('buckets of an hour make windows of a day', () => {
    const [window] = windowsEndingAt('2001-05-01T06:59:00Z', { windowMs: DAY, bucketMs: HOUR, of: 1 });
    expect(short(present(window))).toBe('2001-04-30T06/2001-05-01T06');
  });

  test('buckets follow each other without a gap', () => {
    const buckets = bucketsOf({ from: '2001-02-27T00:00:00Z', until: '2001-03-02T00:00:00Z' }, DAY);
    expect(buckets.map(short)).toEqual([
      '2001-02-27T00/2001-02-28T00',
      '2001-02-28T00/2001-03-01T00',
      '2001-03-01T00/2001-03-02T00',
    ]);
  });

  test('spans that only touch do not overlap', () => {
    const april = { from: '2001-04-01T00:00:00Z', until: '2001-05-01T00:00:00Z' };
    expect(overlaps(april, { from: '2001-05-01T00:00:00Z', until: '2001-06-01T00:00:00Z' })).toBe(false);
    expect(overlaps(april, { from: '2001-04-30T23:00:00Z', until: '2001-06-01T00:00:00Z' })).toBe(true);
  });

  test('a window that is no whole number of buckets is an error', () => {
    expect(() => windowsEndingAt('2001-05-01T00:00:00Z', { windowMs: 1.5 * DAY, bucketMs: DAY, of: 1 })).toThrow(
      'is not a whole number of buckets',
    );
  });

  test('a time that is none is an error that shows it', () => {
    expect(() => windowsEndingAt('yesterday', { windowMs: DAY, bucketMs: DAY, of: 1 })).toThrow('got yesterday');
  });
});
