import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { estimateMetric, fitEstimator } from '../../../scorecards/performance/estimate.ts';
import type { Estimator } from '../../../scorecards/performance/estimate.ts';
import { ESTIMATED_METRICS } from '../../../scorecards/performance/metrics.ts';
import type { EstimatedMetric } from '../../../scorecards/performance/metrics.ts';
import { mergeCounts, perBin } from '../../../scorecards/performance/score-counts.ts';
import type { ScoreCounts } from '../../../scorecards/performance/score-counts.ts';
import { fitIsotonic } from '../../../scorecards/statistics/isotonic.ts';
import { present } from '../../present.ts';
import { spanOf } from './scored-days.ts';
import { countRows, type ScoredRow } from './scored-rows.ts';

/** As `make_nannyml.py` wrote it: a score is n / scale, kept as n with a positive label and as -n - 1 with a negative one. */
interface Case {
  readonly name: string;
  readonly scale: number;
  readonly cut: number;
  readonly days: number;
  readonly reference: string;
  readonly later: string;
  readonly isMapped: boolean;
  readonly estimates: Readonly<Record<EstimatedMetric, number>>;
}

const FILE = path.join(import.meta.dirname, '../../fixtures/performance/nannyml.json');
const BINS = 1024;

let cases: readonly Case[] = [];
let nannyml = '';
beforeAll(async () => {
  ({ cases, nannyml } = JSON.parse(await readFile(FILE, 'utf8')) as { cases: readonly Case[]; nannyml: string });
});

const numbers = (text: string): readonly number[] => text.split(' ').map(Number);

const daysOf = ({ cut, days, reference, scale }: Case): readonly ScoreCounts[] => {
  const rows = numbers(reference).map((number): ScoredRow => {
    const label = Number(number >= 0) as 0 | 1;
    return { score: Math.max(number, -number - 1) / scale, label };
  });
  const daily = rows.length / days;
  return Array.from({ length: days }, (_, day) => countRows(rows.slice(day * daily, (day + 1) * daily), cut));
};

const ourEstimator = (one: Case): Estimator =>
  present(fitEstimator(daysOf(one).map((all, day) => ({ bucket: spanOf(day, day + 1), all, slices: [] }))));

/** With the map of all reference rows whether or not it helps, as NannyML has it in every case here. */
const mapped = (one: Case): Pick<Estimator, 'calibration' | 'spread'> => {
  const { negative, positive } = mergeCounts(daysOf(one));
  const negatives = perBin(negative, 'rows', BINS);
  const points = perBin(positive, 'rows', BINS).map((count, bin) => {
    const weight = count + present(negatives[bin]);
    return { x: bin, y: count / Math.max(1, weight), weight };
  });
  return { calibration: { fit: present(fitIsotonic(points)) }, spread: {} };
};

/** The largest difference from NannyML. */
const off = (
  metric: EstimatedMetric,
  some: readonly Case[],
  estimatorOf: (one: Case) => Pick<Estimator, 'calibration' | 'spread'>,
): number =>
  Math.max(
    ...some.map((one) => {
      const later = numbers(one.later).map((number): ScoredRow => ({ score: number / one.scale, label: null }));
      const found = present(estimateMetric(metric, countRows(later, one.cut), estimatorOf(one)));
      return Math.abs(found.value - one.estimates[metric]);
    }),
  );

const onGrid = ({ scale }: Case): boolean => scale === BINS;
const OF_FLAGGED = ['f1', 'precision', 'recall', 'accuracy'] as const;

describe(`estimates beside NannyML's`, () => {
  test('were made by the version that the bench compares with', async () => {
    const pins = await readFile(path.join(import.meta.dirname, '../../../bench/drift/peers/nannyml.txt'), 'utf8');
    expect(pins.split('\n')).toContain(`nannyml==${nannyml}`);
    expect(cases.map(({ isMapped }) => isMapped)).toEqual(cases.map(() => true));
  });

  test('MO5: with the same map they are the same numbers where scores lie on the bins', () => {
    const some = cases.filter(onGrid);
    expect(some).toHaveLength(4);
    for (const metric of OF_FLAGGED) expect(off(metric, some, mapped)).toBeLessThan(1e-12);
    // NannyML rounds the expected counts below its curve to five places.
    expect(off('auc', some, mapped)).toBeLessThan(1e-7);
  });

  test('average precision differs by ties alone: there each row is a threshold, here each score', () => {
    expect(off('averagePrecision', cases.filter(onGrid), mapped)).toBeLessThan(1e-3);
  });

  test.each(ESTIMATED_METRICS)('scores between the bins change %s by less than two thousandths', (metric) => {
    const some = cases.filter((one) => !onGrid(one));
    expect(some).toHaveLength(2);
    expect(off(metric, some, mapped)).toBeLessThan(2e-3);
  });

  test.each(ESTIMATED_METRICS)('MO5: %s lies within a hundredth wherever the map is used on both sides', (metric) => {
    const some = cases.filter((one) => ourEstimator(one).calibration.fit !== undefined);
    expect(some).toHaveLength(4);
    expect(off(metric, some, ourEstimator)).toBeLessThan(0.01);
  });

  /**
   * NannyML asks ten overlapping draws of a tenth of the rows, pooled, whether the map lowers the calibration error; here every
   * other day fits it and the days between are asked. Where labels come exactly as the scores say, a map can only add noise: ours
   * leaves it out, and the difference is that noise.
   */
  test.each(ESTIMATED_METRICS)('%s of calibrated scores differs by the noise of a map that is not needed', (metric) => {
    const some = cases.filter((one) => ourEstimator(one).calibration.fit === undefined);
    expect(some.map(({ name }) => name)).toEqual(['calibrated scores', 'moved scores between the bins']);
    expect(off(metric, some, ourEstimator)).toBeLessThan(0.025);
  });
});
