import { describe, expect, test } from '@jest/globals';
import { judgeCandidate } from '../../../scorecards/candidate/judge.ts';
import { policySchema } from '../../../scorecards/policy/schema.ts';
import { budgetLeft, burnRate, measureService } from '../../../scorecards/service/measure.ts';
import type { ServiceAnswers } from '../../../scorecards/service/measure.ts';
import { questionsOf } from '../../../scorecards/service/questions.ts';
import { present } from '../../present.ts';
import { scorecardOf } from '../candidate/scorecards.ts';

const policyOf = (spec: object) =>
  policySchema.parse({
    apiVersion: 'understudy/v1',
    kind: 'ModelPolicy',
    metadata: { name: 'churn', owner: 'ana@example' },
    spec: {
      data: {
        observations: { path: 'o/*.parquet', time: 'seen', id: 'id' },
        labels: { path: 'l/*.parquet', id: 'id', label: 'y', availableAt: 'known_at' },
      },
      training: { command: ['train'] },
      scorecard: './scorecard.yaml',
      ...spec,
    },
  });
const ONLINE = { serving: { command: ['serve'] }, traffic: { route: 'churn' } };
const at = '2026-01-05T06:00:00.000Z';

/** What becomes of a criterion when it is answered like this, at 99.9 %. */
function judged(criterion: object, answers: ServiceAnswers, more: object = {}) {
  const scorecard = scorecardOf({ name: 'c', group: 'robustness', ...criterion });
  const about = { criterion: present(scorecard.spec.criteria[0]), policy: policyOf(ONLINE), availability: 0.999, at };
  const measurements = [measureService({ ...about, ...more }, answers)];
  return present(judgeCandidate({ scorecard, measurements, bootstrap: false, declaredSlices: [] }).findings[0]);
}

describe('N9: the error budget', () => {
  test('burns at 1 when errors are what the SLO allows, at 0 without errors', () => {
    expect([burnRate(0.001, 0.999), burnRate(0, 0.999)]).toEqual([expect.closeTo(1, 12), 0]);
  });

  test.each([
    [14.4, 1, 0.02],
    [6, 6, 0.05],
    [1, 72, 0.1],
  ])('agrees with the workbook: %d over %d h spends %d of 30 days', (burn, hours, consumed) => {
    const bad = burn * 0.001;
    expect((burnRate(bad, 0.999) * hours) / 720).toBeCloseTo(consumed, 12);
    // The same errors, and none in the rest of the 30 days.
    expect(budgetLeft((bad * hours) / 720, 0.999)).toBeCloseTo(1 - consumed, 12);
  });

  const counted = (bad: number, answers: number): ServiceAnswers => ({ counted: { answers, bad } });

  test.each([
    [75, 'pass'],
    [76, 'fail'],
    [250, 'fail'],
  ])('with %d bad of 100,000 answers at 99.9 % and at least 25 %% left: %s', (bad, verdict) => {
    expect(judged({ metric: 'errorBudget', atLeast: '25%' }, counted(bad, 100_000)).judged).toBe(verdict);
  });

  test('says what it rests on', () => {
    expect(judged({ metric: 'errorBudget', atLeast: '25%' }, counted(90, 100_000)).sentence).toBe(
      `C (errorBudget) is 0.100, at least 0.25 was asked (90 bad of 100,000 answers within 30d, asked at ${at}).`,
    );
  });

  test.each([
    [1499, 'pass'],
    [1501, 'fail'],
  ])('burns within an hour: %d bad of a million at most 1.5: %s', (bad, verdict) => {
    expect(judged({ metric: 'burnRate', atMost: 1.5 }, counted(bad, 1_000_000)).judged).toBe(verdict);
  });

  test('N9, EV8: fewer answers than the minimum are inconclusive, whatever they say', () => {
    const finding = judged({ metric: 'burnRate', atMost: 1.5, minimum: 200 }, counted(50, 199));
    expect(finding).toMatchObject({
      judged: 'inconclusive',
      sentence: 'C (burnRate) rests on 199 answers within 1h, 200 are needed.',
    });
    expect(judged({ metric: 'burnRate', atMost: 1.5, minimum: 199 }, counted(0, 199)).judged).toBe('pass');
  });

  test.each([
    ['no answers', counted(0, 0), {}, 'the live service was asked nothing within 30d'],
    ['no series', { counted: { answers: 'no series', bad: 0 } }, {}, 'no series'],
    ['no number of bad ones', { counted: { answers: 9000, bad: 'gone' } }, {}, 'gone'],
    ['a query in percent', { value: 12 }, {}, 'the query came to 12, expected the share of bad answers, from 0 to 1'],
    ['a share below 0', { value: -0.1 }, {}, 'the query came to -0.1, expected the share'],
    ['no budget', counted(0, 9000), { availability: 1 }, 'an availability of 100 % leaves no budget to spend'],
    ['nothing asked', {}, {}, 'nothing was asked'],
  ])('EV8: %s is missing, never a pass', (_, answers, more, why) => {
    const finding = judged({ metric: 'errorBudget', atLeast: 0 }, answers, more);
    expect(finding).toMatchObject({ judged: 'missing', sentence: expect.stringContaining(why) });
  });
});

describe('open incidents', () => {
  const criterion = { metric: 'openIncidents', atMost: 0 };

  test.each([
    [0, 3, 'pass'],
    [2, 3, 'fail'],
    [0, 0, 'missing'],
    [1, 0, 'fail'],
  ])('EV1: %d firing among %d alerting rules: %s', (value, alertRules, verdict) => {
    expect(judged(criterion, { value, alertRules }).judged).toBe(verdict);
  });

  test('are counted in whole numbers', () => {
    expect(judged(criterion, { value: 2, alertRules: 3 }).sentence).toBe(
      `C (openIncidents) is 2, at most 0 was asked (one number of the live service, asked at ${at}).`,
    );
  });
});

describe('EV7: a number of the business', () => {
  const orders = { group: 'business', metric: 'promql', query: 'sum(orders)', atLeast: 40, atMost: 60 };

  test.each([
    [39.9, 'fail'],
    [40, 'pass'],
    [60, 'pass'],
    [61, 'fail'],
  ])('%d between 40 and 60: %s', (value, verdict) => {
    expect(judged(orders, { value }).judged).toBe(verdict);
  });

  test('that is not there is missing, not zero', () => {
    const finding = judged({ ...orders, atLeast: 0 }, { value: 'Prometheus has no series for the query' });
    expect(finding).toMatchObject({ judged: 'missing', n: 0 });
    expect(finding.sentence).toBe('C (promql) was not measured: Prometheus has no series for the query.');
  });

  test('needs no labels and no minimum', () => {
    const scorecard = scorecardOf({ name: 'c', ...orders });
    const criterion = present(scorecard.spec.criteria[0]);
    const measurements = [measureService({ criterion, policy: policyOf({}), availability: 0.99, at }, { value: 50 })];
    const coverage = { rows: 1000, labelled: 0 };
    const verdict = judgeCandidate({ scorecard, measurements, bootstrap: false, declaredSlices: [], coverage });
    expect(verdict.verdict).toBe('pass');
  });
});

test('EV1: before the first champion nothing serves, so that criteria on the live service do not apply', () => {
  const scorecard = scorecardOf(
    { name: 'budget', group: 'robustness', metric: 'errorBudget', atLeast: 0.25 },
    { name: 'artifact', group: 'size', metric: 'bytes', atMost: 10 },
  );
  const measurements = [{ criterion: 'artifact', slice: null, n: 1, challenger: { value: 1, low: 1, high: 1 } }];
  const judge = (bootstrap: boolean) => judgeCandidate({ scorecard, measurements, bootstrap, declaredSlices: [] });
  expect(judge(true)).toMatchObject({ verdict: 'pass', of: 1, notApplicable: ['budget: nothing serves yet'] });
  expect(judge(false)).toMatchObject({ verdict: 'inconclusive', of: 2, notApplicable: [] });
});

describe('what is asked', () => {
  const ask = (criterion: object, spec: object = ONLINE) =>
    questionsOf(
      present(scorecardOf({ name: 'c', group: 'robustness', ...criterion }).spec.criteria[0]),
      policyOf(spec),
      {
        model: 'churn',
        version: '7',
      },
    );

  test('N9: counters of the route over the window of the SLO, or of the criterion', () => {
    const counted = (window: string) => ({
      counted: {
        answers: `sum(increase(traefik_router_requests_total{router="churn@file"}[${window}]))`,
        bad: `sum(increase(traefik_router_requests_total{router="churn@file",code=~"5.."}[${window}])) or vector(0)`,
      },
    });
    expect(ask({ metric: 'errorBudget', atLeast: 0 })).toEqual(counted('30d'));
    expect(ask({ metric: 'errorBudget', atLeast: 0 }, { ...ONLINE, slo: { window: '7d' } })).toEqual(counted('7d'));
    expect(ask({ metric: 'burnRate', atMost: 1 })).toEqual(counted('1h'));
    expect(ask({ metric: 'burnRate', atMost: 1, window: '6h' })).toEqual(counted('6h'));
  });

  test('a query of one’s own in their place', () => {
    const query = 'bad:ratio{model="$model",version="$version"}[$window]';
    const value = 'bad:ratio{model="churn",version="7"}[30d]';
    expect(ask({ metric: 'errorBudget', atLeast: 0, query }, {})).toEqual({ value });
  });

  test('alerts of the model that are no tickets, and whether any rule could make one', () => {
    expect(ask({ metric: 'openIncidents', atMost: 0 }, {})).toEqual({
      value: 'count(ALERTS{alertstate="firing",severity!="ticket",model="churn"}) or vector(0)',
      needsAlertRules: true,
    });
    expect(ask({ metric: 'openIncidents', atMost: 0, query: 'sum(open) or vector(0)' }, {})).toEqual({
      value: 'sum(open) or vector(0)',
    });
  });

  test('nothing where nobody is known to count', () => {
    const kserve = { serving: { backend: 'kserve' }, traffic: { gateway: 'kserve', route: 'churn' } };
    expect(ask({ metric: 'burnRate', atMost: 1 }, kserve)).toContain('nothing is known to count its answers');
    expect(ask({ metric: 'promql', atMost: 1 })).toBe('the criterion has no query');
  });
});
