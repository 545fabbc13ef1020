import { describe, expect, test } from '@jest/globals';
import { lastLine } from '../../activities/last-line.ts';

describe('the last line of a log', () => {
  test.each([
    ['is the last that says anything', 'reading\nValueError: boom\n\n   \n', 'ValueError: boom'],
    ['is empty when there is none', ' \n\n', ''],
    ['has no colours', '\u001B[31mValueError\u001B[0m: boom\n', 'ValueError: boom'],
    ['has no other control characters', 'a\u0007b\tc', 'a b c'],
    ['is what a progress bar wrote last', ' 10 %\r 90 %\r100 %\r', '100 %'],
    ['of exactly 200 characters is whole', `x\n${'a'.repeat(200)}`, 'a'.repeat(200)],
    ['is cut after 200 characters', 'a'.repeat(201), `${'a'.repeat(199)}…`],
    ['is never cut within a character', '🚀'.repeat(201), `${'🚀'.repeat(199)}…`],
  ])('%s', (_, log, expected) => {
    expect(lastLine(log)).toBe(expected);
  });
});
