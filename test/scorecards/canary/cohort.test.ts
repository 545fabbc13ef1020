import { describe, expect, test } from '@jest/globals';
import { armOf } from '../../../scorecards/canary/cohort.ts';

const IDS = Array.from({ length: 100_000 }, (_, index) => `user-${index}`);
const on = (percent: number) => new Set(IDS.filter((id) => armOf(id, percent) === 'challenger'));

describe('CA3: the cohort of a challenger', () => {
  test.each([
    [5, 0.05],
    [10, 0.0998],
    [25, 0.2489],
    [50, 0.5],
    [99, 0.99],
  ])('vector I: at %d %% it holds a share of about %d of the users', (percent, share) => {
    expect(Math.abs(on(percent).size / IDS.length - share)).toBeLessThan(0.004);
  });

  test('grows and never shrinks as the weight does', () => {
    const steps = [1, 5, 10, 25, 50, 75, 99];
    const left = IDS.filter((id) => {
      const arms = steps.map((percent) => armOf(id, percent)).join(' ');
      return /challenger .*champion/.test(arms);
    });
    expect(left).toStrictEqual([]);
  });

  test('is nobody at 0 and everybody at 100', () => {
    expect([on(0).size, on(100).size]).toStrictEqual([0, IDS.length]);
  });

  test('is the same in every process and every version, or users would change sides', () => {
    expect(IDS.slice(0, 40).filter((id) => armOf(id, 25) === 'challenger')).toStrictEqual([
      'user-1',
      'user-2',
      'user-3',
      'user-10',
      'user-16',
      'user-21',
      'user-22',
      'user-24',
      'user-25',
      'user-27',
      'user-29',
      'user-33',
    ]);
  });

  test('does not follow from where the users stand in another list', () => {
    const even = IDS.filter((_id, index) => index % 2 === 0);
    const share = even.filter((id) => armOf(id, 25) === 'challenger').length / even.length;
    expect(Math.abs(share - 0.25)).toBeLessThan(0.006);
  });
});
