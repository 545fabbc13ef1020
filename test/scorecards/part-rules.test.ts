import { describe, expect, test } from '@jest/globals';
import { readPolicy } from '../../scorecards/diagnostics/read.ts';
import { PRESETS, SMALLEST } from './diagnostics/policy-texts.ts';

/** What lint says of one criterion in a policy with a holdout of two weeks; rules without data have a file of their own. */
function found(criterion: string, holdout = '14d'): readonly string[] {
  const scorecard = `  scorecard:\n    extends: classification\n    criteria: [{ name: one, ${criterion} }]\n`;
  const text = `${SMALLEST.replace('  scorecard: { extends: classification }\n', scorecard)}  dataset: { holdout: ${holdout} }\n`;
  const { diagnostics } = readPolicy(text, 'policy.yaml', { presets: PRESETS });
  return diagnostics.filter(({ path }) => path.includes('criteria')).map(({ code, message }) => `${code}: ${message}`);
}
const recall = (more: string) => `group: robustness, metric: recall, atLeast: 0.5, ${more}`;

describe('blocks of time in a policy', () => {
  test.each([
    [recall('blocks: 7d')],
    [recall('blocks: 36h')],
    [recall('blocks: 4')],
    ['group: robustness, metric: worst, of: cost, falseNegative: 5, falsePositive: 1, blocks: 4, atMost: 2'],
    ['group: robustness, metric: spread, of: precisionAtK, k: 10%, blocks: 4, atMost: 10%'],
    ['group: robustness, metric: worst, of: auc, blocks: 4, atLeast: 70%, versusChampion: { noWorseBy: 2% }'],
  ])('%s is fine', (criterion) => {
    expect(found(criterion)).toEqual([]);
  });

  test('US0282: blocks of which the holdout has but one', () => {
    expect(found(recall('blocks: 8d'))).toEqual(['US0282: blocks of 8d in a holdout of 14d are one block']);
    expect(found(recall('blocks: 7d'), '13d')).toEqual(['US0282: blocks of 7d in a holdout of 13d are one block']);
  });

  test('US0282: blocks of which the holdout has more than may be judged', () => {
    expect(found(recall('blocks: 1h'))).toEqual([
      'US0282: 336 blocks of time in a holdout of 14d, and maxSlices allows 200 slices',
    ]);
  });

  test('a slice of worst is one of the policy, as of every criterion', () => {
    expect(found('group: robustness, metric: worst, of: auc, by: plan, atLeast: 0.6')).toEqual([
      'US0234: slice "plan" is not declared',
    ]);
  });

  test('US0283: neither slices nor blocks where there are no rows to cut', () => {
    const latency = (cut: string) => `group: latency, metric: p95, atMost: 1s, ${cut}`;
    expect(found(latency('by: plan'))).toContain('US0283: p95 has no slices: the load run is measured as a whole');
    expect(found('group: robustness, metric: freshness, atMost: 90d, blocks: 4')).toEqual([
      'US0283: freshness is not told by blocks of time: it is one number about the run',
    ]);
  });

  test('a bound of worst and spread is in the unit of what they are of', () => {
    expect(found('group: robustness, metric: spread, of: brier, blocks: 4, atMost: 10%')).toEqual([
      'US0239: "10%" does not fit spread, expected a bare number',
    ]);
  });
});
