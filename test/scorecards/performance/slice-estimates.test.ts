import { describe, expect, test } from '@jest/globals';
import { fitEstimator } from '../../../scorecards/performance/estimate.ts';
import { judgeEstimates } from '../../../scorecards/performance/judge-estimates.ts';
import { decides } from '../../../scorecards/performance/decides.ts';
import type { ScoreCells, ScoredBucket } from '../../../scorecards/performance/score-counts.ts';
import { reportSlices } from '../../../scorecards/performance/slice-report.ts';
import type { LabelledWindow, ReferencePerformance } from '../../../scorecards/performance/window.ts';
import { present } from '../../present.ts';
import { days, spanOf } from './scored-days.ts';

type Criterion = LabelledWindow['rule']['criteria'][number];

/** Three groups of 750, 200 and 50 rows a day; over eight days of holdout each is large. */
const GROUPS = [...Array.from({ length: 15 }, () => 'large'), ...Array.from({ length: 4 }, () => 'middle'), 'small'];
const holdout = days(0, 8, { groups: GROUPS });
const reference: ReferencePerformance = { schemaVersion: 1, cut: 0.5, span: spanOf(0, 8), buckets: holdout };
const estimator = present(fitEstimator(holdout));

const judged = (buckets: readonly ScoredBucket[], criterion: Criterion, known = reference) =>
  judgeEstimates({
    rule: { coverage: 0.5, minimum: 500, criteria: [criterion] },
    score: 'score',
    window: spanOf(20, 24),
    buckets,
    reference: known,
    estimator,
    baselineSpan: spanOf(0, 8),
  });
const AUC = { metric: 'auc', by: 'g', noWorseBy: 0.1 } as const;
const hidden = days(20, 24, { groups: GROUPS, labelled: 0 });

describe('estimates of a slice, before labels', () => {
  test('MO5: are made for each of its values and marked as estimates', () => {
    const findings = judged(hidden, AUC);
    expect(findings.map(({ criterion }) => [criterion.name, criterion.slice, criterion.metric])).toEqual(
      ['large', 'middle', 'small'].map((value) => [
        `estimated AUC where g is ${value} against the holdout`,
        [{ column: 'g', value }],
        'estimatedAuc',
      ]),
    );
    expect(findings.map(({ measurement }) => measurement?.marks)).toEqual([['estimate'], ['estimate'], ['estimate']]);
    for (const { sentence } of findings) expect(sentence).toContain('estimated, assuming calibration holds.');
  });

  test('MO5: lie near what the labels of the slice say later, inside a band that is wider the fewer the rows', () => {
    const known = reportSlices(['g'], {
      buckets: days(20, 24, { groups: GROUPS }),
      newest: { buckets: [] },
      reference,
    });
    const findings = judged(hidden, AUC);
    const realised = findings.map(
      ({ criterion }) =>
        known.find(({ value }) => value === criterion.slice[0]?.value)?.lines.find(({ metric }) => metric === 'auc')
          ?.realised,
    );
    const found = findings.map(({ measurement }) => present(measurement));
    expect(found.every(({ value }, index) => Math.abs(value - present(realised[index]).value) < 0.05)).toBe(true);
    const widths = found.map(({ interval }) => present(interval).high - present(interval).low);
    expect(widths).toEqual(widths.toSorted((a, b) => a - b));
  });

  test('are told of all slice columns together, the largest fall first', () => {
    const beside = (own: readonly ScoredBucket[], others: readonly ScoredBucket[]) =>
      own.map((day, index) => {
        const calm = present(others[index]).slices.map((slice) => ({ ...slice, column: 'a' }));
        return { ...day, slices: [...calm, ...day.slices] };
      });
    const calm = days(20, 24, { groups: GROUPS });
    const told = reportSlices(['a', 'g'], {
      buckets: beside(days(20, 24, { groups: GROUPS, wrong: 0.3 }), calm),
      newest: { buckets: [] },
      reference: { ...reference, buckets: beside(holdout, holdout) },
    });
    expect(told.map(({ column }) => column)).toEqual(['g', 'g', 'g', 'a', 'a', 'a']);
  });

  test('warn where the inputs of one slice moved to where scores say little, and of no other', () => {
    // Every row of the slice scores near one half: by calibration alone it cannot be ranked.
    const levels = judged(withRows(hidden, { large: cellOf(750, 0.501) }), AUC).map(({ criterion, level }) => [
      criterion.slice[0]?.value,
      level,
    ]);
    expect(levels).toEqual([
      ['large', 'warn'],
      ['middle', 'none'],
      ['small', 'none'],
    ]);
  });

  test('of fewer rows, or of fewer positives to be expected, than a labelled slice needs are inconclusive and decide nothing', () => {
    const few = judged(days(20, 21, { groups: GROUPS, labelled: 0 }), AUC).at(-1);
    expect(few).toMatchObject({ judged: 'inconclusive', level: 'none', reason: 'suppressed-slice' });
    expect(few?.sentence).toMatch(/^estimated AUC where g is small .*: 50 scored rows from .* are not enough/);
    expect(few).not.toHaveProperty('measurement');
    expect(decides(present(few))).toBe(false);
    const rare = cellOf(30, 0.01);
    const negative = withRows(hidden, { large: rare, middle: rare, small: rare });
    expect(judged(negative, AUC).map(({ reason }) => reason)).toEqual(
      Array.from({ length: 3 }, () => 'suppressed-slice'),
    );
  });

  test('of a value that the holdout lacks are inconclusive, of one that only the holdout has are missing', () => {
    const other = judged(days(20, 24, { groups: ['new'], labelled: 0 }), AUC);
    expect(other.map(({ criterion, judged: word, reason }) => [criterion.slice[0]?.value, word, reason])).toEqual([
      ['new', 'inconclusive', 'suppressed-slice'],
      ['large', 'missing', 'no-data'],
      ['middle', 'missing', 'no-data'],
      ['small', 'missing', 'no-data'],
    ]);
    expect(other.some(decides)).toBe(false);
  });

  test('that rest on a cut are not made without one: nought would read as a warning', () => {
    const uncut: ReferencePerformance = { schemaVersion: 1, span: reference.span, buckets: reference.buckets };
    expect(judged(hidden, { metric: 'recall', by: 'g', atLeast: 0.5 }, uncut)).toEqual([]);
    expect(judged(hidden, { metric: 'recall', atLeast: 0.5 }, uncut)).toEqual([]);
    expect(judged(hidden, { metric: 'recall', by: 'g', atLeast: 0.5 })).toHaveLength(3);
  });
});

describe('the report by slice', () => {
  test('once labels come, each estimate is told with its error', () => {
    const buckets = days(16, 20, { groups: GROUPS });
    const slices = reportSlices(['g'], { buckets, newest: { buckets: hidden, estimator }, reference });
    expect(new Set(slices.map(({ labelled, rows, value }) => `${value} ${rows} ${labelled}`))).toEqual(
      new Set(['large 3000 3000', 'middle 800 800', 'small 200 200']),
    );
    for (const { lines } of slices) {
      const auc = present(lines.find(({ metric }) => metric === 'auc'));
      expect(Math.abs(present(auc.estimateError))).toBeLessThan(0.08);
      expect(auc).toMatchObject({ estimate: { band: expect.anything() }, realised: { n: expect.any(Number) } });
    }
    const early = reportSlices(['g'], { buckets: [], newest: { buckets: hidden, estimator }, reference });
    expect(early.flatMap(({ lines }) => lines.map(({ estimateError }) => estimateError))).toEqual(
      Array.from({ length: 18 }, () => undefined),
    );
  });

  test('labels that flip in one slice show as its error: an estimate cannot see them', () => {
    const calm = days(16, 20, { groups: ['a', 'b'] });
    const flipped = days(16, 20, { groups: ['a', 'b'], wrong: 1 });
    const buckets = calm.map((day, index) => ({
      ...day,
      slices: [present(day.slices[0]), present(flipped[index]?.slices[1])],
    }));
    const known = days(0, 8, { groups: ['a', 'b'] });
    const of = { buckets, newest: { buckets, estimator }, reference: { ...reference, buckets: known } };
    const errors = reportSlices(['g'], of).map(({ lines, value }) => [
      value,
      Math.round(present(lines.find(({ metric }) => metric === 'auc')?.estimateError) * 10) / 10 + 0,
    ]);
    // The worst is first.
    expect(errors).toEqual([
      ['b', 0.7],
      ['a', 0],
    ]);
  });

  test('a slice that is too small is listed with its rows and without a number', () => {
    const buckets = days(20, 21, { groups: GROUPS });
    const small = reportSlices(['g'], { buckets, newest: { buckets, estimator }, reference }).at(-1);
    expect(small).toEqual({ column: 'g', value: 'small', rows: 50, labelled: 50, lines: [] });
  });
});

const cellOf = (rows: number, score: number) => ({
  bins: [Math.floor(score * 256)],
  rows: [rows],
  scores: [rows * score],
  squares: [rows * score * score],
  flagged: [score >= 0.5 ? rows : 0],
});

/** Days whose slices have other scores, all without a label. */
const withRows = (
  buckets: readonly ScoredBucket[],
  rows: Readonly<Record<string, ScoreCells>>,
): readonly ScoredBucket[] =>
  buckets.map((day) => ({
    ...day,
    slices: day.slices.map(({ counts, ...slice }) => ({
      ...slice,
      counts: { ...counts, unlabelled: rows[slice.value ?? ''] ?? counts.unlabelled },
    })),
  }));
