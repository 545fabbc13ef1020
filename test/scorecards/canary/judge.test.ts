import { describe, expect, test } from '@jest/globals';
import { cancelPhase, mayRenewLease, openPhase, stepIsOver, takeLook } from '../../../scorecards/canary/judge.ts';
import type { CanaryPlan, CanaryWord } from '../../../scorecards/canary/verdict.ts';
import { LOOK_MS, SHADOW, SOAK, START, STEP, lookOf, times, watch, watchAll } from './phases.ts';
import type { Glance } from './phases.ts';

const GOOD: Glance = { challenger: [0, 50], champion: [1, 950] };
const NOBODY: Glance = { challenger: [0, 0] };
const HARM: Glance = { challenger: [20, 50], champion: [1, 950] };
const BOTH_BAD: Glance = { challenger: [20, 50], champion: [380, 950] };
const DOWN: Glance = { challenger: [0, 0], down: true };
const SHORT: CanaryPlan = { ...STEP, atLeastMs: 2 * LOOK_MS, atMostMs: 4 * LOOK_MS };

describe('the verdict of a step: the first row of the table that holds', () => {
  test.each<[title: string, plan: CanaryPlan, glances: readonly Glance[], word: CanaryWord]>([
    ['CA2: harm on the challenger alone is a rollback', STEP, [HARM], 'rollback'],
    ['CA2: a server that is down for two looks is target-down', STEP, [DOWN, DOWN], 'target-down'],
    ['a server that is down for one look is not gone yet', STEP, [DOWN], 'wait'],
    ['a server that comes back between two looks is not gone', STEP, [DOWN, GOOD, DOWN], 'wait'],
    [
      'two bad answers are too few to alarm, however telling',
      STEP,
      [{ challenger: [2, 2], champion: [0, 1e6] }],
      'wait',
    ],
    ['three as telling ones are enough', STEP, [{ challenger: [3, 3], champion: [0, 1e6] }], 'rollback'],
    [
      'errors that nobody would notice are no harm, however relative',
      STEP,
      times(9, { challenger: [1, 1000], champion: [0, 1e6] }),
      'clear',
    ],
    ['harm goes before a server that is down only once', STEP, [HARM, DOWN], 'rollback'],
    ['when the champion fails alike the service is frozen, not rolled back', STEP, [BOTH_BAD], 'freeze'],
    ['a freeze goes before missing scrapes', STEP, [BOTH_BAD, 'missed', 'missed', 'missed'], 'freeze'],
    ['CA2: three missed scrapes in a row are dark', STEP, [GOOD, ...times(3, 'missed' as const)], 'dark'],
    ['two missed scrapes are not dark yet', STEP, [GOOD, 'missed', 'missed'], 'wait'],
    ['missed scrapes that are not in a row are not dark', STEP, ['missed', 'missed', GOOD, 'missed'], 'wait'],
    ['dark goes before no traffic', STEP, [...times(3, NOBODY), ...times(3, 'missed' as const)], 'dark'],
    ['CA2: three looks without a request on the challenger are no traffic', STEP, times(3, NOBODY), 'no-traffic'],
    ['two looks without a request are not', STEP, times(2, NOBODY), 'wait'],
    ['a missed scrape is not a look without requests', STEP, [NOBODY, 'missed', NOBODY], 'wait'],
    ['no traffic goes before an earlier clearance', STEP, [...times(12, GOOD), ...times(3, NOBODY)], 'no-traffic'],
    ['enough good answers are clear', STEP, times(12, GOOD), 'clear'],
    ['a clearance outlasts a later doubt', STEP, [...times(12, GOOD), { challenger: [2, 50] }], 'clear'],
    ['a clearance does not outlast harm', STEP, [...times(12, GOOD), ...times(4, HARM)], 'rollback'],
    ['a clearance is not repeated on a look that saw nothing', STEP, [...times(12, GOOD), 'missed'], 'wait'],
    ['a step without a verdict at its longest is inconclusive', SHORT, times(4, GOOD), 'inconclusive'],
    ['a step that saw nobody until its end is inconclusive', SHORT, times(4, NOBODY), 'inconclusive'],
    ['a step that ends blind stays dark, so that its lease runs out', SHORT, times(4, 'missed' as const), 'dark'],
    ['before its end it waits', SHORT, times(3, GOOD), 'wait'],
    ['counts that cannot be are a missed look', STEP, times(3, { challenger: [5, 3] } as const), 'dark'],
  ])('%s', (_title, plan, glances, word) => {
    expect(watch(plan, glances).verdict.word).toBe(word);
  });

  test('harm is found although it begins within a step that was cleared long ago', () => {
    const words = watchAll(STEP, [...times(30, GOOD), ...times(20, HARM)]).map(({ verdict }) => verdict.word);
    expect(words.indexOf('rollback')).toBeGreaterThan(29);
  });

  test('time counts from the start that was given, and from the first look otherwise', () => {
    const late = takeLook(SHORT, openPhase(SHORT, START - 60_000), lookOf(GOOD, 0));
    const fresh = takeLook(SHORT, openPhase(SHORT), lookOf(GOOD, 0));
    expect([late.verdict.word, fresh.verdict.word]).toStrictEqual(['inconclusive', 'wait']);
  });
});

describe('CA6: a step may advance only on fresh evidence and after its minimum', () => {
  const plan: CanaryPlan = { ...STEP, atLeastMs: 15 * LOOK_MS };

  test.each<[string, readonly Glance[], 'advance' | 'stay']>([
    ['clear before the minimum stays', times(14, GOOD), 'stay'],
    ['clear at the minimum advances', times(15, GOOD), 'advance'],
    ['clear without a fresh look stays', [...times(15, GOOD), 'missed'], 'stay'],
    ['the minimum without clearance stays', times(15, { challenger: [0, 5] }), 'stay'],
    ['harm after the minimum stays', [...times(15, GOOD), ...times(9, HARM)], 'stay'],
    ['no look at all stays', ['missed'], 'stay'],
  ])('CA6: %s', (_title, glances, expected) => {
    expect(stepIsOver(plan, watch(plan, glances).state)).toBe(expected);
  });
});

describe('the lease', () => {
  test.each<[string, readonly Glance[], boolean]>([
    ['a healthy look renews it', [GOOD], true],
    ['a quiet challenger renews it', times(4, NOBODY), true],
    ['a freeze renews it, since the champion would do no better', [BOTH_BAD], true],
    ['a missed look does not', [GOOD, 'missed'], false],
    ['harm does not, at once', [GOOD, HARM], false],
    ['a challenger that is down does not', [DOWN, DOWN], false],
  ])('%s', (_title, glances, expected) => {
    expect(mayRenewLease(watch(STEP, glances).state)).toBe(expected);
  });

  test('nothing was seen yet, so nothing renews it', () => {
    expect(mayRenewLease(openPhase(STEP))).toBe(false);
  });
});

describe('a watch that is called off', () => {
  test('is cancelled, even if it was clear, and stays cancelled', () => {
    const cleared = watch(STEP, times(20, GOOD)).state;
    const cancelled = cancelPhase(STEP, cleared);
    expect(cancelled.verdict.word).toBe('cancelled');
    expect(takeLook(STEP, cancelled.state, lookOf(GOOD, 30)).verdict.word).toBe('cancelled');
    expect(stepIsOver(STEP, cancelled.state)).toBe('stay');
    expect(mayRenewLease(cancelled.state)).toBe(false);
  });
});

describe('a soak at 100 %, where nobody is left to compare with', () => {
  const frozen: CanaryPlan = { ...SOAK, frozenRate: 0.01 };
  const served = (bad: number): Glance => ({ challenger: [bad, 1000], champion: [0, 0] });

  test.each<[string, CanaryPlan, readonly Glance[], CanaryWord]>([
    ['N6: it waits until its last second', frozen, times(11, served(3)), 'wait'],
    ['N6: it is clear at its end, by time and without harm', frozen, times(12, served(3)), 'clear'],
    ['the frozen baseline allows 1.5 times the rate before', frozen, times(12, served(14)), 'clear'],
    ['CA2: far more than the frozen baseline is a rollback', frozen, [served(60)], 'rollback'],
    ['without a frozen baseline the floor decides', SOAK, [served(30)], 'rollback'],
    ['CA2: nobody was served until the end is inconclusive', frozen, times(12, NOBODY), 'inconclusive'],
    ['a quiet moment at the end does not spoil it', frozen, [...times(9, served(1)), ...times(3, NOBODY)], 'clear'],
    ['a blind moment at the end is not clear', frozen, [...times(11, served(1)), 'missed'], 'wait'],
    ['it is dark as a step is', frozen, times(12, 'missed' as const), 'dark'],
  ])('%s', (_title, plan, glances, word) => {
    expect(watch(plan, glances).verdict.word).toBe(word);
  });

  test('above 90 % the same frozen baseline decides, since the champion is too small to compare with', () => {
    const step: CanaryPlan = { ...STEP, percent: 95, frozenRate: 0.01 };
    const glance: Glance = { challenger: [60, 950], champion: [0, 50] };
    const { verdict } = watch(step, [glance]);
    expect(verdict.word).toBe('rollback');
    expect(verdict.reason).toContain('against the frozen baseline 1.5 %');
  });
});

describe('SH2: a shadow is judged by its own counters', () => {
  test.each<[string, readonly Glance[], CanaryWord]>([
    ['errors of the mirror alone are harm, whatever the champion does', [BOTH_BAD], 'rollback'],
    ['good answers are clear', times(11, { challenger: [0, 50], champion: [0, 50] }), 'clear'],
    ['nothing mirrored until the end is inconclusive', times(12, NOBODY), 'inconclusive'],
    ['nothing seen until the end is inconclusive, for nobody is exposed', times(12, 'missed' as const), 'inconclusive'],
    ['nothing seen before the end is dark', times(3, 'missed' as const), 'dark'],
  ])('SH2: %s', (_title, glances, word) => {
    expect(watch(SHADOW, glances).verdict.word).toBe(word);
  });
});

describe('the reason is one sentence with the numbers', () => {
  test.each<[string, CanaryPlan, readonly Glance[], string | RegExp]>([
    [
      'a rollback',
      STEP,
      [{ challenger: [187, 4560], champion: [87, 86_640] }],
      /^errors 4\.1 % against 0\.10 % \(187 of 4,560\): harm over 1,000,000 ≥ 100$/,
    ],
    ['waiting', STEP, [{ challenger: [0, 50] }], 'errors 0 % against 0 % (0 of 50): harm 0.2 of 100, safe 1.2 of 20'],
    [
      'dark',
      STEP,
      [GOOD, ...times(3, 'missed' as const)],
      'no scrape succeeded in 3 looks in a row; before that errors 0 % against 0.11 % (0 of 50)',
    ],
    ['no traffic', STEP, [GOOD, ...times(3, NOBODY)], 'the challenger got no request in the last 3 looks, 50 in all'],
    ['a missing arm', STEP, [NOBODY], /^errors nothing against 0 % \(0 of 0\)/],
    ['target-down', STEP, [DOWN, DOWN], /^the challenger's server has been down for 2 looks in a row/],
    ['a freeze', STEP, [BOTH_BAD], /above the ceiling 10 % .* the service itself is failing$/],
    [
      'a soak',
      SOAK,
      times(12, { challenger: [1, 1000] }),
      /^60 s of soak without harm: errors 0\.10 % against the floor 0\.50 %/,
    ],
    ['inconclusive', SHORT, times(4, NOBODY), /^20 s passed without a verdict: .* no request in the last 4 looks$/],
  ])('%s', (_title, plan, glances, reason) => {
    expect(watch(plan, glances).verdict.reason).toMatch(reason);
  });
});
