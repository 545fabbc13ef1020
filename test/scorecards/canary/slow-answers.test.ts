import { describe, expect, test } from '@jest/globals';
import { edgeFor, freezeThresholds, slowAnswers } from '../../../scorecards/canary/slow-answers.ts';
import { present } from '../../present.ts';
import { stepWith, watchEvents } from './event-phases.ts';
import { times } from './phases.ts';
import { GATEWAY_START, countersOf, scrapeAt } from './scrapes.ts';
import type { Codes } from './scrapes.ts';

type Buckets = Readonly<Record<string, number>>;

const EDGES = ['0.1', '0.3', '1.2', '5'];

/** Cumulative buckets from the counts within each edge, the last of them beyond all edges. */
function buckets(...within: readonly number[]): Buckets {
  const sums = within.map((_one, index) => within.slice(0, index + 1).reduce((sum, one) => sum + one, 0));
  return Object.fromEntries([...EDGES, '+Inf'].map((edge, index) => [edge, sums[index] ?? 0]));
}

function scrape(seconds: number, champion: Buckets, challenger: Buckets, codes: Codes = {}) {
  const arms = {
    champion: countersOf({}, { buckets: champion }),
    challenger: countersOf(codes, { buckets: challenger }),
  };
  return scrapeAt(seconds, arms);
}

describe('the bounds beyond which an answer is slow', () => {
  test('are edges of the histogram: that of the objective first, then those of the champion, each once', () => {
    const champion = buckets(600, 350, 45, 4, 1);
    expect(freezeThresholds(champion, 1)).toStrictEqual(['1.2', '0.1', '0.3']);
    expect(freezeThresholds(champion)).toStrictEqual(['1.2', '0.1', '0.3']);
    expect(freezeThresholds(champion, 0.12)).toStrictEqual(['0.1', '0.3', '1.2']);
  });

  test('a champion slower than every edge has the last one', () => {
    expect(freezeThresholds(buckets(0, 0, 0, 0, 10))).toStrictEqual(['5']);
  });

  test('without buckets or answers there are none', () => {
    expect([freezeThresholds({}), freezeThresholds(buckets(0, 0, 0, 0, 0), 1)]).toStrictEqual([[], []]);
  });

  test.each([
    [0.1, '0.1'],
    [0.14, '0.1'],
    [0.16, undefined],
    [0.21, '0.3'],
    [2.4, undefined],
  ])('an objective of %d s is measured by %s', (seconds, edge) => {
    expect(edgeFor([...EDGES, '+Inf'], seconds)).toBe(edge);
  });
});

describe('slow answers between two scrapes', () => {
  const before = scrape(5, buckets(100, 0, 0, 0, 0), buckets(10, 0, 0, 0, 0));

  test('are those beyond each bound, exactly', () => {
    const after = scrape(10, buckets(180, 15, 4, 1, 0), buckets(16, 2, 1, 0, 1));
    expect(slowAnswers({ previous: before, next: after }, ['1.2', '0.1'])).toStrictEqual({
      champion: { requests: 100, bad: 1 },
      challenger: { requests: 10, bad: 1 },
      thresholds: { '0.1': { champion: { requests: 100, bad: 20 }, challenger: { requests: 10, bad: 4 } } },
    });
  });

  test('a request that never ended in an answer is slow, an error that came fast is not', () => {
    const after = scrape(10, buckets(200, 0, 0, 0, 0), buckets(20, 0, 0, 0, 0), { 499: 2, 504: 3, 500: 40 });
    expect(slowAnswers({ previous: before, next: after }, ['0.3'])?.challenger).toStrictEqual({ requests: 15, bad: 5 });
  });

  test('a challenger without series was not slow', () => {
    const after = scrape(10, buckets(200, 0, 0, 0, 0), {});
    const first = scrape(5, buckets(100, 0, 0, 0, 0), {});
    expect(slowAnswers({ previous: first, next: after }, ['0.3'])?.challenger).toStrictEqual({ requests: 0, bad: 0 });
  });

  test.each([
    ['a bound that is no edge', scrape(10, buckets(200, 0, 0, 0, 0), buckets(20, 0, 0, 0, 0)), ['0.25']],
    ['edges that changed', scrape(10, buckets(200, 0, 0, 0, 0), { '0.2': 20, '+Inf': 20 }), ['0.3']],
    ['a bucket that fell', scrape(10, buckets(200, 0, 0, 0, 0), buckets(9, 0, 0, 0, 0)), ['0.3']],
    ['another process', scrapeAt(10, before.arms, GATEWAY_START - 50), ['0.3']],
    ['no bound at all', scrape(10, buckets(200, 0, 0, 0, 0), buckets(20, 0, 0, 0, 0)), []],
  ])('%s is a gap and not a look without slow answers', (_title, next, thresholds) => {
    expect(slowAnswers({ previous: before, next }, thresholds)).toBeUndefined();
  });
});

describe('CA2: a challenger that is slower than the champion', () => {
  const [own, ...further] = freezeThresholds(buckets(600, 350, 45, 4, 1), 1);
  const plan = stepWith([{ name: `slower than ${own} s`, kind: 'slow', floor: 0.01, thresholds: further }]);

  function watchSlow(challenger: Buckets) {
    const [previous, next] = [
      scrape(5, buckets(0, 0, 0, 0, 0), buckets(0, 0, 0, 0, 0)),
      scrape(10, buckets(570, 333, 43, 4, 0), challenger),
    ];
    const counts = present(slowAnswers({ previous, next }, [present(own), ...further]));
    return watchEvents(plan, times(6, { 'slower than 1.2 s': counts })).verdict;
  }

  test('in its tail is rolled back', () => {
    const verdict = watchSlow(buckets(30, 10, 2, 8, 0));
    expect(verdict).toMatchObject({ word: 'rollback', event: 'slower than 1.2 s' });
    expect(verdict.reason).toMatch(/^slower than 1\.2 s 16 % against 0\.42 % \(\d+ of \d+\): harm/);
  });

  test('in its body alone, with every answer in time, is no harm', () => {
    expect(watchSlow(buckets(5, 40, 5, 0, 0)).word).toBe('wait');
  });
});
