import { describe, expect, test } from '@jest/globals';
import { renderHtml } from '../../../clients/report/html.ts';
import { renderMarkdown } from '../../../clients/report/markdown.ts';
import type { FeatureStory } from '../../../clients/report/feature-cards.ts';
import type { ReportedVerdict } from '../../../clients/report/scorecard/section.ts';
import type { FindingRow, Story } from '../../../clients/report/story.ts';
import { distance } from '../../scorecards/drift/worlds.ts';

const finding = (criterion: string, judged: FindingRow['judged']): FindingRow => ({
  judged,
  criterion,
  champion: '0.71 [0.70, 0.72]',
  candidate: '0.72 [0.71, 0.73]',
  difference: '0.01 [0, 0.02]',
  sentence: `${criterion}: 0.72 of at least 0.66 (n 1,204).`,
});

/** As evidence of before bounds were kept. */
const verdictOf = (criteria: readonly string[]): ReportedVerdict => ({
  verdict: 'pass',
  reasons: ['All hold.'],
  passed: criteria.length,
  of: criteria.length,
  notApplicable: [],
  candidate: 'd',
  findings: criteria.map((criterion) => ({
    criterion,
    group: 'quality',
    metric: 'recall',
    slice: null,
    judged: 'pass',
    sentence: `${criterion}: 0.72 of at least 0.66 (n 1,204).`,
    n: 1204,
    challenger: { value: 0.72, low: 0.71, high: 0.73 },
  })),
});

const STORY: Story = {
  title: 'flights-late v18: rolled-back',
  state: 'bad',
  why: 'harm: errors 4.1 % against 0.10 %, traffic restored in 8.4 s',
  answers: [
    ['serves', 'v17'],
    ['stop', 'understudy pause flights-late'],
  ],
  facts: [['run', 'retrain/flights-late/20261121T060012Z-schedule']],
  findings: [finding('tail latency', 'fail'), finding('ranking', 'pass')],
  timeline: [
    { at: '2026-11-21T07:10:00.000Z', percent: 5, what: 'canary 5 %' },
    { at: '2026-11-21T07:20:00.000Z', percent: 25, what: 'canary 25 %' },
    { at: '2026-11-21T07:30:00.000Z', percent: 0, what: 'rollback: harm' },
  ],
  lineage: [['dataset', 'sha256:77e0b1']],
  logs: [],
};
const drifted = (column: string, value: number): FeatureStory => {
  const worst = distance(column, value, { sentence: `${column}: PSI ${value}, limit 0.20.` });
  const bars = Array.from({ length: 20 }, (_, index) => ({
    label: `${index} to ${index + 1}`,
    baseline: 80,
    current: 2 * index,
  }));
  return {
    column,
    verdict: value < 0.2 ? 'steady' : 'drift',
    worst,
    findings: [worst],
    picture: { column, as: 'numbers', rows: { baseline: 1600, current: 380 }, bars },
    trend: Array.from({ length: 9 }, (_, index) => ({ name: `2001-01-0${index + 1}`, rows: 100, psi: value })),
  };
};
const LOGS = [
  { whose: 'job 1 of the training: again', text: 'busy' },
  { whose: 'the trainer that ended the run', text: 'Traceback:\n```\n<b>| ValueError: boom' },
];

describe('report.md', () => {
  test('is tables as GitHub shows them', () => {
    expect(renderMarkdown(STORY, 'be11aa')).toBe(`## ✖ flights-late v18: rolled-back

harm: errors 4.1 % against 0.10 %, traffic restored in 8.4 s

|  |  |
|---|---|
| serves | v17 |
| stop | understudy pause flights-late |

| fact | value |
|---|---|
| run | retrain/flights-late/20261121T060012Z-schedule |

**Scorecard**: 1 of 2 findings hold · ✖ 1

|  | criterion | champion | candidate | difference |
|---|---|---|---|---|
| ✖ | tail latency | 0.71 [0.70, 0.72] | 0.72 [0.71, 0.73] | 0.01 [0, 0.02] |
| ✔ | ranking | 0.71 [0.70, 0.72] | 0.72 [0.71, 0.73] | 0.01 [0, 0.02] |

- ✖ tail latency: 0.72 of at least 0.66 (n 1,204).

report sha256:be11aa
`);
  });

  test('stays under 4 KB however many findings there are, and says how many it left out', () => {
    const findings = Array.from({ length: 300 }, (_, index) => finding(`recall (weekday=標準 ${index})`, 'pass'));
    const text = renderMarkdown({ ...STORY, why: 'x '.repeat(4000), findings }, 'be11aa');
    expect(Buffer.byteLength(text)).toBeLessThan(4096);
    expect(text).toMatch(/\n\d{3} more in the full report\.\n/);
  });

  test('shows the end of the last log as text that nothing in it can end', () => {
    expect(renderMarkdown({ ...STORY, logs: LOGS }, 'be11aa')).toContain(
      '\n\nthe trainer that ended the run\n\n    Traceback:\n    ```\n    <b>| ValueError: boom\n\n',
    );
  });

  test('stays under 4 KB however long the log is, and keeps its end', () => {
    const text = renderMarkdown({ ...STORY, logs: [{ whose: 'x'.repeat(900), text: `${'標'.repeat(4000)}end` }] }, 'd');
    expect(Buffer.byteLength(text)).toBeLessThan(4096);
    expect(text).toMatch(/\n {4}標+end\n/);
  });

  test('text from elsewhere cannot break a table', () => {
    const hostile: Story = { ...STORY, facts: [['reason', 'a | b\n| c <img src=x>']] };
    expect(renderMarkdown(hostile, 'be11aa')).toContain('| reason | a \\| b \\| c &lt;img src=x> |');
  });
});

describe('report.html', () => {
  const html = (story: Story = STORY, verdict = verdictOf(['ranking'])) =>
    renderHtml(story, { digest: 'be11aa', drift: ['hour: PSI 0.31 > 0.2'], verdict });

  test('is one file that runs nothing and asks nobody', () => {
    expect(html()).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(html()).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"`);
    expect(html()).not.toMatch(/<script|<link|<img|src=|https?:|url\(/);
  });

  test('has a section for each question that the run left an answer to', () => {
    const sections = [...html().matchAll(/aria-label="(\w+)"/g)].map(([, name]) => name);
    expect(sections).toEqual(['Now', 'Decision', 'Scorecard', 'Drift', 'Rollout', 'Lineage']);
    const short = renderHtml({ ...STORY, timeline: [], lineage: [] }, { digest: 'd', drift: [] });
    expect([...short.matchAll(/aria-label="(\w+)"/g)].map(([, name]) => name)).toEqual(['Now', 'Decision']);
  });

  test('shows the log of every trainer that failed, whole and as text', () => {
    const page = html({ ...STORY, logs: LOGS });
    expect(page).toContain('<p>job 1 of the training: again</p><pre class="wide">busy</pre>');
    expect(page).toContain('<pre class="wide">Traceback:\n```\n&lt;b&gt;| ValueError: boom</pre>');
  });

  test('draws the share of traffic as steps, with a title and the same numbers as a table', () => {
    expect(html()).toContain('d="M40 118.0H40.0V112.7H335.0V91.5H630.0V118.0"');
    expect(html()).toContain('<title>Share of traffic of the challenger</title>');
    expect(html()).toContain('<td>2026-11-21T07:20:00.000Z</td><td>25 %</td><td>canary 25 %</td>');
  });

  test('shows text from elsewhere as text', () => {
    const hostile: Story = { ...STORY, title: '<script>alert(1)</script>', why: `"'&` };
    expect(html(hostile)).not.toContain('<script>');
    expect(html(hostile)).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(html(hostile)).toContain('&quot;&#39;&amp;');
  });

  test('shows the distributions of what drifted, and at least of the three worst', () => {
    const features = [drifted('a', 0.4), ...['b', 'c', 'd', 'e'].map((column) => drifted(column, 0.02))];
    const page = renderHtml(STORY, { digest: 'd', drift: ['a: PSI 0.4'], features });
    expect(page.split('<article').length - 1).toBe(3);
    expect(page).toContain('<p>2 more features are steady.</p>');
    expect(page).toContain('<h3>PSI of single days</h3>');
    expect(page).not.toMatch(/<script|<link|<img|src=|https?:|url\(/);
  });

  test('stays under 300 KB with a thousand findings, four hundred steps and a hundred drifted features', () => {
    const verdict = verdictOf(Array.from({ length: 1000 }, (_, index) => `recall (weekday=${index})`));
    const timeline = Array.from({ length: 900 }, () => ({
      at: '2026-11-21T07:20:00.000Z',
      percent: 25,
      what: 'canary',
    }));
    const features = Array.from({ length: 100 }, (_, index) => drifted(`feature ${index}`, 0.5));
    const page = renderHtml({ ...STORY, timeline }, { digest: 'd', drift: [], features, verdict });
    expect(Buffer.byteLength(page)).toBeLessThan(300_000);
  });

  test('stays under 300 KB with a thousand findings', () => {
    const page = html(STORY, verdictOf(Array.from({ length: 1000 }, (_, index) => `recall (weekday=${index})`)));
    expect(Buffer.byteLength(page)).toBeLessThan(300_000);
    expect(page.split('0.72 of at least 0.66 (n 1,204).').length).toBeGreaterThan(400);
  });
});

test('a challenger that never had a share of the traffic has no chart of it', () => {
  const shadowed = { ...STORY, timeline: [{ at: '2026-11-21T07:10:00.000Z', percent: 0, what: 'shadow v18' }] };
  expect(renderHtml(shadowed, { digest: 'be11aa', drift: [] })).not.toContain('<svg');
  expect(renderHtml(STORY, { digest: 'be11aa', drift: [] })).toContain('<svg');
});
