import { describe, expect, test } from '@jest/globals';
import { resolveScorecard } from '../../scorecards/diagnostics/read-scorecard.ts';
import { diffScorecards } from '../../scorecards/scorecard-diff.ts';
import type { Scorecard } from '../../scorecards/scorecard-schema.ts';
import { PRESETS } from './diagnostics/policy-texts.ts';
import { present } from '../present.ts';

type Fields = Readonly<Record<string, unknown>>;

function resolved(spec: Fields): Scorecard {
  const document = { apiVersion: 'understudy/v1', kind: 'Scorecard', metadata: { name: 'mine' }, spec };
  const { problems, scorecard } = resolveScorecard(document, PRESETS);
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  return present(scorecard);
}

/** Over the preset, which has the four groups; `one` is the criterion in question. */
const withOne = (one: Fields, more: Fields = {}): Scorecard =>
  resolved({ extends: 'classification', signedOffBy: ['ana@example'], criteria: [{ name: 'one', ...one }], ...more });

const changes = (before: Scorecard, after: Scorecard): string[] =>
  diffScorecards(before, after).map((one) => `${one.direction}: ${one.criterion ?? '-'}: ${one.sentence}`);

const AUC = { group: 'quality', metric: 'auc', atLeast: 0.7 };
const P99 = { group: 'latency', metric: 'p99', atMost: '60ms' };
const COST = { group: 'business', metric: 'cost', falseNegative: 5, falsePositive: 1, atMost: 2 };
const WORST = { group: 'robustness', metric: 'worst', by: 'city', atLeast: 0.5 };
const OWN = { group: 'business', metric: 'sql', sql: 'score', direction: 'higher', versusChampion: { noWorseBy: 0 } };

describe('EV2: what became looser', () => {
  test.each([
    ['atLeast lowered from 0.7 to 0.6', AUC, { ...AUC, atLeast: 0.6 }],
    [
      'atLeast 0.7 is gone',
      { ...AUC, versusChampion: { noWorseBy: 0.1 } },
      { ...AUC, atLeast: undefined, versusChampion: { noWorseBy: 0.1 } },
    ],
    ['atMost raised from 60ms to 2s', P99, { ...P99, atMost: '2s' }],
    [
      'atMost raised from 50MB to 1GB',
      { group: 'size', metric: 'bytes', atMost: '50MB' },
      { group: 'size', metric: 'bytes', atMost: '1GB' },
    ],
    ['needed 500 rows, needs 100', AUC, { ...AUC, minimum: 100 }],
    ['confidence was 95 %, is 80 %', AUC, { ...AUC, confidence: '80%' }],
    ['was judged at the unfavourable end of the interval, is at the estimate alone', AUC, { ...AUC, judge: 'point' }],
    ['was judged by block of time (4), is for all rows together', { ...AUC, blocks: 4 }, AUC],
    ['was judged by city, is for all rows together', { ...AUC, by: 'city' }, AUC],
    ['misses Bonn no more', { ...AUC, by: 'city', gone: ['Ulm'] }, { ...AUC, by: 'city', gone: ['Bonn', 'Ulm'] }],
    [
      'was to be no worse by 0.01 than the champion, is to be no worse by 0.05',
      { ...AUC, versusChampion: { noWorseBy: 0.01 } },
      { ...AUC, versusChampion: { noWorseBy: 0.05 } },
    ],
    [
      'was to be better by 0 than the champion, is to be no worse by 0',
      { ...AUC, versusChampion: { betterBy: 0 } },
      { ...AUC, versusChampion: { noWorseBy: 0 } },
    ],
    ['is compared with the champion no more', { ...AUC, versusChampion: { noWorseBy: 0 } }, AUC],
    ['a miss cost 5 and a false alarm 1, costs 4 and a false alarm 1', COST, { ...COST, falseNegative: 4 }],
    [
      'a miss cost 5 and a false alarm 1, costs 5 and a false alarm 1, a hit -8 and a right pass 0',
      COST,
      { ...COST, truePositive: -8 },
    ],
    [
      'load was 50/s for 10s, is 20/s for 10s',
      { ...P99, load: { rate: '50/s', for: '10s' } },
      { ...P99, load: { rate: '20/s', for: '10s' } },
    ],
  ])('%s; the other way round it became stricter', (sentence, before, after) => {
    expect(changes(withOne(before), withOne(after))).toEqual([`looser: one: ${sentence}`]);
    const back = diffScorecards(withOne(after), withOne(before));
    expect(back.map(({ direction }) => direction)).toEqual(['stricter']);
  });

  test.each([
    ['was judged by block of time (4), is by block of time (7d)', { ...AUC, blocks: 4 }, { ...AUC, blocks: '7d' }],
    ['its of was recall, is precision', { ...WORST, of: 'recall' }, { ...WORST, of: 'precision' }],
    ['was judged by city, is by age', { ...AUC, by: 'city' }, { ...AUC, by: 'age' }],
    ['its sql was score, is 1 - score', OWN, { ...OWN, sql: '1 - score' }],
    ['its direction was higher, is lower', OWN, { ...OWN, direction: 'lower' }],
    ['judges accuracy, and auc no more', AUC, { ...AUC, metric: 'accuracy' }],
  ])('%s, which loosens either way', (sentence, before, after) => {
    expect(changes(withOne(before), withOne(after))).toEqual([`looser: one: ${sentence}`]);
    const back = diffScorecards(withOne(after), withOne(before));
    expect(back.map(({ direction }) => direction)).toEqual(['looser']);
  });

  test('GV1: a fairness criterion that was taken out, or compares other groups', () => {
    const fair = { group: 'fairness', metric: 'demographicParity', by: 'sex', atMost: 0.1 };
    const none = resolved({ extends: 'classification', signedOffBy: ['ana@example'] });
    expect(changes(withOne(fair), none)).toEqual(['looser: one: is judged no more']);
    expect(changes(none, withOne(fair))).toEqual(['stricter: one: is judged, too']);
    expect(changes(withOne(fair), withOne({ ...fair, by: 'city' }))).toEqual([
      'looser: one: was judged by sex, is by city',
    ]);
    expect(changes(withOne(fair), withOne({ ...fair, atMost: 0.3 }))).toEqual([
      'looser: one: atMost raised from 0.1 to 0.3',
    ]);
  });

  test('a bound of the preset that the team’s own file lowers is found', () => {
    const preset = resolved({ extends: 'classification', signedOffBy: ['ana@example'] });
    const own = { name: 'tail latency', atMost: '5s' };
    expect(
      changes(preset, resolved({ extends: 'classification', signedOffBy: ['ana@example'], criteria: [own] })),
    ).toEqual(['looser: tail latency: atMost raised from 1s to 5s']);
  });

  test('EV8: fewer labels are needed than before', () => {
    const [before, after] = [withOne(AUC), withOne(AUC, { labelCoverage: '60%' })];
    expect(changes(before, after)).toEqual(['looser: -: labelCoverage was 80 %, is 60 %']);
    expect(changes(after, before)).toEqual(['stricter: -: labelCoverage was 60 %, is 80 %']);
    expect(changes(before, withOne(AUC, { labelCoverage: '80%' }))).toEqual([]);
  });

  test('nobody signs any more', () => {
    expect(changes(withOne(AUC), withOne(AUC, { signedOffBy: [] }))).toEqual([
      'looser: -: signedOffBy was ana@example, is nobody',
    ]);
  });

  test('comes before what became stricter, and before what is merely other', () => {
    const after = withOne({ ...AUC, atLeast: 0.8, minimum: 100 }, { operatingPoint: { top: '40%' } });
    expect(changes(withOne(AUC), after)).toEqual([
      'looser: one: needed 500 rows, needs 100',
      'stricter: one: atLeast raised from 0.7 to 0.8',
      'other: -: operatingPoint was threshold 0.5, is top 0.4',
    ]);
  });

  test('names the threshold of best F1, which may flag more or fewer', () => {
    const after = withOne(AUC, { operatingPoint: { bestF1: 'training' } });
    expect(changes(withOne(AUC), after)).toEqual([
      'other: -: operatingPoint was threshold 0.5, is best F1 on training',
    ]);
  });
});

describe('what did not become looser', () => {
  const two = resolved({
    extends: 'classification',
    signedOffBy: ['ana@example'],
    criteria: [{ ...AUC, name: 'two' }],
  });
  test.each([
    [
      'another signature',
      withOne(AUC, { signedOffBy: ['bo@example'] }),
      '-: signedOffBy was ana@example, is bo@example',
    ],
    ['another cap on slices', withOne(AUC, { maxSlices: 300 }), '-: maxSlices was nothing, is 300'],
    ['another name of a criterion', two, 'two: was called one'],
    ['another group', withOne({ ...AUC, group: 'robustness' }), 'one: was of group quality, is of robustness'],
  ])('%s', (_, after, sentence) => {
    expect(changes(withOne(AUC), after)).toEqual([`other: ${sentence}`]);
  });

  test('confidence where only the estimate counts', () => {
    const point = { ...AUC, judge: 'point' };
    expect(changes(withOne(point), withOne({ ...point, confidence: '80%' }))).toEqual([
      'other: one: confidence was 95 %, is 80 %',
    ]);
  });

  test('the rows and the interval of an exact size', () => {
    const size = { group: 'size', metric: 'bytes', atMost: '50MB' };
    const changed = diffScorecards(withOne(size), withOne({ ...size, minimum: 1, judge: 'point', confidence: '80%' }));
    expect(changed.map(({ direction }) => direction)).toEqual(['other', 'other', 'other']);
  });

  test('prices where only the champion is compared with', () => {
    const relative = { ...COST, atMost: undefined, versusChampion: { noWorseBy: '2%' } };
    expect(changes(withOne(relative), withOne({ ...relative, falseNegative: 4 }))).toEqual([
      'other: one: a miss cost 5 and a false alarm 1, costs 4 and a false alarm 1',
    ]);
  });

  test('the order of criteria, and a scorecard that stayed as it was', () => {
    const [a, b] = [
      { ...AUC, name: 'a' },
      { ...P99, name: 'b' },
    ];
    const both = (criteria: readonly object[]) => resolved({ extends: 'classification', criteria });
    expect(diffScorecards(both([a, b]), both([b, a]))).toEqual([]);
  });
});
