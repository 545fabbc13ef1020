import { describe, expect, test } from '@jest/globals';
import { renderJudgement } from '../../../clients/scorecard/judgement-lines.ts';
import { judgeCandidate } from '../../../scorecards/candidate/judge.ts';
import { bands, changed, estimate, flights } from '../../scorecards/candidate/scorecards.ts';

const slow = { challenger: estimate(90, 3), difference: estimate(70, 4) };
const measurements = changed('tail latency', slow);
const verdict = judgeCandidate({ scorecard: flights, measurements, bootstrap: false, declaredSlices: bands });
const rendered = (columns: number | undefined) =>
  renderJudgement(
    { scorecard: flights, verdict, digest: 'd', bootstrap: false, files: [], unused: [] },
    columns,
    false,
  );

describe('a judgement in a terminal', () => {
  test('that is wide enough is a table with the bound in its last column', () => {
    expect(rendered(220)).toMatch(/^fail +tail latency +p99 .*at most 60ms, at most 20ms worse than the champion$/m);
    expect(rendered(220)).not.toContain('As a table');
  });

  test('of 80 columns is told in sentences, none of which is cut off', () => {
    const text = rendered(80);
    expect(text).not.toContain('…');
    expect(text).toMatch(/^ {2}✔ Artifact \(bytes\) is 2\.1 MB, at most 50 MB was asked\.$/m);
    expect(text.match(/Tail latency/g)).toHaveLength(1);
    expect(text).toMatch(/^As a table from \d+ columns on; --html FILE writes a page with all numbers\.$/m);
  });

  test('and without one it is separated by tabs, for other programs', () => {
    expect(rendered(undefined)).toContain('\nfail\ttail latency\tp99\t');
  });
});
