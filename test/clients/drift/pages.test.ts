import { describe, expect, test } from '@jest/globals';
import { renderComparisonPage } from '../../../clients/drift/comparison-page.ts';
import type { Comparison } from '../../../clients/drift/comparison.ts';
import { renderMeasuredPage } from '../../../clients/drift/measured-page.ts';
import { renderReplayPage } from '../../../clients/drift/replay-page.ts';
import type { Replay, ReplayedDay } from '../../../clients/drift/replayed.ts';
import type { FeatureStory } from '../../../clients/report/feature-cards.ts';
import { histogramChart } from '../../../clients/report/charts/histogram-chart.ts';
import { trendChart } from '../../../clients/report/charts/trend-chart.ts';
import type { DriftWord } from '../../../scorecards/drift/verdict.ts';
import { distance } from '../../scorecards/drift/worlds.ts';

const HOSTILE = '"><script>alert(1)</script>😀\u202Eevil&';

const found = (column: string, metric: 'psi' | 'ks' | 'cramersV', value: number) =>
  distance(column, value, {
    on: { metric },
    sentence: `${column}: PSI ${value.toFixed(3)} [0.000, 0.120], limit 0.20 (noise floor 0.029, adjusted p < 0.001; 84,112 rows against 1,204,332).`,
    measurement: { value, n: { current: 84_112, baseline: 1_204_332 } },
  });

function feature(column: string, value: number, as: 'numbers' | 'categories', points: number): FeatureStory {
  const psi = found(column, 'psi', value);
  const labels = Array.from({ length: as === 'numbers' ? 20 : 11 }, (_, index) =>
    as === 'numbers'
      ? `${(index * 1.125).toFixed(3)} to ${((index + 1) * 1.125).toFixed(3)}`
      : `category ${index} ${column}`,
  );
  return {
    column,
    verdict: value >= 0.2 ? 'drift' : 'steady',
    worst: psi,
    findings: [psi, found(column, as === 'numbers' ? 'ks' : 'cramersV', value / 2)],
    picture: {
      column,
      as,
      rows: { baseline: 1_204_332, current: 84_112 },
      bars: [
        ...labels.map((label, index) => ({
          label,
          baseline: 1000 * (index + 1) ** 2,
          current: 90 * (21 - index) ** 2,
        })),
        { label: 'nulls', baseline: 20_000, current: 7_000, apart: 'nulls' as const },
      ],
      ...(as === 'numbers'
        ? { medians: { baseline: 12.34567, current: 15.98765 }, range: { low: 0, high: 22.5 } }
        : {}),
    },
    trend: Array.from({ length: points }, (_, index) => ({
      name: new Date(Date.UTC(2001, 0, 1 + index)).toISOString().slice(0, 10),
      rows: 12_000,
      psi: index % 17 === 3 ? null : value * Math.abs(Math.sin(index)),
    })),
  };
}

const features = (count: number, points: number, name = (index: number) => `feature_with_a_name_${index}`) =>
  Array.from({ length: count }, (_, index) =>
    feature(name(index), (0.5 * (count - index)) / count, index % 4 === 3 ? 'categories' : 'numbers', points),
  );

const compared = (all: readonly FeatureStory[], more: Partial<Comparison> = {}): Comparison => ({
  verdict: 'drift',
  reasons: ['all kinds of things.'],
  shares: { breached: 0.4, warned: 0, unjudged: 0 },
  share: 0.3,
  rows: { baseline: 1_204_332, current: 84_112 },
  files: { baseline: 7, current: 1 },
  features: all,
  leftOut: [],
  ...more,
});

const day = (index: number, verdict: DriftWord, more: Partial<ReplayedDay> = {}): ReplayedDay => {
  const asOf = new Date(Date.UTC(2001, 0, 1 + index)).toISOString();
  const answer = {
    verdict,
    shares: { breached: 0.4, warned: 0, unjudged: 0 },
    response: 'retrain' as const,
    fires: verdict === 'drift',
    suppressedSpike: false,
    reason: `Drift lasts: data drifted in 3 of the last 3 judged windows. ${HOSTILE}`,
  };
  return {
    asOf,
    window: { from: asOf, until: asOf },
    score: 0.3,
    reached: 1.5,
    ...answer,
    alternatives: [answer, answer],
    ...more,
  };
};

const replayed = (all: readonly FeatureStory[], days: number): Replay => ({
  model: 'late',
  baseline: { from: '2000-10-01T00:00:00.000Z', until: '2001-01-01T00:00:00.000Z' },
  fired: days,
  suppressedSpikes: 0,
  tallies: ['policy', 'PSI 0.1', 'PSI 0.25'].map((name) => ({ name, fired: days, stretches: 1, suppressedSpikes: 0 })),
  days: Array.from({ length: days }, (_, index) => day(index, index % 3 === 0 ? 'warn' : 'drift')),
  features: all,
  bounds: { warn: 0.1, drift: 0.2 },
});

const cardsIn = (page: string): number => page.split('<article').length - 1;

describe('a page of drift', () => {
  test('for 100 features and 60 days is at most 300 KB, with charts for every one of them', () => {
    const hundred = features(100, 60);
    for (const page of [renderComparisonPage(compared(hundred)), renderReplayPage(replayed(hundred, 60))]) {
      expect(Buffer.byteLength(page)).toBeLessThan(300 * 1024);
      expect(cardsIn(page)).toBe(100);
      expect(page).not.toContain('more features are in');
    }
  });

  test('for 2,000 features with names of emoji and quotes stays as small, and says what it leaves out', () => {
    const wide = features(2000, 90, (index) => `${'"😀&'.repeat(20)}${index}`);
    const leftOut = wide.map(({ column }) => ({ column, why: 'only in the current files' }));
    for (const page of [renderComparisonPage(compared(wide, { leftOut })), renderReplayPage(replayed(wide, 400))]) {
      expect(Buffer.byteLength(page)).toBeLessThan(300 * 1024);
      expect(page).toMatch(/<p>1,?\d+ more features are in the JSON document\.<\/p>/);
    }
  });

  test('has no script, asks nobody for anything, and shows every name as text', () => {
    const hostile = [feature(HOSTILE, 0.4, 'numbers', 5), feature(`${HOSTILE}2`, 0.1, 'categories', 5)];
    const leftOut = [{ column: HOSTILE, why: `of type ${HOSTILE}` }];
    for (const page of [renderComparisonPage(compared(hostile, { leftOut })), renderReplayPage(replayed(hostile, 3))]) {
      expect(page).not.toContain('<script');
      expect(page).not.toContain('\u202E');
      expect(page.replaceAll("default-src 'none'", '')).not.toMatch(/https?:|src=|@import|url\(/);
      expect(page).toContain('&quot;&gt;&lt;script&gt;');
      expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
    }
  });

  test('shows the worst first, and each row leads to its card', () => {
    const page = renderComparisonPage(compared([feature('a', 0.5, 'numbers', 0), feature('b', 0.1, 'numbers', 0)]));
    expect(page).toMatch(/href="#f1">a<.*href="#f2">b</s);
    expect(page).toMatch(/id="f1">.*> a<\/h3>.*id="f2">.*> b<\/h3>/s);
    expect(page).toContain('<td class="n">12.35 → 15.99</td>');
  });

  test('is the same bytes for the same findings', () => {
    expect(renderComparisonPage(compared(features(3, 9)))).toBe(renderComparisonPage(compared(features(3, 9))));
  });
});

describe('the page of drift now', () => {
  const measured: Parameters<typeof renderMeasuredPage>[0] = {
    model: 'late',
    asOf: '2001-01-10T06:00:00.000Z',
    bounds: { warn: 0.1, drift: 0.2 },
    champion: '3',
    verdict: 'drift',
    shares: { breached: 1, warned: 0, unjudged: 0 },
    response: 'retrain',
    fires: true,
    reason: `Drift lasts. ${HOSTILE}: PSI 0.4.`,
    reasons: [],
    score: 0.4,
    windows: [{ window: { from: '2001-01-08T00:00:00.000Z', until: '2001-01-10T00:00:00.000Z' }, verdict: 'drift' }],
    baseline: { from: '2000-12-01T00:00:00.000Z', until: '2001-01-01T00:00:00.000Z' },
    features: features(100, 9, (index) => `${HOSTILE}${index}`),
    performance: [],
  };

  test('says what a check would do, what it is held against, and shows every feature and day', () => {
    const page = renderMeasuredPage(measured);
    expect(page).toContain('<title>late: drift</title>');
    expect(page).toContain('what v3 was trained on, 2000-12-01 until 2001-01-01');
    expect(page).toContain('<dt>a check now</dt><dd>would retrain</dd>');
    expect(page).toContain('aria-label="PSI of single days"');
    expect(cardsIn(page)).toBeGreaterThan(50);
    expect(Buffer.byteLength(page)).toBeLessThan(300 * 1024);
    expect(page).not.toMatch(/<script|\u202E/);
  });
});

describe('charts', () => {
  test('a histogram draws shares, not rows, and sets nulls apart', () => {
    const chart = histogramChart({
      column: 'x',
      as: 'numbers',
      rows: { baseline: 100, current: 10 },
      bars: [
        { label: '0', baseline: 50, current: 5 },
        { label: '1', baseline: 25, current: 0 },
        { label: 'nulls', baseline: 25, current: 5, apart: 'nulls' },
      ],
    });
    expect(chart).toContain('class="b" d="M0 78V6h24V42h24V78M56 78V42h24V78"');
    expect(chart).toContain('class="c" d="M0 78V6h24V78h24V78M56 78V6h24V78"');
    expect(chart).toContain('>null</text>');
  });

  test('a category is a row with both shares, also where the name is very long', () => {
    const chart = histogramChart({
      column: 'carrier',
      as: 'categories',
      rows: { baseline: 100, current: 10 },
      bars: [{ label: 'a very long name of a carrier', baseline: 33, current: 0 }],
    });
    expect(chart).toContain('>a very long name…</text>');
    expect(chart).toContain('>33 % → 0</text>');
  });

  test('a trend leaves gaps where nothing was measured, shows its bounds, and is nothing for one point', () => {
    const points = [0.1, null, 0.4].map((psi, index) => ({ name: `2001-01-0${index + 1}`, rows: 10, psi }));
    const chart = trendChart(points, { warn: 0.1, limit: 0.2 });
    expect(chart).toContain('class="c" d="M0 38h.1M272 6h.1"');
    expect(chart).toMatch(/class="w".*class="l"/);
    expect(chart).toMatch(/>PSI 0\.2<.*>2001-01-01<.*>2001-01-03</);
    expect(trendChart(points.slice(0, 1), { warn: 0.1, limit: 0.2 })).toBe('');
    expect(
      trendChart(
        points.map((point) => ({ ...point, psi: null })),
        { warn: 0.1, limit: 0.2 },
      ),
    ).toBe('');
  });
});
