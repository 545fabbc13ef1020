import { expect, test } from '@jest/globals';
import { present } from '../../present.ts';
import { nextMoment } from '../../../scorecards/policy/cron-moments.ts';

// 2001-03-01 was a Thursday.
test.each([
  ['0 6 * * *', '2001-03-01T05:59:59.999Z', '2001-03-01T06:00:00.000Z'],
  ['0 6 * * *', '2001-03-01T06:00:00.000Z', '2001-03-02T06:00:00.000Z'],
  ['*/15 * * * *', '2001-03-01T23:50:00.000Z', '2001-03-02T00:00:00.000Z'],
  ['30 22,2 * * *', '2001-03-01T03:00:00.000Z', '2001-03-01T22:30:00.000Z'],
  ['0 6 * * 1', '2001-03-01T00:00:00.000Z', '2001-03-05T06:00:00.000Z'],
  ['0 6 * * mon-fri', '2001-03-02T07:00:00.000Z', '2001-03-05T06:00:00.000Z'],
  ['0 6 * * 7', '2001-03-01T00:00:00.000Z', '2001-03-04T06:00:00.000Z'],
  ['0 0 1 * *', '2001-03-01T00:00:00.000Z', '2001-04-01T00:00:00.000Z'],
  ['0 0 1 jan *', '2001-03-01T00:00:00.000Z', '2002-01-01T00:00:00.000Z'],
  ['0 0 13 * 5', '2001-03-01T00:00:00.000Z', '2001-03-02T00:00:00.000Z'],
  ['0 0 29 2 *', '2001-03-01T00:00:00.000Z', '2004-02-29T00:00:00.000Z'],
])('%s fires after %s at %s', (cron, after, moment) => {
  expect(new Date(present(nextMoment(cron, Date.parse(after)))).toISOString()).toBe(moment);
});

test('the thirtieth of February never comes', () => {
  expect(nextMoment('0 0 30 2 *', Date.parse('2001-03-01T00:00:00.000Z'))).toBeUndefined();
});
