import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { judgeCandidate } from '../../../scorecards/candidate/judge.ts';
import { twoSidedZ } from '../../../scorecards/statistics/normal-quantile.ts';
import { seededRandom } from '../../../scorecards/statistics/seeded-random.ts';
import { estimate, measurement, scorecardOf } from './scorecards.ts';

const HALF = 0.02;
/** What must hold on every slice: recall no worse than the champion's by 0.03. */
const recall = { name: 'recall', group: 'quality', metric: 'recall', by: 'g', versusChampion: { noWorseBy: 0.03 } };

/** One measurement per difference, the n-th on slice g=n. */
const slices = (differences: readonly number[], half = HALF) =>
  differences.map((difference, place) =>
    measurement('recall', {
      slice: { column: 'g', value: String(place) },
      challenger: estimate(0.6, half),
      champion: estimate(0.6, half),
      difference: estimate(difference, half),
    }),
  );
const judge = (differences: readonly number[], more: object = {}) =>
  judgeCandidate({
    scorecard: scorecardOf({ ...recall, ...more }),
    measurements: slices(differences),
    bootstrap: false,
    declaredSlices: [],
  });

describe('many slices of one criterion', () => {
  test('EV3: one beyond its bound by chance is inconclusive, never a pass, and its sentence says among how many', () => {
    const { findings, reasons, verdict } = judge([-0.045, ...Array.from({ length: 19 }, () => 0)]);
    expect(verdict).toBe('inconclusive');
    expect(findings.filter(({ judged }) => judged === 'pass')).toHaveLength(19);
    expect(reasons).toEqual([
      'Recall on g=0 fell by 0.0450 [-0.0650, -0.0250] against the champion, a loss of at most 0.03 is allowed, which chance explains among 20 comparisons of slices (adjusted p 1.00) (n 9,000).',
    ]);
  });

  test('N12, EV3: a collapse of one among a hundred fails, and the verdict names it', () => {
    const { reasons, verdict } = judge([-0.2, ...Array.from({ length: 99 }, () => 0.001)]);
    expect(verdict).toBe('fail');
    expect(reasons[0]).toMatch(/^Recall on g=0 fell by 0\.2000/);
  });

  test('the verdict says how many were compared and what was done about it', () => {
    expect(judge([0, 0, 0]).notes).toEqual([
      '3 slices of 1 criterion were compared with their bounds 3 times. One fails only where its p, adjusted for all of them (Benjamini-Hochberg), is at most 1 - its confidence, and is inconclusive where chance explains it; each must still hold by itself to pass, at its own interval.',
    ]);
  });

  test('all criteria that are judged by slice are one family', () => {
    const scorecard = scorecardOf(recall, { ...recall, name: 'again' });
    const first = slices([0, 0]);
    const measurements = [...first, ...first.map((one) => ({ ...one, criterion: 'again' }))];
    const { notes } = judgeCandidate({ scorecard, measurements, bootstrap: false, declaredSlices: [] });
    expect(notes?.[0]).toMatch(/^2 slices of 2 criteria were compared with their bounds 4 times\./);
  });

  test('those with too few rows are not counted', () => {
    const few = [
      ...slices([0, 0]),
      ...slices([-0.2]).map((one) => ({ ...one, n: 10, slice: { column: 'g', value: 'x' } })),
    ];
    const { notes } = judgeCandidate({
      scorecard: scorecardOf(recall),
      measurements: few,
      bootstrap: false,
      declaredSlices: [],
    });
    expect(notes?.[0]).toMatch(/^2 slices /);
  });

  test('one alone needs no note', () => {
    expect(judge([0])).not.toHaveProperty('notes');
    expect(judge([-0.031]).reasons[0]).toMatch(/is allowed, which chance explains \(p 0\.92\) \(n 9,000\)\.$/);
  });

  test('a slice that is judged at the point fails by its point', () => {
    expect(judge([-0.031, 0, 0], { judge: 'point' })).toMatchObject({ verdict: 'fail' });
  });

  test('EV1: whatever the others are, a slice passes exactly when it would by itself', () => {
    const difference = fc.double({ min: -0.2, max: 0.2, noNaN: true });
    fc.assert(
      fc.property(fc.array(difference, { minLength: 1, maxLength: 30 }), (differences) => {
        const together = judge(differences).findings.map(({ judged }) => judged === 'pass');
        expect(together).toEqual(differences.map((one) => one - HALF >= -0.03 - 1e-12));
      }),
    );
  });

  test('fewer than 5 % of models that are exactly as bad as is allowed on 20 slices are said to fail', () => {
    const random = seededRandom(7);
    const noise = () => {
      const sum = Array.from({ length: 12 }, () => random()).reduce((total, one) => total + one, -6);
      return (sum * HALF) / twoSidedZ(0.95);
    };
    const verdicts = Array.from({ length: 400 }, () => judge(Array.from({ length: 20 }, () => -0.03 + noise())));
    const failed = verdicts.filter(({ verdict }) => verdict === 'fail').length / verdicts.length;
    expect(failed).toBeLessThan(0.05);
    expect(verdicts.some(({ verdict }) => verdict === 'pass')).toBe(false);
  });
});
