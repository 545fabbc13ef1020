import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { openPhase, takeLook } from '../../../scorecards/canary/judge.ts';
import type { CanaryState } from '../../../scorecards/canary/judge.ts';
import { eventLook, stepWith } from './event-phases.ts';
import type { Seen } from './event-phases.ts';
import { START, STEP } from './phases.ts';

const PLAN = stepWith(
  [
    { name: 'rebooked', kind: 'guardrail', slices: ['mon', 'tue'], lambda: 0.4 },
    { name: 'slow', kind: 'slow', thresholds: ['1.2'] },
    { name: 'differs', kind: 'disagreement', floor: 0.3 },
    { name: 'pairs', kind: 'wrong-label', compared: 'pairs' },
  ],
  { ...STEP, restartLooks: 100 },
);
const arm = fc.tuple(fc.nat(3000), fc.nat(3000)).map(([one, two]) => ({
  requests: Math.max(one, two),
  bad: Math.min(one, two),
}));
const both = fc.record({ champion: arm, challenger: arm });
const parts = (names: readonly string[]) => fc.dictionary(fc.constantFrom(...names, 'undeclared'), both);
const counts = fc.record(
  { champion: arm, challenger: arm, slices: parts(['mon', 'tue']), thresholds: parts(['1.2']) },
  { requiredKeys: ['champion', 'challenger'] },
);
const seen: fc.Arbitrary<Seen | 'missed'> = fc.oneof(
  { weight: 5, arbitrary: fc.dictionary(fc.constantFrom('rebooked', 'slow', 'differs', 'pairs', 'other'), counts) },
  { weight: 1, arbitrary: fc.constant('missed' as const) },
);

describe('whatever is counted of the events', () => {
  test('a phase resumed from its serialised state at every look ends bit for bit like an uninterrupted one', () => {
    fc.assert(
      fc.property(fc.array(seen, { minLength: 1, maxLength: 12 }), (looks) => {
        let whole = openPhase(PLAN, START);
        let resumed = openPhase(PLAN, START);
        for (const [index, one] of looks.entries()) {
          const next = takeLook(PLAN, whole, eventLook(one, index));
          whole = next.state;
          const heartbeat: CanaryState = JSON.parse(JSON.stringify(resumed));
          resumed = takeLook(PLAN, heartbeat, eventLook(one, index)).state;
          expect(JSON.parse(JSON.stringify(next))).toStrictEqual(next);
          expect(next.verdict.reason).not.toMatch(/NaN|undefined|Infinity/);
        }
        expect(JSON.stringify(resumed)).toBe(JSON.stringify(whole));
      }),
      { numRuns: 20, seed: 21 },
    );
  });

  test('what a heartbeat must hold stays below 2 KB for each event, slice and threshold', () => {
    const state = takeLook(PLAN, openPhase(PLAN, START), eventLook({ rebooked: [3, 50, 2, 950] }, 0)).state;
    expect(JSON.stringify(state).length).toBeLessThan(8 * 2048);
  });
});
