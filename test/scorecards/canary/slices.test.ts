import { describe, expect, test } from '@jest/globals';
import { eBenjaminiHochberg } from '../../../scorecards/statistics/e-benjamini-hochberg.ts';
import type { BothArms } from '../../../scorecards/canary/verdict.ts';
import { armsOf, stepWith, watchEvents } from './event-phases.ts';
import type { Counted } from './event-phases.ts';
import { times } from './phases.ts';

const DAYS = ['mon', 'tue', 'wed', 'thu'];
const PLAN = stepWith([{ name: 'rebooked', kind: 'guardrail', slices: DAYS }]);

function look(slices: Readonly<Record<string, Counted>>) {
  const parts: Record<string, BothArms> = Object.fromEntries(
    Object.entries(slices).map(([name, counted]) => [name, armsOf(counted)]),
  );
  return { rebooked: { ...armsOf([15, 200, 285, 3800]), slices: parts } };
}

describe('CA2: harm in one declared slice is harm', () => {
  test('although the whole looks well', () => {
    const { verdict } = watchEvents(PLAN, times(2, look({ mon: [14, 20, 20, 900], tue: [1, 180, 265, 2900] })));
    expect(verdict).toMatchObject({ word: 'rollback', event: 'rebooked', events: { rebooked: { harmed: ['mon'] } } });
    expect(verdict.reason).toBe('rebooked in mon 70 % against 2.2 % (14 of 20): harm within 4 declared slices');
  });

  test('a slice that was not declared is no evidence', () => {
    const { verdict } = watchEvents(PLAN, times(2, look({ sun: [14, 20, 20, 900] })));
    expect(verdict.word).toBe('wait');
  });

  test('a slice that was not counted keeps its evidence', () => {
    const one = watchEvents(PLAN, [look({ mon: [2, 20, 20, 900] })]).state.events?.['rebooked']?.slices;
    const two = watchEvents(PLAN, [look({ mon: [2, 20, 20, 900] }), look({})]).state.events?.['rebooked']?.slices;
    expect(two).toStrictEqual(one);
  });

  test('two bad events are too few in a slice as they are in the whole', () => {
    const { verdict } = watchEvents(PLAN, [look({ mon: [2, 2, 0, 1e6] })]);
    expect(verdict.word).toBe('wait');
  });
});

describe('e-values of many hypotheses', () => {
  const logs = (...values: readonly number[]) => values.map(Math.log);

  test.each<[string, number[], number[]]>([
    ['one needs as much as by Bonferroni', logs(80, 1, 1, 1), [0]],
    ['a little less is not enough', logs(79, 1, 1, 1), []],
    ['two that are large together need half each', logs(1, 40, 1, 41), [3, 1]],
    ['all need only 1/alpha', logs(20, 20, 20, 20), [0, 1, 2, 3]],
    ['nothing is nothing', [], []],
    ['no evidence at all rejects nothing', [-Infinity, -Infinity], []],
  ])('%s', (_title, values, rejected) => {
    expect(eBenjaminiHochberg(values, 0.05)).toStrictEqual(rejected);
  });
});
