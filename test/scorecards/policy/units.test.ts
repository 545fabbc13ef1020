import { expect, test } from '@jest/globals';
import { formatValue } from '../../../scorecards/policy/catalogue.ts';
import { formatDuration, parseBytes, parseDuration, parseRate, parseShare } from '../../../scorecards/policy/units.ts';

test.each([
  ['7d', 604_800_000],
  ['24h', 86_400_000],
  ['90s', 90_000],
  ['250ms', 250],
  ['1.5h', 5_400_000],
  ['0s', 0],
])('the duration %s is %d ms and is written back without loss', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
  expect(parseDuration(formatDuration(ms))).toBe(ms);
});

test.each(['24', '24 h', '-1h', '1w', 'h', '', '1e3s', '٣s'])('"%s" is no duration', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test.each([
  ['5%', 0.05],
  ['99.9%', 0.999],
  ['99.95%', 0.9995],
  ['0.5%', 0.005],
  ['0%', 0],
  ['100%', 1],
])('the share %s is exactly %d', (text, share) => {
  expect(parseShare(text)).toBe(share);
  expect(parseShare(formatValue(share, { ...SHARE, unit: 'share' }))).toBe(share);
});

const SHARE = { kind: 'text', required: true, hasDefault: false, choices: [], fields: new Map() } as const;

test.each(['5', '100.1%', '120%', '-5%', '%', '5 percent'])('"%s" is no share', (text) => {
  expect(parseShare(text)).toBeUndefined();
});

test('sizes are decimal with B and binary with i; rates are per second', () => {
  expect(parseBytes('50MB')).toBe(50_000_000);
  expect(parseBytes('4Gi')).toBe(4_294_967_296);
  expect(parseBytes('4GiB')).toBeUndefined();
  expect(parseRate('50/s')).toBe(50);
  expect(parseRate('50')).toBeUndefined();
});
