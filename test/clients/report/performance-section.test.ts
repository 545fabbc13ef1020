import { expect, test } from '@jest/globals';
import { performanceSection } from '../../../clients/report/performance-section.ts';
import { worstFirst } from '../../../clients/report/worst-first.ts';
import type { DriftMetric } from '../../../scorecards/drift/verdict.ts';
import type { WindowPerformance } from '../../../scorecards/performance/report.ts';
import { finding } from '../../scorecards/drift/worlds.ts';

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

test('MO5: a page shows each slice with its band, and marks what is only estimated', () => {
  const estimate = { value: 0.7, band: { low: 0.6, high: 0.8 }, rows: 400 };
  const slices = Array.from({ length: 52 }, (_, index) => ({
    column: 'region',
    value: `<${index}>`,
    rows: 400,
    labelled: 0,
    lines: [{ metric: 'auc', estimate } as const],
  }));
  const html = performanceSection(windows.map((one) => ({ ...one, slices })));
  expect(html).toContain(
    '<td>region &lt;0&gt;</td><td>400</td><td>0</td><td>–</td><td>–</td><td>~0.700 [0.600, 0.800]</td>',
  );
  expect(html).toContain('<p>2 more slices fell less, or have too few rows.</p>');
  expect(html).not.toContain('&lt;50&gt;');
});

test('the name of a column is text and never markup', () => {
  expect(performanceSection(windows)).toContain('calibration gap by &lt;b&gt;&amp;');
  expect(performanceSection(windows)).not.toContain('<b>');
});

test('without performance there is no section', () => {
  expect(performanceSection([])).toBe('');
});

test("a champion's numbers are no feature of the drift page", () => {
  const found = (column: string, metric: DriftMetric) =>
    finding({ on: { name: metric, kind: 'concept', metric, column } });
  const features = worstFirst([found('score', 'auc'), found('score', 'psi'), found('revenue', 'kpi')]);
  expect(features.map(({ column, findings }) => [column, findings.length])).toEqual([['score', 1]]);
});
