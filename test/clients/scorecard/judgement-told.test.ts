import { describe, expect, test } from '@jest/globals';
import { findingRows } from '../../../clients/scorecard/finding-rows.ts';
import { renderJudgement } from '../../../clients/scorecard/judgement-lines.ts';
import { renderJudgementPage } from '../../../clients/scorecard/judgement-page.ts';
import { renderJunit } from '../../../clients/scorecard/junit.ts';
import type { Judgement } from '../../../clients/scorecard/told.ts';
import { judgeCandidate } from '../../../scorecards/candidate/judge.ts';
import type { CandidateFinding } from '../../../scorecards/candidate/verdict.ts';
import { scorecardSchema } from '../../../scorecards/scorecard-schema.ts';

const scorecard = scorecardSchema.parse({
  apiVersion: 'understudy/v1',
  kind: 'Scorecard',
  metadata: { name: 'churn' },
  spec: {
    criteria: [
      { name: 'age', group: 'cost', metric: 'freshness', atMost: '7d' },
      { name: 'hours', group: 'cost', metric: 'gpuHours', atMost: 2 },
      { name: 'size', group: 'size', metric: 'bytes', atMost: '50MB' },
      { name: 'ranking', group: 'quality', metric: 'auc', versusChampion: { noWorseBy: 0 } },
      { name: 'calm', group: 'business', metric: 'openIncidents', atMost: 0 },
    ],
  },
});

const exactly = (value: number) => ({ value, low: value, high: value });
const measurements = [
  { criterion: 'age', slice: null, n: 1, challenger: exactly(3 * 86_400_000) },
  { criterion: 'hours', slice: null, n: 1, challenger: exactly(2.5) },
  { criterion: 'size', slice: null, n: 1, challenger: exactly(12_000_000) },
];

function judged(): Judgement {
  const verdict = judgeCandidate({ scorecard, measurements, bootstrap: true, declaredSlices: [] });
  const told = { ...verdict, notes: ['Chance was allowed for.'], warnings: ['Weak where plan=old.'] };
  return { scorecard, verdict: told, digest: 'ab', bootstrap: true, files: [], unused: [] };
}

describe('what is told of an offline judgement', () => {
  test('how it was judged and where it is weak stand on the screen and on the page', () => {
    const lines = renderJudgement(judged(), undefined, false);
    expect(lines).toMatch(/^how it was judged {2}Chance was allowed for\.$/m);
    expect(lines).toMatch(/^warning {12}Weak where plan=old\.$/m);
    const page = renderJudgementPage(judged());
    expect(page).toContain('<dt>how it was judged</dt><dd>Chance was allowed for.</dd>');
    expect(page).toContain('<dt>warning</dt><dd>Weak where plan=old.</dd>');
  });

  test('numbers have the units of the report', () => {
    const rows = findingRows(judged().verdict.findings, scorecard);
    expect(rows.map(({ challenger, criterion }) => [criterion, challenger])).toEqual([
      ['hours', '2.50 h'],
      ['age', '3.00 d'],
      ['size', '12.0 MB'],
    ]);
  });

  test('of what failed that which is furthest beyond its bound comes first, and a change has its sign', () => {
    const finding = (criterion: string, value: number): CandidateFinding => ({
      criterion,
      group: 'quality',
      metric: 'auc',
      slice: null,
      judged: 'fail',
      sentence: '',
      n: 900,
      difference: { value, low: value - 0.01, high: value + 0.01 },
      bounds: [
        {
          kind: 'noWorseBy',
          state: 'violated',
          asked: 0,
          direction: 'atLeast',
          limit: 0,
          found: { value, low: value - 0.01, high: value + 0.01 },
        },
      ],
    });
    const rows = findingRows([finding('a', -0.02), finding('b', -0.2), finding('c', 0.02)], scorecard);
    expect(rows.map(({ criterion, difference }) => [criterion, difference])).toEqual([
      ['b', '−0.200 [−0.210, −0.190]'],
      ['a', '−0.020 [−0.030, −0.010]'],
      ['c', '+0.020 [+0.010, +0.030]'],
    ]);
  });

  test('JUnit says of each criterion that does not apply why the verdict says so', () => {
    const xml = renderJunit(judged());
    expect(xml).toContain('<testcase name="ranking" classname="scorecard churn.quality" time="0">');
    expect(xml).toContain('<skipped message="there is no champion to compare with"/>');
    expect(xml).toContain('<skipped message="nothing serves yet"/>');
  });
});
