import { expect, test } from '@jest/globals';
import { shortestPeriodMs } from '../../../scorecards/policy/cron-period.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test.each([
  ['0 6 * * *', 24 * HOUR],
  ['0 6 * * 1', 24 * HOUR],
  ['*/15 * * * *', 15 * MINUTE],
  ['0 */4 * * *', 4 * HOUR],
  ['0 6,18 * * *', 12 * HOUR],
  ['0 22,2 * * *', 4 * HOUR],
  ['50,10 * * * *', 20 * MINUTE],
  ['0 8-10 * * *', HOUR],
  ['5/20 * * * *', 20 * MINUTE],
  ['* * * * *', MINUTE],
])('the moments of %s are at least %d ms apart', (cron, period) => {
  expect(shortestPeriodMs(cron)).toBe(period);
});
