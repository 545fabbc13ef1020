import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cancelPhase, openPhase, stepIsOver, takeLook } from '../../../scorecards/canary/judge.ts';
import type { CanaryState } from '../../../scorecards/canary/judge.ts';
import {
  harmRatios,
  logEvidence,
  multiply,
  openMixture,
  shareLogRatios,
} from '../../../scorecards/canary/share-engine.ts';
import type { BothArms } from '../../../scorecards/canary/share-engine.ts';
import type { CanaryPlan, Look } from '../../../scorecards/canary/verdict.ts';
import { LOOK_MS, START, STEP } from './phases.ts';

const arm = fc.tuple(fc.nat(5000), fc.nat(5000)).map(([one, two]) => ({
  requests: Math.max(one, two),
  bad: Math.min(one, two),
}));
const look: fc.Arbitrary<Look> = fc
  .oneof(
    { weight: 6, arbitrary: fc.record({ champion: arm, challenger: arm, challengerDown: fc.boolean() }) },
    { weight: 1, arbitrary: fc.constant('missed' as const) },
  )
  .map((drawn) =>
    drawn === 'missed' ? { kind: 'missed', at: START, why: 'timeout' } : { kind: 'counts', at: START, ...drawn },
  );
/** Healthy looks, so that a phase does not end at once. */
const quietLook: fc.Arbitrary<Look> = fc
  .tuple(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 8000 }), fc.nat(1), fc.nat(9))
  .map(([challenger, champion, bad, championBad]) => ({
    kind: 'counts',
    at: START,
    champion: { requests: champion, bad: Math.min(champion, championBad) },
    challenger: { requests: challenger, bad },
    challengerDown: false,
  }));
const plan: fc.Arbitrary<CanaryPlan> = fc
  .record({
    mode: fc.constantFrom('canary', 'shadow', 'soak'),
    percent: fc.constantFrom(1, 5, 50, 95, 100),
    share: fc.constantFrom(0, 0.001, 0.01, 0.5, 1),
    ratio: fc.constantFrom(1, 1.5, 10),
    frozenRate: fc.constantFrom(0, 0.01, 1),
    restart: fc.constantFrom({}, { restartLooks: 2 }, { restartLooks: 100, lambda: 0.3 }),
  })
  .map(({ share, ratio, restart, ...rest }) => ({
    ...STEP,
    ...rest,
    ...restart,
    harmRatio: ratio,
    safeRatio: ratio,
    floor: share,
    safeRate: share,
    ceiling: share,
  }));

function timed(looks: readonly Look[]): Look[] {
  return looks.map((one, index) => ({ ...one, at: START + index * LOOK_MS }));
}

function relative(looks: readonly BothArms[]): number {
  const grid = harmRatios(1.5);
  const mixture = looks.reduce((sum, one) => multiply(sum, shareLogRatios(one, 1.5, grid)), openMixture(grid));
  return logEvidence(mixture);
}

describe('whatever is counted', () => {
  test('every number of the state and of the verdict stays finite, with any policy', () => {
    fc.assert(
      fc.property(plan, fc.array(look, { maxLength: 25 }), (drawn, looks) => {
        let state = openPhase(drawn);
        for (const one of timed(looks)) {
          const next = takeLook(drawn, state, one);
          state = next.state;
          expect(JSON.parse(JSON.stringify(next))).toStrictEqual(next);
          expect(next.verdict.reason).not.toMatch(/NaN|undefined|Infinity/);
        }
      }),
      { numRuns: 300, seed: 11 },
    );
  });

  test('a phase resumed from its serialised state at every look ends bit for bit like an uninterrupted one', () => {
    fc.assert(
      fc.property(plan, fc.array(quietLook, { minLength: 1, maxLength: 25 }), (drawn, looks) => {
        let whole = openPhase(drawn);
        let resumed = openPhase(drawn);
        for (const one of timed(looks)) {
          whole = takeLook(drawn, whole, one).state;
          const heartbeat: CanaryState = JSON.parse(JSON.stringify(resumed));
          resumed = takeLook(drawn, heartbeat, one).state;
        }
        expect(JSON.stringify(resumed)).toBe(JSON.stringify(whole));
      }),
      { numRuns: 200, seed: 12 },
    );
  });

  test('once harm is found nothing changes the verdict any more', () => {
    fc.assert(
      fc.property(fc.array(look, { maxLength: 25 }), (looks) => {
        const failing: Look = {
          kind: 'counts',
          at: START,
          champion: { requests: 950, bad: 1 },
          challenger: { requests: 50, bad: 40 },
          challengerDown: false,
        };
        const harmed = takeLook(STEP, openPhase(STEP), failing);
        const later = timed(looks).reduce((now, one) => takeLook(STEP, now.state, one), harmed);
        expect(later).toStrictEqual(harmed);
        expect(later.verdict.word).toBe('rollback');
        expect(cancelPhase(STEP, later.state).verdict.word).toBe('rollback');
        expect(stepIsOver(STEP, later.state)).toBe('stay');
      }),
      { numRuns: 100, seed: 13 },
    );
  });
});

describe('the relative evidence without restart', () => {
  const served = fc.record({ champion: arm, challenger: arm });

  test('does not move by a single bit in looks without a bad event', () => {
    fc.assert(
      fc.property(served, fc.array(fc.tuple(fc.nat(1e6), fc.nat(1e6)), { maxLength: 20 }), (one, quiet) => {
        const silent = quiet.map(([a, b]) => ({
          champion: { requests: a, bad: 0 },
          challenger: { requests: b, bad: 0 },
        }));
        expect(relative([one, ...silent])).toBe(relative([one]));
      }),
      { numRuns: 200, seed: 14 },
    );
  });

  test('is the same for a look and for its two halves at equal shares', () => {
    const half = fc.tuple(fc.nat(20), fc.nat(20), fc.nat(20), fc.nat(20));
    fc.assert(
      fc.property(half, ([x1, x2, y1, y2]) => {
        const arms = (x: number, y: number, size: number) => ({
          challenger: { requests: 50 * size, bad: x },
          champion: { requests: 950 * size, bad: y },
        });
        expect(relative([arms(x1, y1, 1), arms(x2, y2, 1)])).toBeCloseTo(relative([arms(x1 + x2, y1 + y2, 2)]), 8);
      }),
      { numRuns: 200, seed: 15 },
    );
  });

  test('does not depend on the order of looks at equal shares', () => {
    const looks = fc.array(fc.tuple(fc.nat(20), fc.nat(20)), { minLength: 2, maxLength: 10 });
    fc.assert(
      fc.property(looks, (drawn) => {
        const arms = drawn.map(([x, y]) => ({
          challenger: { requests: 50, bad: x },
          champion: { requests: 950, bad: y },
        }));
        expect(relative(arms.toReversed())).toBeCloseTo(relative(arms), 8);
      }),
      { numRuns: 200, seed: 16 },
    );
  });

  test('grows with the number of bad events that fall on the challenger', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(39), (k, drawn) => {
        const x = drawn % k;
        const arms = (bad: number) => ({
          challenger: { requests: 50, bad },
          champion: { requests: 950, bad: k - bad },
        });
        expect(relative([arms(x + 1)])).toBeGreaterThan(relative([arms(x)]));
      }),
      { numRuns: 200, seed: 17 },
    );
  });
});
