import { expect, test } from '@jest/globals';
import { performanceSection } from '../../../clients/report/performance-section.ts';
import { worstFirst } from '../../../clients/report/worst-first.ts';
import type { DriftFinding, DriftMetric } from '../../../scorecards/drift/verdict.ts';
import type { WindowPerformance } from '../../../scorecards/performance/report.ts';

const windows: readonly WindowPerformance[] = ['2001-01-18', '2001-01-19'].map((day) => ({
  window: { from: '2001-01-13T00:00:00.000Z', until: '2001-01-20T00:00:00.000Z' },
  labelled: { from: '2001-01-11T00:00:00.000Z', until: `${day}T00:00:00.000Z` },
  coverage: { rows: 1200, labelled: 1080, share: 0.9, surrogates: 0, unscored: 0 },
  lines: [
    { metric: 'auc', realised: { value: 0.81, interval: { low: 0.78, high: 0.84 }, n: 1080 } },
    { metric: 'calibrationGap', by: '<b>&', realised: { value: 0.02, n: 1080 } },
  ],
}));

test('a page shows the newest numbers and, of several windows, how they changed', () => {
  const html = performanceSection(windows);
  expect(html).toContain('<p>With labels: 1,080 of 1,200 rows (90 %) from 2001-01-11 until 2001-01-19.</p>');
  expect(html).toContain('<td>AUC</td><td>0.810 [0.780, 0.840]</td><td>–</td>');
  expect(html).toContain('<td>2001-01-11 until 2001-01-18</td><td>90 %</td><td>0.810</td>');
  expect(html).not.toContain('Estimated');
  expect(performanceSection(windows.slice(0, 1))).not.toContain('labelled days');
});

test('the name of a column is text and never markup', () => {
  expect(performanceSection(windows)).toContain('calibration gap by &lt;b&gt;&amp;');
  expect(performanceSection(windows)).not.toContain('<b>');
});

test('without performance there is no section', () => {
  expect(performanceSection([])).toBe('');
});

test("a champion's numbers are no feature of the drift page", () => {
  const finding = (column: string, metric: DriftMetric): DriftFinding => ({
    criterion: {
      name: metric,
      kind: 'concept',
      metric,
      column,
      slice: [],
      warn: 0.1,
      limit: 0.1,
      minimum: 1,
      weight: 1,
      critical: false,
    },
    judged: 'pass',
    level: 'none',
    reason: 'within-bound',
    sentence: 'fine',
  });
  const features = worstFirst([finding('score', 'auc'), finding('score', 'psi'), finding('revenue', 'kpi')]);
  expect(features.map(({ column, findings }) => [column, findings.length])).toEqual([['score', 1]]);
});
