import { describe, expect, test } from '@jest/globals';
import { judgeLabelled } from '../../../scorecards/performance/judge.ts';
import type { ScoreCounts } from '../../../scorecards/performance/score-counts.ts';
import type { LabelledWindow } from '../../../scorecards/performance/window.ts';
import { bucketsOf } from '../../../scorecards/drift/windows.ts';
import { present } from '../../present.ts';
import { days, spanOf, type Rows } from './scored-days.ts';
import { countRows } from './scored-rows.ts';

const DAY = 86_400_000;

type Criteria = LabelledWindow['rule']['criteria'];

function windowOf(criteria: Criteria, more: Rows = {}, change: Partial<LabelledWindow> = {}): LabelledWindow {
  const window = spanOf(20, 24);
  return {
    rule: { coverage: 0.5, minimum: 500, criteria },
    score: 'score',
    window,
    expectedBuckets: bucketsOf(window, DAY),
    presentBuckets: bucketsOf(window, DAY),
    buckets: days(20, 24, more),
    baselineSpan: spanOf(0, 10),
    reference: { schemaVersion: 1, cut: 0.5, span: spanOf(6, 10), buckets: days(6, 10, { groups: more.groups ?? [] }) },
    ...change,
  };
}

const one = (criterion: Criteria[number], more: Rows = {}, change: Partial<LabelledWindow> = {}) =>
  present(judgeLabelled(windowOf([criterion], more, change))[0]);

describe('a labelled metric against its bounds', () => {
  test('MO6: fails when its whole interval lies beyond the limit and warns when only its value does', () => {
    const auc = present(one({ metric: 'auc', atLeast: 0.1 }).measurement);
    const above = present(auc.interval).high + 0.001;
    expect(one({ metric: 'auc', atLeast: above })).toMatchObject({ judged: 'fail', level: 'breach', reason: 'breach' });
    expect(one({ metric: 'auc', atLeast: auc.value + 0.001 })).toMatchObject({ judged: 'pass', level: 'warn' });
    expect(one({ metric: 'auc', atLeast: auc.value })).toMatchObject({ judged: 'pass', level: 'none' });
  });

  test('goes by its value where it has no interval', () => {
    const brier = present(one({ metric: 'brier', atMost: 1 }).measurement);
    expect(brier.interval).toBeUndefined();
    expect(one({ metric: 'brier', atMost: brier.value - 1e-6 })).toMatchObject({ judged: 'fail' });
    expect(one({ metric: 'brier', atMost: brier.value })).toMatchObject({ judged: 'pass', level: 'none' });
  });

  test('against the holdout it fails by the interval of the difference, and says both numbers', () => {
    const criterion = { metric: 'auc', noWorseBy: 0.05 } as const;
    expect(one(criterion)).toMatchObject({ judged: 'pass', level: 'none' });
    const fallen = one(criterion, { wrong: 0.3 });
    expect(fallen).toMatchObject({ judged: 'fail', criterion: { kind: 'concept', direction: 'atLeast' } });
    expect(fallen.sentence).toMatch(
      /^AUC against the holdout: 0\.\d{3} \[0\.\d{3}, 0\.\d{3}\], at least 0\.\d{3} \(0\.\d{3} on the champion's holdout\); 4,000 labelled rows from 2001-01-21 until 2001-01-25, 100 % of all\. Concept drift\.$/,
    );
  });

  test('a criterion with a floor and a loss against the holdout is judged by both', () => {
    const both = judgeLabelled(windowOf([{ metric: 'recall', atLeast: 0.2, noWorseBy: 0.1, name: 'found' }]));
    expect(both.map(({ criterion }) => criterion.name)).toEqual(['found', 'found against the holdout']);
  });

  test('is judged for each value of a slice, and one too small is shown without a word on it', () => {
    const groups = [...Array.from({ length: 9 }, () => 'large'), 'small'];
    const few = judgeLabelled(
      windowOf(
        [{ metric: 'recall', by: 'g', atLeast: 0.1 }],
        { groups, rows: 150 },
        { rule: { coverage: 0.5, minimum: 100, criteria: [{ metric: 'recall', by: 'g', atLeast: 0.1 }] } },
      ),
    );
    expect(few.map(({ criterion, judged, reason }) => [criterion.name, judged, reason])).toEqual([
      ['recall where g is large', 'pass', 'within-bound'],
      ['recall where g is small', 'inconclusive', 'suppressed-slice'],
    ]);
  });

  test('NannyML/The-Little-Book-of-ML-Metrics#88: each group has its own uncertainty, wider the fewer its rows', () => {
    const groups = [...Array.from({ length: 9 }, () => 'large'), ...Array.from({ length: 2 }, () => 'small')];
    const found = judgeLabelled(windowOf([{ metric: 'recall', by: 'g', atLeast: 0.1 }], { groups }));
    const [large, small] = found.map(({ measurement }) => present(present(measurement).interval));
    const width = ({ high, low }: { readonly high: number; readonly low: number }) => high - low;
    // Rows 9 : 2, so widths about √2 : √9.
    expect(width(present(small)) / width(present(large))).toBeGreaterThan(1.7);
  });

  test('a slice that the holdout had and the window lacks is missing', () => {
    const reference = {
      schemaVersion: 1,
      cut: 0.5,
      span: spanOf(6, 10),
      buckets: days(6, 10, { groups: ['a', 'b'] }),
    } as const;
    const found = judgeLabelled(
      windowOf([{ metric: 'recall', by: 'g', atLeast: 0.1 }], { groups: ['a'] }, { reference }),
    );
    expect(found.map(({ judged, sentence }) => [judged, sentence])).toEqual([
      ['pass', expect.any(String)],
      ['missing', 'g b: no row of the window. Not judged.'],
    ]);
  });

  test('MO13: a gap between groups is of kind fairness', () => {
    const [parity] = judgeLabelled(
      windowOf([{ metric: 'equalizedOdds', by: 'g', atMost: 0.5 }], { groups: ['a', 'b'] }),
    );
    expect(parity).toMatchObject({
      judged: 'pass',
      criterion: { kind: 'fairness', name: 'equalised odds difference by g' },
    });
    const wide = one({ metric: 'demographicParity', by: 'g', atMost: 0 }, { groups: ['a', 'b', 'c'] });
    expect(wide.level).not.toBe('none');
    expect(one({ metric: 'equalOpportunity', by: 'g', atMost: 0.5 }, { groups: ['a'] })).toMatchObject({
      judged: 'inconclusive',
    });
  });
});

describe('what cannot be judged', () => {
  const auc = { metric: 'auc', noWorseBy: 0.05 } as const;
  const without = (change: Partial<LabelledWindow>, more: Rows = {}) => one(auc, more, change);

  test.each([
    ['a column that is not there', () => without({ absent: 'score' }), 'missing', 'column-absent'],
    ['a window without data', () => without({ presentBuckets: [], buckets: [] }), 'missing', 'no-data'],
    [
      'a window inside the baseline',
      () => without({ baselineSpan: spanOf(0, 21) }),
      'inconclusive',
      'overlaps-baseline',
    ],
    [
      'a window with a day missing',
      () => without({ presentBuckets: [spanOf(20, 21)] }),
      'inconclusive',
      'too-few-buckets',
    ],
    ['DA5: too few labels among the rows', () => without({}, { labelled: 0.3 }), 'inconclusive', 'labels-immature'],
    ['too few labelled rows', () => without({}, { rows: 100 }), 'inconclusive', 'too-few-rows'],
    ['no holdout to compare with', () => one(auc, {}, { reference: undefined as never }), 'missing', 'no-data'],
    [
      'a champion without a frozen cut',
      () => one({ metric: 'f1', atLeast: 0.1 }, {}, { reference: undefined as never }),
      'missing',
      'no-data',
    ],
    [
      'a calibration error of few rows',
      () => one({ metric: 'ece', atMost: 0.1 }, { rows: 200 }),
      'inconclusive',
      'too-few-rows',
    ],
    [
      'labels of one kind only',
      () => without({ buckets: [{ bucket: spanOf(20, 21), slices: [], all: onlyNegatives() }] }),
      'inconclusive',
      'too-few-rows',
    ],
  ] as const)('%s', (_, judge, judged, reason) => {
    const finding = judge();
    expect(finding).toMatchObject({ judged, reason, level: 'none' });
    expect(finding.sentence).toContain('Not judged.');
  });
});

const onlyNegatives = (): ScoreCounts =>
  countRows(Array.from({ length: 600 }, () => ({ score: 0.3, label: 0 as const })));
