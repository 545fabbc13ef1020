import { describe, expect, test } from '@jest/globals';
import { lookForCheck, noteLate, noteTold } from '../../scorecards/missed-check.ts';
import { answerTrigger, emptyWatch } from '../../scorecards/watch.ts';
import type { WatchState } from '../../scorecards/watch.ts';
import { applied } from '../lifecycle/policies.ts';

const MINUTE = 60_000;
const GRACE = 30 * MINUTE;

const watching = (check = '0 6 * * *', appliedAt = '2001-03-01T00:00:00.000Z'): WatchState => ({
  ...emptyWatch('churn'),
  applied: { ...applied('churn', '/', { triggers: { check } }), appliedAt },
});
const checked = (state: WatchState, now: string): WatchState =>
  answerTrigger(state, { kind: 'check', key: now, asOf: now, by: 'the schedule' }, now).state;

describe('MO12: a drift check that the policy asks for', () => {
  test('is waited for until half an hour after its moment', () => {
    const state = checked(watching(), '2001-03-01T06:00:02.000Z');
    expect(lookForCheck(state, '2001-03-01T07:00:00.000Z')).toEqual({ look: 'wait', ms: 23 * 60 * MINUTE + GRACE });
    expect(lookForCheck(state, '2001-03-02T06:29:59.999Z')).toEqual({ look: 'wait', ms: 1 });
    expect(lookForCheck(state, '2001-03-02T06:30:00.000Z')).toEqual({ look: 'late', due: '2001-03-02T06:00:00.000Z' });
  });

  test('has time to be caught up after an outage, and is missed then', () => {
    const noticed = '2001-03-05T09:00:00.000Z';
    const late = noteLate(checked(watching(), '2001-03-01T06:00:02.000Z'), '2001-03-02T06:00:00.000Z', noticed);
    expect(lookForCheck(late, noticed)).toEqual({ look: 'wait', ms: GRACE });
    const missed = { look: 'missed', due: '2001-03-02T06:00:00.000Z' };
    expect(lookForCheck(late, '2001-03-05T09:30:00.000Z')).toEqual(missed);
    expect(lookForCheck(checked(late, '2001-03-05T09:10:00.000Z'), '2001-03-05T09:30:00.000Z').look).toBe('wait');
  });

  test('is told once until the next one comes', () => {
    const late = noteLate(watching(), '2001-03-01T06:00:00.000Z', '2001-03-01T06:30:00.000Z');
    expect(lookForCheck(noteTold(late), '2001-05-01T00:00:00.000Z')).toEqual({ look: 'wait' });
    const again = checked(noteTold(late), '2001-05-01T06:00:01.000Z');
    expect(lookForCheck(again, '2001-05-02T06:30:00.000Z')).toEqual({ look: 'late', due: '2001-05-02T06:00:00.000Z' });
  });

  test('is due from the moment the policy was applied, and never where it asks for none', () => {
    expect(lookForCheck(watching(), '2001-03-01T06:30:00.000Z').look).toBe('late');
    const without: WatchState = { ...emptyWatch('churn'), applied: applied('churn', '/', { triggers: {} }) };
    expect(lookForCheck(without, '2031-01-01T00:00:00.000Z')).toEqual({ look: 'wait' });
    expect(lookForCheck(emptyWatch('churn'), '2031-01-01T00:00:00.000Z')).toEqual({ look: 'wait' });
  });

  test('counts whatever the door answered it', () => {
    const paused: WatchState = {
      ...watching(),
      paused: { by: 'bo', reason: 'holiday', at: '2001-03-01T00:00:00.000Z' },
    };
    const state = checked(paused, '2001-03-01T06:00:02.000Z');
    expect(lookForCheck(state, '2001-03-01T06:30:00.000Z').look).toBe('wait');
  });
});
