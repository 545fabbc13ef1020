import { describe, expect, test } from '@jest/globals';
import { alphaOfPhase, clearNeeds, phasesOf, shadowPhaseOf, withFrozenRate } from '../../../scorecards/canary/plan.ts';
import * as sections from '../../../scorecards/policy/sections.ts';
import { SHADOW, SOAK, STEP } from './phases.ts';

const DEFAULT = sections.rollout.parse({});
const SHADOW_DEFAULT = sections.shadow.parse({});

describe('the phases of a policy', () => {
  test('N5: by default live traffic begins at 5 % and grows by 25 % and 50 %', () => {
    expect(phasesOf(DEFAULT).map(({ mode, percent }) => `${mode} ${percent}`)).toStrictEqual([
      'canary 5',
      'canary 25',
      'canary 50',
      'soak 100',
    ]);
  });

  test('CA6: steps last from 10 minutes to 4 hours, N6: the soak exactly 24 hours', () => {
    const [step, , , soak] = phasesOf(DEFAULT);
    expect(step).toMatchObject({ atLeastMs: 600_000, atMostMs: 14_400_000, lookMs: 5000 });
    expect(soak).toMatchObject({ atLeastMs: 86_400_000, atMostMs: 86_400_000 });
  });

  test("CA2: the false alarms of all phases together stay within the release's alpha", () => {
    const phases = [shadowPhaseOf(SHADOW_DEFAULT, DEFAULT), ...phasesOf(DEFAULT)];
    expect(phases.reduce((sum, { alpha }) => sum + alpha, 0)).toBeCloseTo(0.01, 12);
    expect(alphaOfPhase(0.01, 5)).toBe(0.002);
  });

  test('the ceiling is 10 %, or where an availability objective burns fast, and never below twice the floor', () => {
    const ceiling = (availability: number) => phasesOf(DEFAULT, { availability })[0]?.ceiling;
    expect(phasesOf(DEFAULT)[0]?.ceiling).toBe(0.1);
    expect(ceiling(0.99)).toBeCloseTo(0.144, 12);
    expect(ceiling(0.9999)).toBe(0.01);
    expect(ceiling(0.9)).toBe(1);
  });

  test('evidence begins once by default, and at every look when restart is asked for', () => {
    expect(phasesOf(DEFAULT).map(({ restartLooks }) => restartLooks)).toStrictEqual(times4(undefined));
    expect(phasesOf(DEFAULT, { restart: true }).map(({ restartLooks }) => restartLooks)).toStrictEqual([
      2880, 2880, 2880, 17_280,
    ]);
  });

  test('SH6: the shadow is watched until `within`', () => {
    expect(shadowPhaseOf(SHADOW_DEFAULT, DEFAULT)).toMatchObject({ mode: 'shadow', percent: 100, atMostMs: 7_200_000 });
  });

  test('a frozen rate is the upper end of what the champion did, and needs a champion that did something', () => {
    expect(withFrozenRate(SOAK, { requests: 10_000, bad: 10 }).frozenRate).toBeCloseTo(0.002_565, 6);
    expect(withFrozenRate(SOAK, { requests: 0, bad: 0 })).not.toHaveProperty('frozenRate');
  });
});

describe('how many good answers it takes until a phase is clear', () => {
  test.each([
    [0.05, 93, 132],
    [0.01, 477, 675],
    [0.005, 956, 1353],
    [0.001, 4788, 6778],
  ])('a bad rate of %d to be excluded takes %d at beta 5 %% and %d at 1 %%', (safeRate, loose, strict) => {
    const needs = (beta: number) => clearNeeds({ ...STEP, safeRate, beta });
    expect([needs(0.05), needs(0.01)]).toStrictEqual([loose, strict]);
  });

  test('a shadow has no second kind of evidence to average with, and a soak ends by time', () => {
    expect(clearNeeds(SHADOW)).toBeLessThan(clearNeeds(STEP));
    expect(clearNeeds(SOAK)).toBe(0);
  });
});

function times4<T>(value: T): T[] {
  return [value, value, value, value];
}
