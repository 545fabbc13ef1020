import { describe, expect, test } from '@jest/globals';
import { renderMeasured } from '../../../clients/drift/measured-table.ts';
import type { MeasuredDrift } from '../../../clients/measure-drift.ts';
import type { WindowPerformance } from '../../../scorecards/performance/report.ts';

const day = (number: number) => `2001-01-${number}T00:00:00.000Z`;

const performance = (until: number): WindowPerformance => ({
  window: { from: day(until - 5), until: day(until + 2) },
  labelled: { from: day(until - 7), until: day(until) },
  coverage: { rows: 1200, labelled: 1080, share: 0.9, surrogates: 12, unscored: 3 },
  watermark: '2001-01-19T00:57:35.000Z',
  lines: [
    {
      metric: 'auc',
      realised: { value: 0.81, interval: { low: 0.78, high: 0.84 }, n: 1080 },
      holdout: { value: 0.86, n: 2400 },
      estimate: { value: 0.855, band: { low: 0.82, high: 0.89 }, rows: 1200 },
      estimateError: -0.012,
    },
    { metric: 'equalizedOdds', by: 'region', realised: { value: 0.056, interval: { low: 0, high: 0.123 }, n: 350 } },
  ],
});

const measured: MeasuredDrift = {
  champion: '3',
  verdict: 'warn',
  shares: { breached: 0, warned: 0, unjudged: 0 },
  response: 'ignore',
  fires: false,
  reason: 'AUC warns.',
  score: 0.06,
  windows: [],
  reasons: ['AUC warns.'],
  performance: [performance(17), performance(18)],
  baseline: { from: day(10), until: day(11) },
  features: [],
};

describe('what a check would find now', () => {
  test('MO6: shows how the champion does, with labels and before them, and window by window', () => {
    expect(renderMeasured('churn', measured, 140).split('\n')).toEqual([
      'churn  warn  share 0.00  worst PSI 0.060  against v3',
      '  AUC warns.',
      '',
      'With labels: 1,080 of 1,200 rows (90 %, 12 of them surrogates) from 2001-01-11 until 2001-01-18; the newest label is of 2001-01-19 00:57 UTC.',
      '3 rows have no score.',
      'Estimated (~): rows from 2001-01-13 until 2001-01-20, assuming calibration holds; off by: what it was wrong by on the labelled rows.',
      'METRIC                               WITH LABELS           HOLDOUT  ESTIMATED              OFF BY',
      'AUC                                  0.810 [0.780, 0.840]  0.860    ~0.855 [0.820, 0.890]  −0.012',
      'equalised odds difference by region  0.056 [0.000, 0.123]  –',
      '',
      'LABELLED DAYS                LABELS  AUC    F1  ECE  ESTIMATED AUC',
      '2001-01-10 until 2001-01-17  90 %    0.810  –   –    ~0.855',
      '2001-01-11 until 2001-01-18  90 %    0.810  –   –    ~0.855',
      '',
      '✔ a check would not retrain now: AUC warns.',
    ]);
  });

  test('leaves intervals out where there is no room, and every number in', () => {
    const lines = renderMeasured('churn', measured, 80).split('\n');
    expect(lines).toContain('AUC                                  0.810        0.860    ~0.855     −0.012');
    expect(lines.filter((line) => /^[A-Z]{3}.*…$/.test(line))).toEqual([]);
  });

  test('MO5: shows each slice, the worst first, with what was estimated and how wrong that was', () => {
    const line = { metric: 'auc', estimate: { value: 0.7, band: { low: 0.6, high: 0.8 }, rows: 400 } } as const;
    const slices = [
      { column: 'region', value: 'north', rows: 400, labelled: 0, lines: [line] },
      {
        column: 'region',
        value: null,
        rows: 1200,
        labelled: 1100,
        lines: [
          { ...line, realised: { value: 0.72, n: 1100 }, holdout: { value: 0.74, n: 3000 }, estimateError: -0.02 },
          { metric: 'f1', realised: { value: 0.5, n: 1100 } },
        ],
      },
      { column: 'region', value: 'south', rows: 12, labelled: 9, lines: [] },
    ] as const;
    const shown = renderMeasured(
      'churn',
      { ...measured, performance: [{ ...performance(18), slices, moreSlices: 3 }] },
      140,
    ).split('\n');
    const at = shown.findIndex((text) => text.startsWith('By slice'));
    expect(shown.slice(at, at + 6)).toEqual([
      'By slice, the largest fall of the AUC first. Estimated (~): from the scores of the slice, assuming calibration holds; –: too few rows or positives to say.',
      '3 more slices fell less, or have too few rows.',
      'SLICE         ROWS   LABELS  AUC    HOLDOUT  ESTIMATED  OFF BY  F1     ESTIMATED  OFF BY',
      'region north  400    0       –      –        ~0.700             –      –',
      'region null   1,200  1,100   0.720  0.740    ~0.700     −0.020  0.500  –',
      'region south  12     9       –      –        –                  –      –',
    ]);
  });

  test('says nothing of performance where no score is declared', () => {
    expect(renderMeasured('churn', { ...measured, performance: [] }, 80).split('\n')).toHaveLength(3);
  });
});
