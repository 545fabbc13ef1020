import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { concludeData } from '../../../scorecards/data-checks/finding.ts';
import { readResult } from '../../../scorecards/data-checks/read-result.ts';
import { findingsFrom } from '../../../scorecards/data-checks/results.ts';
import type { ResultTool } from '../../../scorecards/data-checks/results.ts';

const written = (name: string) =>
  readFileSync(new URL(`../../fixtures/check-results/${name}.json`, import.meta.url), 'utf8');
const judge = (tool: ResultTool, text: string) => findingsFrom(tool, 'result.json', readResult(tool, text));
const said = (tool: ResultTool, name: string) =>
  judge(tool, written(name)).map(({ judged, level, sentence }) => [judged, level, sentence]);

const OWN = {
  schemaVersion: 1,
  tool: 'pii-scan',
  madeAt: '2026-01-01T00:00:00Z',
  findings: [{ check: 'e-mail addresses', outcome: 'broken', column: 'notes', counts: { broken: 3, of: 100 } }],
};

describe('results of Great Expectations 1.24.1, as it wrote them', () => {
  test('DA3: a result in which everything holds passes', () => {
    expect(said('great-expectations', 'great-expectations-good')).toEqual([
      [
        'pass',
        'none',
        'expect_column_values_to_be_unique of "id" holds: 0 of 100 values break it (great-expectations, result.json).',
      ],
    ]);
  });

  test('DA3: a failed expectation fails, one of severity warning warns, and one that raised is never a pass', () => {
    const findings = said('great-expectations', 'great-expectations-bad');
    expect(findings).toHaveLength(4);
    expect(findings).toEqual(
      expect.arrayContaining([
        [
          'missing',
          'none',
          expect.stringMatching(/"no_such" could not be judged: .*"no_such" in BatchData does not exist/),
        ],
        [
          'fail',
          'breach',
          'expect_column_values_to_be_between of "hour" does not hold: 12 of 100 values break it (great-expectations, result.json).',
        ],
        ['pass', 'warn', expect.stringContaining('"origin" does not hold: 34 of 100 values break it')],
        ['pass', 'none', expect.stringContaining('"id" holds')],
      ]),
    );
  });

  test('it says when it was made and by which version', () => {
    expect(readResult('great-expectations', written('great-expectations-good'))).toMatchObject({
      madeAt: expect.stringMatching(/^20\d\d-\d\d-\d\dT/),
      version: '1.24.1',
    });
  });

  test('success: false without a failed expectation contradicts itself and cannot be believed', () => {
    const good = JSON.parse(written('great-expectations-good')) as Record<string, unknown>;
    const [finding] = judge('great-expectations', JSON.stringify({ ...good, success: false }));
    expect(finding).toMatchObject({ judged: 'missing', why: 'unreadable' });
  });

  test('no value of the data is repeated: a report is kept for long', () => {
    const sentences = judge('great-expectations', written('great-expectations-bad')).map(({ sentence }) => sentence);
    expect(sentences.join(' ')).not.toMatch(/\b(21|22|23)\b/);
  });
});

describe('reports of Evidently 0.7.23, as it wrote them', () => {
  test('DA3: tests that hold pass', () => {
    expect(said('evidently', 'evidently-good').map(([judged, level]) => [judged, level])).toEqual([
      ['pass', 'none'],
      ['pass', 'none'],
    ]);
  });

  test('DA3: a failed test fails, one that is not critical warns', () => {
    expect(said('evidently', 'evidently-bad')).toEqual([
      ['fail', 'breach', expect.stringContaining('Share of Drifted Columns: Less 0.500 does not hold')],
      [
        'fail',
        'breach',
        expect.stringMatching(/^Value Drift for column distance of "distance" does not hold: Drift score/),
      ],
      ['pass', 'none', expect.stringContaining('Value Drift for column origin')],
      ['pass', 'none', expect.stringContaining('missing values')],
      ['fail', 'breach', expect.stringContaining('Actual value 500.000 < 1000.000')],
      ['pass', 'warn', expect.stringContaining("Maximum value of 'distance'")],
    ]);
  });

  test('metrics without a test are no verdict', () => {
    const [finding] = judge('evidently', written('evidently-metrics-only'));
    expect(finding).toMatchObject({ judged: 'missing', why: 'unreadable' });
    expect(finding?.sentence).toMatch(/1 metrics and no test; make it with include_tests=True/);
  });
});

describe('findings of a check of one’s own', () => {
  test('GV10: a finding of a scan for personal data ends the run', () => {
    const findings = judge('findings', JSON.stringify(OWN));
    expect(concludeData(findings)).toMatchObject({
      verdict: 'fail',
      reasons: [
        'pii-scan: e-mail addresses of "notes" does not hold: 3 of 100 values break it (findings, result.json).',
      ],
    });
  });

  test.each([
    ['without a check', { ...OWN, findings: [] }],
    ['with an unknown field', { ...OWN, verdict: 'pass' }],
    ['of another version', { ...OWN, schemaVersion: 2 }],
  ])('a file %s is never a pass', (_, document) => {
    expect(judge('findings', JSON.stringify(document))).toMatchObject([{ judged: 'missing', why: 'unreadable' }]);
  });
});

describe('a file that is not what its tool writes', () => {
  const TOOLS = ['great-expectations', 'evidently', 'findings'] as const;
  const TEXTS = ['', '{', 'null', '[]', '{}', '{"success": true}', '{"tests": "all good"}', '"passed"'];
  test.each(TOOLS.flatMap((tool) => TEXTS.map((text) => [tool, text] as const)))(
    'DA3: is never a pass for %s: %j',
    (tool, text) => {
      expect(judge(tool, text)).toMatchObject([{ judged: 'missing', why: 'unreadable' }]);
    },
  );

  test.each([
    ['great-expectations', 'evidently-good'],
    ['evidently', 'great-expectations-good'],
    ['findings', 'great-expectations-good'],
  ] as const)('%s does not take %s for its own', (tool, name) => {
    expect(judge(tool, written(name))).toMatchObject([{ judged: 'missing' }]);
  });
});
