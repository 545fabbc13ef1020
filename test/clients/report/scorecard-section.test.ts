import { beforeAll, describe, expect, test } from '@jest/globals';
import { renderHtml } from '../../../clients/report/html.ts';
import { scorecardSection } from '../../../clients/report/scorecard/section.ts';
import type { ReportedVerdict } from '../../../clients/report/scorecard/section.ts';
import type { Story } from '../../../clients/report/story.ts';
import { judgeWorld } from './judged-world.ts';

type Judged = Awaited<ReturnType<typeof judgeWorld>>;

const STORY: Story = {
  title: 'flights-late v18: rejected',
  state: 'bad',
  why: 'the scorecard failed',
  answers: [],
  facts: [],
  findings: [],
  timeline: [],
  lineage: [],
  logs: [],
};
/** In the last of four weeks it flags at random. */
const TIRED = '1 / (1 + exp(-3.2 * (case when i < 10500 then x + 0.1 * u1 else u1 end)))';
const LEVEL = { group: 'robustness', minimum: 50 };
const IN_WEEKS = [
  { ...LEVEL, name: 'recall over time', metric: 'recall', blocks: '7d', versusChampion: { noWorseBy: 0.08 } },
  { ...LEVEL, name: 'steady ranking', metric: 'worst', of: 'auc', blocks: 4, atLeast: 0.7 },
  {
    ...LEVEL,
    name: 'ranking apart',
    metric: 'spread',
    of: 'auc',
    blocks: 4,
    atMost: 0.1,
    versusChampion: { noWorseBy: 0.05 },
  },
];
const pageOf = (verdict: ReportedVerdict) => renderHtml(STORY, { digest: 'd', drift: [], verdict });
const ROOM = 200_000;
/** What a reader sees of a page: its text, without tags. */
const textOf = (html: string) =>
  html
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&gt;', '>')
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll(/\s+/g, ' ');

let world: Judged;
beforeAll(async () => {
  world = await judgeWorld();
});

describe('EV9: a criterion in blocks of time', () => {
  test('is a strip in the order of time, and a block is told by its days', async () => {
    const { kept } = await judgeWorld({ criteria: IN_WEEKS, challenger: TIRED });
    const html = scorecardSection(kept, ROOM);
    const [strip = ''] = html.split('<h4>recall over time · time in blocks of 7d</h4>').slice(1);
    const weeks = [
      '2026-05-03 … 2026-05-09',
      '2026-05-10 … 2026-05-16',
      '2026-05-17 … 2026-05-23',
      '2026-05-24 … 2026-05-30',
    ];
    const [, ...boxes] = strip.slice(0, strip.indexOf('</ol>')).split('<li');
    expect(boxes.map((box) => textOf(`<li${box}`))).toEqual([
      ...weeks.slice(0, 3).map((week) => expect.stringContaining(` ✔ holds ${week} Δ`)),
      expect.stringContaining(` ✖ fails ${weeks[3]} Δ`),
    ]);
    expect(textOf(html)).toContain(`3 of 4 slices hold, worst: ${weeks[3]}`);
    expect(textOf(html)).toContain('robustness · worst of auc');
    expect(pageOf(kept)).not.toContain('time in blocks of 7d=');
  });
});

describe('EV9: the report of a verdict that the scorecard stage left behind', () => {
  test('says the verdict first, then why', () => {
    const text = textOf(scorecardSection(world.kept, ROOM));
    expect(text).toMatch(/^ ✖ failed 15 of 20 findings hold, 4 fail, 1 missing Recall per slice on slice=3 fell by/);
    expect(world.kept.reasons.filter((reason) => text.includes(reason))).toEqual(world.kept.reasons);
    expect(text).toContain('Judged on 14,000 rows, of which 14,000 have a label (100 %). Flagged from a score of');
  });

  test('has every sentence of every finding', () => {
    const text = textOf(pageOf(world.kept));
    expect(world.kept.findings.filter(({ sentence }) => !text.includes(sentence))).toEqual([]);
  });

  test('has units: latencies in milliseconds, sizes in megabytes, losses of cost in percent', () => {
    const text = textOf(pageOf(world.kept));
    expect(text).toContain('24.5 ms [21.3, 26.0] 69.5 ms [66.3, 71.0] +45.0 ms [+41.5, +48.5]');
    expect(text).toContain('9.88 MB 12.3 MB +2.47 MB');
    expect(text).toMatch(/≤ 60 ms .*Δ ≤ \+20 ms .*Δ ≤ \+2 %/);
  });

  test('draws a bar for each bound, and tells it to whoever sees no picture', () => {
    const spoken = [...pageOf(world.kept).matchAll(/<svg class="q" role="img"[^>]* aria-label="([^"]*)"/g)];
    expect(spoken.map(([, label]) => label)).toEqual([
      'difference −0.647 [−0.674, −0.616]; at least −0.08: violated',
      'candidate 0.855 [0.835, 0.894]; at most 0.45: violated; champion 0.915',
      'candidate 69.5 ms [66.3, 71.0]; at most 60 ms: violated; champion 24.5 ms',
      'difference +45.0 ms [+41.5, +48.5]; at most +20 ms: violated',
      'candidate 0.0286 [0.0230, 0.0343]; at most 0.02: violated; champion 0.0224',
      'difference −1.6 % [−4.6, +1.4]; at most +2 %: holds',
      'candidate 0.8499 [0.8437, 0.8561]; at least 0.66: holds; champion 0.8414',
      'difference +0.0085 [+0.0040, +0.0130]; at least −0.002: holds',
      'candidate 12.3 MB; at most 50 MB: holds; champion 9.88 MB',
    ]);
  });

  test('every chart is an image with a name, and a table has its numbers', () => {
    const html = scorecardSection(world.kept, ROOM);
    expect(html.match(/<svg /g)).toHaveLength(13);
    expect(html.match(/<svg [^>]*role="img"[^>]*(aria-label="[^"]+|><title>[^<]+)/g)).toHaveLength(13);
    expect([...html.matchAll(/<title>([^<]+)/g)].map(([, title]) => title)).toEqual([
      'Scores of the candidate by label',
      'Scores of the champion by label',
      'Mean label against mean score, candidate and champion',
      'Milliseconds by share of the requests, candidate and champion',
    ]);
    expect(textOf(html)).toContain('numbers share candidate champion p1 9.');
    expect(html.match(/<summary>numbers<\/summary>/g)).toHaveLength(2);
  });

  test('tells findings apart by mark, word and shape, not by colour alone', () => {
    const html = scorecardSection(world.kept, ROOM);
    const [, rows = ''] = html.split('<h3>Criteria</h3>');
    expect(
      [...rows.matchAll(/<tbody class="(\w+)">.*?<span class="mark">(.)<\/span> (\w+)/g)].map(([, ...one]) =>
        one.join(' '),
      ),
    ).toEqual([
      ...Array.from({ length: 4 }, () => 'fail ✖ fails'),
      'missing ! missing',
      ...Array.from({ length: 3 }, () => 'pass ✔ holds'),
    ]);
    expect(html).toContain('<path class="qv" d="M'); // a cross for what is violated
    expect(html).toContain('<circle class="qp" cx="'); // a dot for what holds
  });

  test('shows slices as a strip in the order of their values, worst told by mark, word and number', () => {
    const [strip = ''] = /<h4>recall per slice by slice<.h4>.*?<.ol>/.exec(pageOf(world.kept)) as RegExpExecArray;
    const boxes = [...strip.matchAll(/<li class="s s(\d)">(.*?)<\/li>/g)].map(
      ([, level, inner = '']) => `${level}${textOf(inner)}`,
    );
    expect(boxes).toHaveLength(7);
    expect(boxes[3]).toBe('4 ✖ fails 3 Δ −0.647 · n 1,050 ');
    expect(boxes.map((text) => text[0]).join('')).toBe('0004000');
  });

  test('runs nothing, asks nobody and is small', () => {
    expect(pageOf(world.kept)).not.toMatch(/<script|<link|<img|src=|https?:|url\(|javascript:/);
    expect(Buffer.byteLength(pageOf(world.kept))).toBeLessThan(60_000);
  });

  test('is the same bytes for the same evidence', () => {
    expect(pageOf(structuredClone(world.kept))).toBe(pageOf(world.kept));
  });

  test('history keeps sentences only: bounds and charts are evidence', () => {
    expect(world.summary.findings.filter(({ bounds }) => bounds !== undefined)).toEqual([]);
    expect(world.kept.findings.filter(({ bounds }) => bounds !== undefined)).toHaveLength(19);
    expect(Buffer.byteLength(JSON.stringify(world.summary))).toBeLessThan(16_384);
  });
});

describe('a page with a hundred slices', () => {
  let many: Judged;
  beforeAll(async () => {
    many = await judgeWorld({ slices: 100 });
  });

  test('EV3, EV9: is at most 300 KB and has the sentence of each of them', () => {
    const page = pageOf(many.kept);
    expect(many.kept.findings).toHaveLength(206);
    expect(Buffer.byteLength(page)).toBeLessThan(300_000);
    const text = textOf(page);
    expect(many.kept.findings.filter(({ sentence }) => !text.includes(sentence))).toEqual([]);
  });

  test('what has no room is counted', () => {
    const html = scorecardSection(many.kept, 30_000);
    expect(Buffer.byteLength(html)).toBeLessThan(33_000);
    expect(html).toMatch(/\d+ more are in the JSON report\./);
  });
});

test('EV7: a first champion has no baseline: its report says what does not apply and compares with nobody', async () => {
  const { kept } = await judgeWorld({ bootstrap: true });
  const text = textOf(scorecardSection(kept, ROOM));
  expect(text).toContain('Not applicable: ranking: there is no champion to compare with.');
  expect(text).toContain('Scores of the candidate');
  expect(text).not.toMatch(/Scores of the champion|dashed|\(champion\)/);
});

test('a regression has predictions in the unit of its label instead of scores by label', async () => {
  const { kept } = await judgeWorld({
    criteria: [{ name: 'error', group: 'quality', metric: 'mae', atMost: 1 }],
    slices: 3,
    task: 'regression',
    label: 'x / 2 + 0.5',
  });
  const html = scorecardSection(kept, ROOM);
  expect(html).toContain('<title>Predictions</title>');
  expect(textOf(html)).toContain('numbers from candidate: rows mean score mean label champion: rows');
  expect(textOf(html)).not.toMatch(/Flagged from|label 1|Wilson|95 %/);
});

describe('evidence of other versions', () => {
  test('without bounds and charts still renders, with numbers and sentences', () => {
    const { charts: _, operatingPoint: __, coverage: ___, ...older } = world.kept;
    const findings = older.findings.map(({ bounds: ____, ...finding }) => finding);
    const html = pageOf({ ...older, findings });
    expect(html).not.toContain('<svg');
    expect(textOf(html)).toContain('24.5 ms [21.3, 26.0]');
    const text = textOf(html);
    expect(findings.filter(({ sentence }) => !text.includes(sentence))).toEqual([]);
  });

  test('of a metric that this version does not know has its numbers without a unit', () => {
    const findings = world.kept.findings.map((finding) => ({ ...finding, metric: 'novel' as 'auc' }));
    expect(textOf(pageOf({ ...world.kept, findings }))).toContain('69.5');
  });
});

describe('what stands in evidence is text', () => {
  const hostile = '<script>alert(1)</script>"\u001b[31m';
  const shown = (verdict: ReportedVerdict) => pageOf(verdict);

  test('names, slices, sentences, reasons and warnings cannot become markup or steer a terminal', () => {
    const findings = world.kept.findings.map((finding) => ({
      ...finding,
      criterion: `${hostile}${finding.criterion}`,
      sentence: hostile,
      slice: { column: hostile, value: hostile },
    }));
    const page = shown({ ...world.kept, findings, reasons: [hostile], notApplicable: [hostile], warnings: [hostile] });
    expect(page).not.toContain('<script');
    expect(page).not.toContain('\u001b');
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&lt;U+001B&gt;[31m');
  });

  test('warnings stand after the reasons, before the criteria', () => {
    const html = scorecardSection({ ...world.kept, warnings: ['Weak: hour=3.'] }, ROOM);
    expect(html).toMatch(/<h3>! Warnings<\/h3><ul><li>Weak: hour=3\.<\/li><\/ul>.*<h3>Criteria<\/h3>/);
  });
});
