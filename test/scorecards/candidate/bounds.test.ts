import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { judgeCandidate } from '../../../scorecards/candidate/judge.ts';
import { METRICS } from '../../../scorecards/scorecard-schema.ts';
import type { Estimate } from '../../../scorecards/vocabulary.ts';
import { estimate, measurement, scorecardOf } from './scorecards.ts';

/** Judges one criterion on all rows. */
const judge = (criterion: object, given: { challenger?: Estimate; champion?: Estimate; difference?: Estimate }) => {
  const scorecard = scorecardOf({ name: 'it', group: 'quality', metric: 'auc', ...criterion });
  const both = { challenger: estimate(0.7), champion: estimate(0.7), ...given };
  const verdict = judgeCandidate({
    scorecard,
    measurements: [measurement('it', both)],
    bootstrap: false,
    declaredSlices: [],
  });
  return verdict.findings[0]?.judged;
};

const GAINS: ReadonlySet<string> = new Set([
  'auc',
  'recall',
  'precision',
  'f1',
  'accuracy',
  'averagePrecision',
  'precisionAtK',
  'meanLabelAtTop',
  'demographicParityRatio',
  'equalizedOddsRatio',
  'equalOpportunityRatio',
  'macroF1',
  'microF1',
  'macroPrecision',
  'macroRecall',
  'errorBudget',
]);

describe('an absolute bound', () => {
  test.each([
    [{ atLeast: 0.66 }, estimate(0.7, 0.01), 'pass'],
    [{ atLeast: 0.66 }, estimate(0.665, 0.01), 'inconclusive'],
    [{ atLeast: 0.66 }, estimate(0.655, 0.01), 'fail'],
    [{ atLeast: 0.66 }, estimate(0.66), 'pass'],
    [{ atLeast: 0.66, judge: 'point' }, estimate(0.665, 0.01), 'pass'],
    [{ atLeast: 0.66, judge: 'point' }, estimate(0.655, 0.01), 'fail'],
    [{ metric: 'p99', atMost: '60ms' }, estimate(50, 5), 'pass'],
    [{ metric: 'p99', atMost: '60ms' }, estimate(58, 5), 'inconclusive'],
    [{ metric: 'p99', atMost: '60ms' }, estimate(61, 5), 'fail'],
    [{ metric: 'p99', atMost: '60ms', judge: 'point' }, estimate(60, 5), 'pass'],
    [{ metric: 'ece', atLeast: 0.01, atMost: 0.1 }, estimate(0.05, 0.01), 'pass'],
    [{ metric: 'ece', atLeast: 0.01, atMost: 0.1 }, estimate(0.005, 0.001), 'fail'],
  ] as const)('%j holds %j against it: %s', (criterion, challenger, judged) => {
    expect(judge(criterion, { challenger })).toBe(judged);
  });
});

describe('a bound against the champion', () => {
  const noWorse = { versusChampion: { noWorseBy: 0.002 } };
  const better = { versusChampion: { betterBy: 0.005 } };

  test.each([
    ['higher', 0.01, 'pass'],
    ['higher', -0.01, 'fail'],
    ['lower', 0.01, 'fail'],
    ['lower', -0.01, 'pass'],
  ])(
    'EV7: a metric in the words of a team is better where its direction says: %s by %d is a %s',
    (direction, by, judged) => {
      const own = { metric: 'sql', sql: 'score', direction, group: 'business' };
      const difference = estimate(by, 0.001);
      expect(judge({ ...own, ...noWorse }, { difference })).toBe(judged);
      expect(judge({ ...own, ...better }, { difference })).toBe(judged);
    },
  );

  test.each([
    [noWorse, estimate(0.001, 0.001), 'pass'],
    [noWorse, estimate(0, 0.003), 'inconclusive'],
    [noWorse, estimate(-0.007, 0.0026), 'fail'],
    [noWorse, estimate(0.698 - 0.7), 'pass'],
    [{ ...noWorse, judge: 'point' }, estimate(0, 0.003), 'pass'],
    [{ ...noWorse, metric: 'brier' }, estimate(0.007, 0.0026), 'fail'],
    [{ ...noWorse, metric: 'brier' }, estimate(-0.007, 0.0026), 'pass'],
    [better, estimate(0.008, 0.002), 'pass'],
    [better, estimate(0.006, 0.002), 'inconclusive'],
    [better, estimate(0.004, 0.002), 'fail'],
    [{ ...better, metric: 'brier' }, estimate(-0.008, 0.002), 'pass'],
  ] as const)('%j with a difference of %j: %s', (criterion, difference, judged) => {
    expect(judge(criterion, { difference })).toBe(judged);
  });

  test.each([['interval'], ['point']])('a tie keeps the champion when better is asked (judge: %s)', (mode) => {
    const tie = { judge: mode, versusChampion: { betterBy: 0 } };
    expect(judge(tie, { difference: estimate(0) })).toBe('fail');
    expect(judge(tie, { difference: estimate(1e-6) })).toBe('pass');
  });

  test.each([
    ['0%', 0, 'pass'],
    ['0%', 0.001, 'fail'],
    ['5%', 0.04, 'pass'],
    ['5%', 0.0401, 'fail'],
    ['5%', -0.3, 'pass'],
  ])('a cost of at most %s more than 0.80 allows a difference of %d: %s', (noWorseBy, difference, judged) => {
    const criterion = { metric: 'cost', versusChampion: { noWorseBy } };
    const champion = estimate(0.8);
    expect(
      judge(criterion, { champion, challenger: estimate(0.8 + difference), difference: estimate(difference) }),
    ).toBe(judged);
  });

  test('a champion that costs nothing may not be made dearer', () => {
    const criterion = { metric: 'cost', versusChampion: { noWorseBy: '5%' } };
    const free = { champion: estimate(0), challenger: estimate(0.1), difference: estimate(0.1) };
    expect(judge(criterion, free)).toBe('fail');
  });

  test.each(METRICS.map((metric) => [metric, GAINS.has(metric)] as const))(
    'knows the direction of %s: higher is better: %p',
    (metric, isGain) => {
      const outcome = (sign: number) =>
        judge({ metric, versusChampion: { noWorseBy: 0.01 } }, { difference: estimate(0.1 * sign) });
      const [up, down] = [outcome(1), outcome(-1)];
      expect([up === 'pass', down === 'pass']).toEqual([isGain, !isGain]);
    },
  );
});

test('a wider interval never turns a finding into a pass', () => {
  const bounds = fc.constantFrom(
    { atLeast: 0.5 },
    { metric: 'ece', atMost: 0.5 },
    { versusChampion: { noWorseBy: 0.1 } },
  );
  const number = fc.double({ min: -1, max: 1, noNaN: true });
  const width = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(bounds, number, width, width, (bound, value, half, more) => {
      const outcome = (size: number) =>
        judge(bound, { challenger: estimate(value, size), difference: estimate(value, size) });
      const [narrow, wide] = [outcome(half), outcome(half + more)];
      expect([narrow, wide]).not.toEqual([expect.not.stringMatching('pass'), 'pass']);
    }),
  );
});

describe('what a finding keeps of its bounds', () => {
  const heldBy = (criterion: object) => {
    const scorecard = scorecardOf({ name: 'it', group: 'quality', metric: 'auc', ...criterion });
    const both = { challenger: estimate(0.7), champion: estimate(0.5), difference: estimate(0.2) };
    const measurements = [measurement('it', both)];
    const { findings } = judgeCandidate({ scorecard, measurements, bootstrap: false, declaredSlices: [] });
    return findings[0]?.bounds;
  };

  test.each([
    [{ atLeast: 0.66 }, 'atLeast', 0.66],
    [{ atMost: 0.8 }, 'atMost', 0.8],
    [{ versusChampion: { noWorseBy: 0.002 } }, 'atLeast', -0.002],
    [{ versusChampion: { betterBy: 0.01 } }, 'atLeast', 0.01],
    [{ metric: 'p99', versusChampion: { noWorseBy: '20ms' } }, 'atMost', 20],
    [{ metric: 'p99', versusChampion: { betterBy: '5ms' } }, 'atMost', -5],
    [{ metric: 'p99', versusChampion: { noWorseBy: 0 } }, 'atMost', 0],
  ])('EV9: %j is a limit with its sign', (criterion, direction, limit) => {
    expect(heldBy(criterion)).toMatchObject([{ direction, limit }]);
  });

  test('EV9: a share of the champion’s cost is held, and kept, as a share', () => {
    expect(heldBy({ metric: 'cost', versusChampion: { noWorseBy: '2%' } })).toEqual([
      {
        kind: 'noWorseBy',
        asked: 0.02,
        limit: 0.02,
        direction: 'atMost',
        found: { value: 0.4, low: 0.4, high: 0.4 },
        relativeTo: 0.5,
        state: 'violated',
      },
    ]);
  });
});
