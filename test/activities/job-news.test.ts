import { expect, test } from '@jest/globals';
import { toldNext } from '../../activities/job-news.ts';
import type { Told } from '../../activities/job-news.ts';

const MINUTE = 60_000;
const told = (words: string, times: number): Told => ({ words, times, atMs: 0 });

test.each([
  ['a job that runs from the start is no news', undefined, '', 0, false],
  ['the first wait is told at once', undefined, 'waits: a', 0, true],
  ['the same words are told once', told('waits: a', 1), 'waits: a', MINUTE * 60, false],
  ['what a new pod waits for is told as soon as it is known', told('waits: a', 1), 'waits: b', 1, true],
  ['other words are told after a minute', told('waits: a', 2), 'waits: b', MINUTE, true],
  ['and not before', told('waits: a', 2), 'waits: b', MINUTE - 1, false],
  ['the tenth news of a queue takes nine minutes', told('waits: a', 10), 'waits: b', MINUTE * 9 - 1, false],
  ['no news takes more than a quarter of an hour', told('waits: a', 99), 'waits: b', MINUTE * 15, true],
  ['the end of the wait is told at once', told('waits: a', 99), '', 1, true],
])('%s', (...[, before, words, nowMs, expected]) => {
  expect(toldNext(before, words, nowMs) !== undefined).toBe(expected);
});

test('a day in a queue whose words change with every look makes a short history', () => {
  const looks = Array.from({ length: 24 * 360 }, (_, index) => index * 10_000);
  const said: (Told | undefined)[] = [];
  for (const atMs of looks) said.push(toldNext(said.findLast(Boolean), `waits: ${atMs}`, atMs));
  expect(said.filter(Boolean).length).toBeLessThan(120);
});
