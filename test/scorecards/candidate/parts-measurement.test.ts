import { describe, expect, test } from '@jest/globals';
import { judgeCandidate } from '../../../scorecards/candidate/judge.ts';
import type { CriterionMeasurement } from '../../../scorecards/candidate/measurement.ts';
import { measureParts } from '../../../scorecards/candidate/parts-measurement.ts';
import { twoSidedZ } from '../../../scorecards/statistics/normal-quantile.ts';
import { present } from '../../present.ts';
import { measurement, scorecardOf } from './scorecards.ts';

const WORST = { name: 'weakest', group: 'robustness', metric: 'worst', of: 'recall', by: 'g', minimum: 100 };
const SPREAD = { ...WORST, name: 'apart', metric: 'spread' };

/** Values of the parts g=0, g=1 …, each with that standard error; a part without a value could not be measured. */
const partsOf =
  (values: readonly (number | undefined)[], { n = [], error = 0.02 }: { n?: readonly number[]; error?: number } = {}) =>
  (confidence: number): readonly CriterionMeasurement[] =>
    values.map((value, place) => {
      const half = twoSidedZ(confidence) * error;
      const known =
        value === undefined
          ? { why: 'there is none' }
          : { challenger: { value, low: value - half, high: value + half } };
      return measurement('weakest', { slice: { column: 'g', value: String(place) }, n: n[place] ?? 400, ...known });
    });

function judge(asked: object, parts: (confidence: number) => readonly CriterionMeasurement[]) {
  const scorecard = scorecardOf(asked);
  const criterion = present(scorecard.spec.criteria[0]);
  const measured = measureParts(criterion, parts);
  const verdict = judgeCandidate({ scorecard, measurements: [measured], bootstrap: true, declaredSlices: [] });
  return { measured, verdict: verdict.verdict, said: verdict.findings.map(({ sentence }) => sentence) };
}

describe('the worst part', () => {
  test('EV3: passes where every part holds by itself, and is named', () => {
    const { measured, said, verdict } = judge({ ...WORST, atLeast: 0.55 }, partsOf([0.7, 0.6, 0.65]));
    expect(verdict).toBe('pass');
    expect(said).toEqual([
      'Weakest (worst of recall) is 0.600 [0.561, 0.648], at least 0.55 was asked (n 400). It is worst in g=1 (0.6).',
    ]);
    expect(measured).toMatchObject({ slice: null, n: 400, parts: 3 });
  });

  test('EV8: beyond its bound by no more than chance explains among so many parts is inconclusive, further beyond it fails', () => {
    const eight = Array.from({ length: 8 }, () => 0.6);
    const near = judge({ ...WORST, atLeast: 0.6 }, partsOf([...eight, 0.55]));
    expect(near.verdict).toBe('inconclusive');
    expect(near.said[0]).toContain('at least 0.6 was asked, which chance explains among 9 parts');
    // The same distance fails where only two parts were looked at, and more of it among nine.
    expect(judge({ ...WORST, atLeast: 0.6 }, partsOf([0.6, 0.55])).verdict).toBe('fail');
    expect(judge({ ...WORST, atLeast: 0.6 }, partsOf([...eight, 0.53])).verdict).toBe('fail');
    expect(judge({ ...WORST, atLeast: 0.6, judge: 'point' }, partsOf([...eight, 0.59])).verdict).toBe('fail');
  });

  test('EV4: is that with the largest loss where lower is better, and less of it is a gain', () => {
    const asked = { ...WORST, of: 'brier', atMost: 0.3 };
    const { measured, verdict } = judge(asked, partsOf([0.1, 0.2, 0.15]));
    expect(verdict).toBe('pass');
    expect(measured.challenger?.value).toBe(0.2);
    expect(measured.note).toBe('It is worst in g=1 (0.2).');
    expect(judge({ ...asked, atMost: 0.1 }, partsOf([0.1, 0.2, 0.15])).verdict).toBe('fail');
    const paired = (difference: number) => (confidence: number) =>
      partsOf([0.1, 0.2])(confidence).map((one) => ({
        ...one,
        champion: present(one.challenger),
        difference: { value: difference, low: difference, high: difference },
      }));
    const relative = { ...asked, atMost: undefined, versusChampion: { noWorseBy: 0.01 } };
    const judged = (of: object, difference: number) => {
      const scorecard = scorecardOf({ ...relative, ...of });
      const measurements = [measureParts(present(scorecard.spec.criteria[0]), paired(difference))];
      return judgeCandidate({ scorecard, measurements, bootstrap: false, declaredSlices: [] }).findings[0]?.bounds;
    };
    expect(judged({}, 0)?.[0]).toMatchObject({ direction: 'atMost', limit: 0.01, state: 'holds' });
    expect(judged({ of: 'recall' }, 0)?.[0]).toMatchObject({ direction: 'atLeast', limit: -0.01, state: 'holds' });
  });

  test('EV8: a part with few rows has no say and is named; with fewer than two others nothing is decided', () => {
    const { measured, said, verdict } = judge(
      { ...WORST, atLeast: 0.5 },
      partsOf([0.7, 0.6, 0.1], { n: [400, 300, 40] }),
    );
    expect(verdict).toBe('pass');
    expect(measured).toMatchObject({ n: 300, parts: 2 });
    expect(said[0]).toContain('It is worst in g=1 (0.6). Left out with fewer than 100 rows: g=2 (n 40).');
    const small = judge({ ...WORST, atLeast: 0.5 }, partsOf([0.7, 0.6, 0.1], { n: [400, 60, 40] }));
    expect(small.verdict).toBe('inconclusive');
    expect(small.said[0]).toContain('rests on 60 rows, 100 are needed');
  });

  test('EV3: a part that should have a say and has no number, or has no row, leaves none', () => {
    expect(judge({ ...WORST, atLeast: 0.5 }, partsOf([0.7, undefined, 0.6])).said).toEqual([
      'Weakest (worst of recall) was not measured: of g=1: there is none.',
    ]);
    expect(judge({ ...WORST, atLeast: 0.5 }, partsOf([0.7, undefined, 0.6], { n: [400, 0, 400] })).said).toEqual([
      'Weakest (worst of recall) was not measured: of g=1: no row counts there.',
    ]);
    expect(judge({ ...WORST, atLeast: 0.5 }, partsOf([0.7])).said[0]).toContain('fewer than two parts');
  });
});

describe('how far parts are apart', () => {
  test('EV3: is the best less the worst, never below 0, and both are named', () => {
    const { measured, said, verdict } = judge({ ...SPREAD, atMost: 0.3 }, partsOf([0.7, 0.6, 0.65]));
    expect(verdict).toBe('pass');
    expect(measured.challenger).toEqual({
      value: expect.closeTo(0.1, 12),
      low: expect.any(Number),
      high: expect.any(Number),
    });
    expect(said[0]).toContain('It is g=1 (0.6) against g=0 (0.7).');
    expect(judge({ ...SPREAD, atMost: 0.3 }, partsOf([0.6, 0.61])).measured.challenger?.low).toBe(0);
  });

  test('EV8: what noise alone would show does not fail; a part that is far off does', () => {
    const noise = judge({ ...SPREAD, atMost: 0.05 }, partsOf([0.6, 0.62, 0.58, 0.64, 0.6, 0.61]));
    expect(noise.verdict).toBe('inconclusive');
    expect(judge({ ...SPREAD, atMost: 0.05 }, partsOf([0.6, 0.62, 0.58, 0.3, 0.6, 0.61])).verdict).toBe('fail');
  });
});
