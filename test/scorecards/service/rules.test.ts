import { describe, expect, test } from '@jest/globals';
import { readPolicy } from '../../../scorecards/diagnostics/read.ts';
import { diffScorecards } from '../../../scorecards/scorecard-diff.ts';
import { scorecardOf } from '../candidate/scorecards.ts';
import { PRESETS, SMALLEST } from '../diagnostics/policy-texts.ts';

/** Codes from US0232 on that one more criterion brings. */
function codesOf(criterion: string, ...spec: readonly string[]) {
  const scorecard = `  scorecard:\n    extends: classification\n    criteria: [{ name: mine, group: business, ${criterion} }]\n`;
  const lines = spec.map((line) => `  ${line}\n`).join('');
  const text = SMALLEST.replace('  scorecard: { extends: classification }\n', scorecard) + lines;
  const { diagnostics } = readPolicy(text, 'policy.yaml', { presets: PRESETS });
  return diagnostics
    .map(({ code }) => code)
    .filter((code) => code > 'US0231' && code !== 'US0237' && code !== 'US0269');
}
const ONLINE = ['serving: { command: [python, serve.py] }', 'traffic: { route: churn }'];
const RATIO = `query: 'bad:ratio{model="$model"}[$window]'`;

describe('EV7: lint of a criterion on the live service', () => {
  test.each([
    ['metric: promql, query: sum(orders), atLeast: 3'],
    ['metric: promql, query: sum(orders), atLeast: 3, atMost: 9'],
    ['metric: promql, query: sum(orders), atLeast: 3, direction: higher'],
    ["metric: promql, query: 'sum(rate(orders[$window]))', window: 5m, atMost: 3, direction: lower"],
    [`metric: errorBudget, ${RATIO}, atLeast: 25%`],
    [`metric: burnRate, ${RATIO}, atMost: 1.5, window: 6h`],
    ['metric: openIncidents, atMost: 0'],
  ])('has nothing against %s', (criterion) => {
    expect(codesOf(criterion)).toEqual([]);
  });

  test.each([
    ['metric: promql, atLeast: 3', 'US0265'],
    ['metric: auc, query: sum(orders), atLeast: 0.6', 'US0265'],
    ['metric: openIncidents, atMost: 0, window: 1h', 'US0265'],
    ["metric: promql, query: 'sum(orders{m=$model})', atLeast: 3", 'US0266'],
    ["metric: promql, query: 'rate(orders[$window])', atLeast: 3", 'US0266'],
    ['metric: burnRate, query: bad, atMost: 1.5', 'US0266'],
    ['metric: promql, query: orders, versusChampion: { noWorseBy: 1 }', 'US0267'],
    ['metric: burnRate, atMost: 1.5', 'US0268'],
    ['metric: promql, query: orders', 'US0232'],
    ['metric: promql, query: orders, atMost: 3, direction: higher', 'US0236'],
    ['metric: promql, query: orders, atLeast: 60ms', 'US0239'],
    ['metric: openIncidents, atLeast: 1', 'US0236'],
  ])('refuses %s: %s', (criterion, code) => {
    expect(codesOf(criterion)).toEqual([code]);
  });

  test('N9: a budget needs someone who counts, and something to spend', () => {
    const budget = 'metric: errorBudget, atLeast: 25%';
    expect(codesOf(budget)).toEqual(['US0268']);
    expect(codesOf(budget, ...ONLINE)).toEqual([]);
    expect(codesOf(budget, ...ONLINE, 'slo: { availability: 100% }')).toEqual(['US0268']);
  });
});

test('GV7: another query in the place of the agreed one is a looser scorecard, another window a change', () => {
  const card = (more: object) =>
    scorecardOf({ name: 'c', group: 'business', metric: 'promql', query: 'a', atLeast: 1, ...more });
  const changes = (more: object) =>
    diffScorecards(card({}), card(more)).map(({ direction, sentence }) => `${direction}: ${sentence}`);
  expect(changes({ query: 'b' })).toEqual(['looser: query was a, is b']);
  expect(changes({ window: '1h', direction: 'higher' })).toEqual([
    'looser: its direction was not set, is higher',
    'other: window was not set, is 1h',
  ]);
});
