import { describe, expect, test } from '@jest/globals';
import { stepWith } from './event-phases.ts';
import { STEP } from './phases.ts';
import { eventAlarmsOf } from './simulated-events.ts';
import type { EventTraffic } from './simulated-events.ts';
import { medianOf } from './simulated-traffic.ts';

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri'];
const RESTART = { ...STEP, floor: 1e-4, harmRatio: 1, restartLooks: 60 };
const PLAN = stepWith(
  [
    { name: 'rebooked', kind: 'guardrail', slices: DAYS },
    { name: 'malformed', kind: 'malformed' },
  ],
  { ...RESTART, alpha: 0.05 },
);
const even = (rate: number) => ({ champion: rate, challenger: rate });
/** Everything exactly at the boundary of harm, ratio 1, so that each false alarm that may come does. */
const NULL: EventTraffic = {
  requestsPerSecond: 200,
  looks: 40,
  errors: even(0.001),
  events: {
    rebooked: { ...even(0.1), slices: Object.fromEntries(DAYS.map((day) => [day, even(0.1)])) },
    malformed: even(0.01),
  },
};

describe('many questions about one challenger', () => {
  test('CA2: errors, two events and five slices together raise a false alarm in at most alpha of the phases', () => {
    const alarms = eventAlarmsOf(PLAN, NULL, { runs: 30, seed: 61 });
    expect(alarms.length).toBeLessThanOrEqual(30 * 0.05);
  });

  test('CA2: a guardrail that falls on the challenger alone is found, and named, within a minute', () => {
    const fallen = { ...NULL, events: { ...NULL.events, rebooked: { champion: 0.1, challenger: 0.3 } } };
    const alarms = eventAlarmsOf(PLAN, fallen, { runs: 15, seed: 62 });
    expect(alarms.map(({ event }) => event)).toStrictEqual(alarms.map(() => 'rebooked'));
    expect(alarms).toHaveLength(15);
    expect(medianOf(alarms.map(({ look }) => look)) * 5).toBeLessThanOrEqual(60);
  });

  test('CA2: harm in one slice of five is found although the whole hides it', () => {
    const rebooked = {
      ...even(0.1),
      slices: { ...NULL.events['rebooked']?.slices, wed: { champion: 0.1, challenger: 0.5 } },
    };
    const alarms = eventAlarmsOf(PLAN, { ...NULL, events: { ...NULL.events, rebooked } }, { runs: 12, seed: 63 });
    expect(alarms).toHaveLength(12);
    expect(medianOf(alarms.map(({ look }) => look)) * 5).toBeLessThanOrEqual(90);
  });
});
