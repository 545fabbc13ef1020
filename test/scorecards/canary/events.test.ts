import { describe, expect, test } from '@jest/globals';
import type { EventOrder } from '../../../scorecards/canary/event-plan.ts';
import { openPhase, stepIsOver, takeLook } from '../../../scorecards/canary/judge.ts';
import { withFrozenRate } from '../../../scorecards/canary/plan.ts';
import type { CanaryPlan, CanaryWord, EventKind } from '../../../scorecards/canary/verdict.ts';
import { present } from '../../present.ts';
import { armsOf, eventLook, stepWith, watchEvents } from './event-phases.ts';
import type { Counted, Seen } from './event-phases.ts';
import { SHADOW, SOAK, START, STEP, times } from './phases.ts';

const REBOOKED: EventOrder = { name: 'rebooked', kind: 'guardrail' };
const GUARDED = stepWith([REBOOKED]);
const MALFORMED = stepWith([{ name: 'malformed', kind: 'malformed' }]);
const FINE: Seen = { rebooked: [15, 50, 285, 950] };
const WORSE: Seen = { rebooked: [40, 50, 285, 950] };
const ABSENT: Seen = {};

describe('one engine for every yes/no question', () => {
  test.each<EventKind>(['errors', 'timeouts', 'slow', 'malformed', 'wrong-label', 'guardrail'])(
    'CA2: %s are judged by the very numbers that errors are',
    (kind) => {
      const counted: Counted = [3, 50, 2, 950];
      const plan = stepWith([{ name: 'asked', kind }]);
      const look = { ...eventLook({ asked: counted }, 0), ...armsOf(counted) };
      const { verdict } = takeLook(plan, openPhase(plan, START), look);
      const alone = takeLook(STEP, openPhase(STEP, START), look);
      expect(verdict.events?.['asked']?.evidence.harm).toBe(alone.verdict.evidence.harm);
      expect(verdict.events?.['asked']?.evidence.safe).toBe(alone.verdict.evidence.safe);
    },
  );

  test.each<[string, CanaryPlan, readonly (Seen | 'missed')[], CanaryWord]>([
    [
      'CA1: a business guardrail that falls on the challenger alone is a rollback',
      GUARDED,
      times(3, WORSE),
      'rollback',
    ],
    ['a guardrail that is as bad on both arms is neither harm nor a freeze', GUARDED, times(9, FINE), 'wait'],
    ['a guardrail that is as good on both arms is clear in time', GUARDED, times(40, FINE), 'clear'],
    ['a step waits for a guardrail that nobody counted', GUARDED, times(40, ABSENT), 'wait'],
    ['malformed answers of both arms alike freeze', MALFORMED, times(2, { malformed: [30, 50, 570, 950] }), 'freeze'],
    ['malformed answers of the challenger alone roll back', MALFORMED, [{ malformed: [9, 50, 0, 950] }], 'rollback'],
    ['a scrape that is missed misses every event', GUARDED, times(3, 'missed' as const), 'dark'],
    [
      'an event that is only shown never decides',
      stepWith([{ ...REBOOKED, decides: false }]),
      times(40, WORSE),
      'clear',
    ],
    [
      'labels come late, so no step waits for them',
      stepWith([{ name: 'wrong', kind: 'wrong-label' }]),
      times(40, ABSENT),
      'clear',
    ],
    [
      'but labels that came and tell of harm are heard',
      stepWith([{ name: 'wrong', kind: 'wrong-label' }]),
      [...times(20, ABSENT), { wrong: [40, 50, 285, 950] }, { wrong: [40, 50, 285, 950] }],
      'rollback',
    ],
  ])('%s', (_title, plan, looks, word) => {
    expect(watchEvents(plan, looks).verdict.word).toBe(word);
  });

  test('the verdict names the event, its numbers, and shows all of them', () => {
    const { verdict } = watchEvents(GUARDED, times(3, WORSE));
    expect(verdict).toMatchObject({ event: 'rebooked', events: { rebooked: { word: 'rollback' } } });
    expect(verdict.reason).toMatch(/^rebooked 80 % against 30 % \(80 of 100\): harm 1,005 ≥ 200$/);
    expect(verdict.evidence).toStrictEqual(verdict.events?.['rebooked']?.evidence);
  });

  test('harm of any event stays harm', () => {
    const { state } = watchEvents(GUARDED, times(3, WORSE));
    expect(takeLook(GUARDED, state, eventLook(FINE, 9)).verdict.word).toBe('rollback');
    expect(stepIsOver(GUARDED, state)).toBe('stay');
  });
});

describe('SH6: evidence that is missing is a gap and no zero', () => {
  test('looks without the event leave its evidence as it was, bit for bit', () => {
    const whole = watchEvents(GUARDED, [FINE, FINE, WORSE]).state.events?.['rebooked'];
    const gaps = watchEvents(GUARDED, [FINE, ABSENT, ABSENT, FINE, ABSENT, WORSE]).state.events?.['rebooked'];
    expect(gaps).toStrictEqual(whole);
  });

  test('counts that cannot be are a gap', () => {
    const { state } = watchEvents(GUARDED, [FINE, { rebooked: [51, 50, 0, 950] }, { rebooked: [Number.NaN, 5, 0, 9] }]);
    expect(state.events?.['rebooked']).toMatchObject({ challenger: { requests: 50, bad: 15 }, missedInARow: 2 });
  });

  test('three gaps in a row make the event dark, and the step says whom it waits for', () => {
    const { verdict } = watchEvents(GUARDED, [...times(40, FINE), ...times(3, ABSENT)]);
    expect(verdict).toMatchObject({ word: 'wait', event: 'rebooked', events: { rebooked: { word: 'dark' } } });
    expect(verdict.reason).toMatch(/^rebooked: not counted in the last 3 looks, so nobody knows; before that/);
  });

  test('an event whose challenger got no request cannot be clear', () => {
    const quiet: Seen = { rebooked: [0, 0, 285, 950] };
    const { verdict } = watchEvents(GUARDED, [...times(40, FINE), ...times(3, quiet)]);
    expect(verdict).toMatchObject({ word: 'wait', events: { rebooked: { word: 'no-traffic' } } });
  });

  test('a step that ends without it is inconclusive and names it', () => {
    const short = { ...GUARDED, atMostMs: 100_000 };
    const { verdict } = watchEvents(short, times(20, ABSENT));
    expect(verdict).toMatchObject({ word: 'inconclusive', event: 'rebooked' });
  });
});

describe('what an event is held against', () => {
  test('SH2: a disagreement above the agreed share is harm, whatever the champion does', () => {
    const plan = stepWith([{ name: 'disagreement', kind: 'disagreement', floor: 0.3 }], SHADOW);
    const of = (bad: number): Seen => ({ disagreement: [bad, 100, 0, 100] });
    const words = [28, 60].map((bad) => watchEvents(plan, times(10, of(bad))).verdict.events?.['disagreement']?.word);
    expect(words).toStrictEqual(['wait', 'rollback']);
    expect(watchEvents(plan, times(10, of(15))).verdict.events?.['disagreement']?.word).toBe('clear');
  });

  test('SH2, vector D: pairs in which only one arm was right are a sequential McNemar test', () => {
    const plan = stepWith([{ name: 'wrong', kind: 'wrong-label', compared: 'pairs' }], SHADOW);
    const lost: Seen = { wrong: [1, 10, 0, 10] };
    const won: Seen = { wrong: [0, 10, 1, 10] };
    const { verdict } = watchEvents(plan, [...times(4, won), ...times(14, lost)]);
    expect(Math.log(present(verdict.events?.['wrong']).evidence.harm)).toBeCloseTo(1.3694641579, 9);
    expect(watchEvents(plan, times(14, lost)).verdict).toMatchObject({ word: 'rollback', event: 'wrong' });
  });

  test('several latencies are one question: their relative evidence is averaged, the floor is that of the first', () => {
    const plan = stepWith([{ name: 'slow', kind: 'slow', thresholds: ['0.3', '1.2'] }]);
    const first = armsOf([3, 50, 20, 950]);
    const slow = { ...first, thresholds: { '0.3': armsOf([9, 50, 2, 950]), '1.2': armsOf([2, 50, 9, 950]) } };
    const only = (counts: Counted) =>
      watchEvents(stepWith([{ name: 'slow', kind: 'slow', floor: 1e-6 }]), [{ slow: counts }]);
    const parts = (
      [
        [3, 50, 20, 950],
        [9, 50, 2, 950],
        [2, 50, 9, 950],
      ] as const
    ).map((counts) => present(only(counts).verdict.events?.['slow']).evidence.harm);
    const mean = parts.reduce((sum, one) => sum + one, 0) / 3;
    const floored = watchEvents(stepWith([{ name: 'slow', kind: 'slow' }]), [{ slow: [3, 50, 0, 950] }]);
    const found = present(watchEvents(plan, [{ slow }]).verdict.events?.['slow']).evidence.harm;
    const floor = present(floored.verdict.events?.['slow']).evidence.harm;
    expect(found).toBeCloseTo(Math.min(mean, floor), 9);
    expect(mean).toBeGreaterThan(floor);
  });

  test('requests that were chosen and not drawn are compared with nothing but the floor', () => {
    const cohort = stepWith([{ ...REBOOKED, compared: 'alone', floor: 0.5 }]);
    expect(watchEvents(cohort, times(3, WORSE)).verdict.word).toBe('rollback');
    expect(watchEvents(cohort, times(9, { rebooked: [15, 50, 0, 950] })).verdict.word).not.toBe('rollback');
  });
});

describe('a soak, where nobody is left to compare with', () => {
  const soak = stepWith([REBOOKED], SOAK);
  const alone = (bad: number): Seen => ({ rebooked: [bad, 1000, 0, 0] });

  test('an event without a frozen baseline says nothing and holds nobody up', () => {
    expect(watchEvents(soak, times(3, alone(900))).verdict.word).toBe('wait');
    expect(watchEvents(soak, times(12, alone(900))).verdict.word).toBe('clear');
  });

  test('with the rates of the last step each event has its own baseline', () => {
    const champion = { requests: 20_000, bad: 20 };
    const frozen = withFrozenRate(soak, champion, { rebooked: { requests: 20_000, bad: 6000 } });
    expect(frozen.events?.[0]?.frozenRate).toBeCloseTo(0.311, 2);
    expect(watchEvents(frozen, times(12, alone(300))).verdict.word).toBe('clear');
    expect(watchEvents(frozen, times(3, alone(600))).verdict).toMatchObject({ word: 'rollback', event: 'rebooked' });
    expect(watchEvents(frozen, [...times(9, alone(300)), ...times(3, ABSENT)]).verdict).toMatchObject({
      word: 'inconclusive',
      event: 'rebooked',
    });
  });
});
