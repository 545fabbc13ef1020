import { describe, expect, test } from '@jest/globals';
import { withEvents } from '../../../scorecards/canary/event-plan.ts';
import type { EventOrder } from '../../../scorecards/canary/event-plan.ts';
import { STEP } from './phases.ts';

const SLOW: EventOrder = { name: 'slow', kind: 'slow', floor: 0.1 };
const REBOOKED: EventOrder = { name: 'rebooked', kind: 'guardrail', slices: ['mon', 'tue'] };
const SHOWN: EventOrder = { name: 'shown', kind: 'malformed', decides: false };

describe('the bounds of events', () => {
  test("CA2: all that may end the phase together spend the phase's alpha", () => {
    const { alpha, events } = withEvents(STEP, [SLOW, REBOOKED, SHOWN]);
    expect(events).toMatchObject([
      { name: 'slow', alpha: STEP.alpha / 4 },
      { name: 'rebooked', alpha: STEP.alpha / 8, sliceAlpha: STEP.alpha / 8 },
      { name: 'shown', decides: false },
    ]);
    expect(alpha).toBe(STEP.alpha / 2);
  });

  test('without further events, or with shown ones only, errors keep all of it', () => {
    expect(withEvents(STEP, [])).toBe(STEP);
    expect(withEvents(STEP, [SHOWN]).alpha).toBe(STEP.alpha);
  });

  test('what may be common in a healthy service has no ceiling, and safe is twice what nobody would notice', () => {
    const { events = [] } = withEvents(STEP, [SLOW, REBOOKED, { name: 'malformed', kind: 'malformed' }]);
    expect(events.map(({ ceiling }) => ceiling)).toStrictEqual([1, 1, 0.1]);
    expect(events.map(({ safeRate }) => safeRate)).toStrictEqual([0.2, 0.01, 0.01]);
  });

  test('an agreed share of disagreement is harm above it and safe below it', () => {
    const { events = [] } = withEvents(STEP, [{ name: 'differs', kind: 'disagreement', floor: 0.3 }]);
    expect(events[0]).toMatchObject({ compared: 'alone', floor: 0.3, safeRate: 0.3, ceiling: 1 });
  });

  test.each([
    ['slow', [SLOW, SLOW]],
    ['errors', [{ name: 'errors', kind: 'errors' } as const]],
    ['release-budget', [{ name: 'release-budget', kind: 'guardrail' } as const]],
  ])('a second "%s" is refused', (name, orders) => {
    expect(() => withEvents(STEP, orders)).toThrow(
      `event "${name}" cannot be added: each event needs a name of its own`,
    );
  });
});
