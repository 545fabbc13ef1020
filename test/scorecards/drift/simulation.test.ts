import { describe, expect, test } from '@jest/globals';
import { coarseCounts, fineCounts } from '../../../scorecards/drift/coarse-bins.ts';
import { judgeWindow } from '../../../scorecards/drift/judge.ts';
import { kolmogorovSmirnov } from '../../../scorecards/statistics/kolmogorov-smirnov.ts';
import { psi } from '../../../scorecards/statistics/psi.ts';
import { present } from '../../present.ts';
import { seededDraws } from '../../seeded-draws.ts';
import { sketchOf } from './sketches.ts';
import { fareGrid, normals, week } from './worlds.ts';

/**
 * Drawn once, as the expected numbers have it. Its luck shows where a shift sits on a bound: a normal shifted by a quarter of a
 * deviation lies D = 0.0995 from an unshifted one and 0.1013 from these draws; from others 0.096 to 0.103. Against evenly spaced
 * quantiles the shares at D ≥ 0.1 would be 0.747 of 1,000 rows and 0.477 of 100,000.
 */
const baseline = sketchOf(fareGrid, normals(6, 100_000));

interface Simulated {
  readonly meanPsi: number;
  readonly psiWarns: number;
  readonly psiDrifts: number;
  readonly ksRaised: number;
  readonly psiAboveFloor: number;
}

/** Shares of runs that each rule flags, `rows` draws of a normal shifted by `shift` against 100,000 unshifted ones. */
function simulate({ shift, rows, runs }: { shift: number; rows: number; runs: number }): Simulated {
  const draws = seededDraws(rows * 1000 + shift * 100);
  const measured = Array.from({ length: runs }, () => {
    const current = sketchOf(
      fareGrid,
      Array.from({ length: rows }, () => draws.normal(shift)),
    );
    const index = present(psi(coarseCounts(fareGrid, baseline, current)));
    return { index, ks: present(kolmogorovSmirnov(fineCounts(baseline, current))) };
  });
  const share = (flagged: (one: (typeof measured)[number]) => boolean) => measured.filter(flagged).length / runs;
  return {
    meanPsi: measured.reduce((sum, { index }) => sum + index.value, 0) / runs,
    psiWarns: share(({ index }) => index.value >= 0.1),
    psiDrifts: share(({ index }) => index.value >= 0.2),
    ksRaised: share(({ ks }) => ks.low >= 0.1 && ks.p < 0.05 / 30),
    psiAboveFloor: share(({ index }) => index.value >= 0.1 && index.value >= index.floor),
  };
}

/** Expected numbers come from an independent simulation in NumPy. */
describe('false alarms and power', () => {
  test.each([
    [
      { shift: 0, rows: 100, runs: 500 },
      { psiWarns: 0.323, psiDrifts: 0.007, ksRaised: 0, psiAboveFloor: 0.003 },
      0.0863,
    ],
    [{ shift: 0, rows: 300, runs: 200 }, { psiWarns: 0, psiDrifts: 0, ksRaised: 0, psiAboveFloor: 0 }, 0.0303],
    [{ shift: 0, rows: 1000, runs: 100 }, { psiWarns: 0, psiDrifts: 0, ksRaised: 0, psiAboveFloor: 0 }, 0.0089],
    [{ shift: 0.1, rows: 10_000, runs: 20 }, { psiWarns: 0, psiDrifts: 0, ksRaised: 0, psiAboveFloor: 0 }, 0.0104],
    [
      { shift: 0.25, rows: 1000, runs: 1000 },
      { psiWarns: 0.037, psiDrifts: 0, ksRaised: 0.783, psiAboveFloor: 0.037 },
      0.0683,
    ],
    [{ shift: 0.5, rows: 300, runs: 200 }, { psiWarns: 1, psiDrifts: 0.865, ksRaised: 1, psiAboveFloor: 1 }, 0.2668],
  ])('are as simulated for %j', (world, expected, meanPsi) => {
    const { meanPsi: mean, ...shares } = simulate(world);
    const off = Object.entries(expected).map(([rule, share]) => Math.abs(Number(Reflect.get(shares, rule)) - share));
    expect(Math.max(...off)).toBeLessThanOrEqual(0.05);
    expect(Math.abs(mean / meanPsi - 1)).toBeLessThan(0.12);
  });

  test('are as simulated for a large window on the edge of the bounds', () => {
    const half = simulate({ shift: 0.5, rows: 100_000, runs: 2 });
    expect(half).toMatchObject({ psiWarns: 1, psiDrifts: 1, ksRaised: 1 });
    expect(Math.abs(half.meanPsi - 0.2382)).toBeLessThan(0.15 * 0.2382);
    const quarter = simulate({ shift: 0.25, rows: 100_000, runs: 40 });
    expect(quarter).toMatchObject({ psiWarns: 0, psiDrifts: 0, psiAboveFloor: 0 });
    expect(Math.abs(quarter.ksRaised - 0.85)).toBeLessThanOrEqual(0.15);
    expect(Math.abs(quarter.meanPsi - 0.0601)).toBeLessThan(0.15 * 0.0601);
  });

  test('a quiet world raises nothing in a hundred windows of the smallest size that is judged', () => {
    const raised = Array.from({ length: 100 }, (_, run) =>
      judgeWindow(week(0, { current: new Map([['fare', sketchOf(fareGrid, normals(1000 + run, 500))]]) })),
    ).flatMap((findings) => findings.filter(({ level }) => level !== 'none'));
    expect(raised).toEqual([]);
  });
});
