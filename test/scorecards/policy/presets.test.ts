import { describe, expect, test } from '@jest/globals';
import { readPolicy } from '../../../scorecards/diagnostics/read.ts';
import { readScorecard, resolveScorecard } from '../../../scorecards/diagnostics/read-scorecard.ts';
import { MANDATORY_GROUPS } from '../../../scorecards/scorecard-schema.ts';
import { PRESET_NAMES } from '../../../scorecards/scorecard-preset.ts';
import { PRESETS, SMALLEST } from '../diagnostics/policy-texts.ts';

const extending = (spec: object): unknown => ({
  apiVersion: 'understudy/v1',
  kind: 'Scorecard',
  metadata: { name: 'mine' },
  spec,
});

describe.each([...PRESET_NAMES])('the preset %s', (name) => {
  test('EV1: is a scorecard of its own with all four groups and no problem', () => {
    const { scorecard, diagnostics } = readScorecard(String(PRESETS[name]), `${name}.yaml`);
    expect(diagnostics).toEqual([]);
    const groups = new Set(scorecard?.spec.criteria.map(({ group }) => group));
    expect(MANDATORY_GROUPS.filter((group) => !groups.has(group))).toEqual([]);
    expect(scorecard?.spec.task).toBe(name);
  });

  test('compares with the champion in every group that can', () => {
    const { scorecard } = resolveScorecard(extending({ extends: name }), PRESETS);
    const absolute = scorecard?.spec.criteria.filter(({ versusChampion }) => versusChampion === undefined);
    expect(absolute?.map(({ group }) => group)).toEqual(['size']);
  });
});

describe('extending a preset', () => {
  test('N12: the classification preset refuses 40 ms more tail latency', () => {
    const { scorecard } = resolveScorecard(extending({ extends: 'classification' }), PRESETS);
    const tail = scorecard?.spec.criteria.find(({ metric }) => metric === 'p99');
    expect(tail?.versusChampion?.noWorseBy).toBe(20);
  });

  test('EV2: who signed the preset has not signed the scorecard of a team', () => {
    expect(resolveScorecard(extending({ extends: 'classification' }), PRESETS).scorecard?.spec.signedOffBy).toEqual([]);
    const own = extending({ extends: 'classification', signedOffBy: ['ana@example'] });
    expect(resolveScorecard(own, PRESETS).scorecard?.spec.signedOffBy).toEqual(['ana@example']);
  });

  test('changes the fields it names and keeps the others', () => {
    const own = extending({ extends: 'classification', criteria: [{ name: 'cost of mistakes', falseNegative: 5 }] });
    const { scorecard, problems } = resolveScorecard(own, PRESETS);
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(scorecard?.spec.criteria.find(({ metric }) => metric === 'cost')).toMatchObject({
      group: 'business',
      falseNegative: 5,
      falsePositive: 1,
      versusChampion: { noWorseBy: 0.02 },
    });
  });

  test('adds criteria with new names after those of the preset', () => {
    const parity = { name: 'parity', group: 'fairness', metric: 'equalizedOdds', by: 'plan', atMost: 0.4 };
    const { scorecard } = resolveScorecard(extending({ extends: 'classification', criteria: [parity] }), PRESETS);
    expect(scorecard?.spec.criteria).toHaveLength(7);
    expect(scorecard?.spec.criteria.at(-1)).toMatchObject(parity);
  });

  test('with another metric starts afresh, so that no bound is inherited by accident', () => {
    const own = extending({
      extends: 'classification',
      criteria: [{ name: 'ranking', group: 'quality', metric: 'f1' }],
    });
    expect(resolveScorecard(own, PRESETS).problems.map(({ code }) => code)).toContain('US0232');
  });

  test('is refused for a preset that does not exist', () => {
    const { problems } = resolveScorecard(extending({ extends: 'rankin' }), PRESETS);
    expect(problems).toMatchObject([{ code: 'US0101', help: 'did you mean "ranking"?' }]);
  });

  test.each([[null], [{ spec: null }], [{ spec: { extends: 'ranking', criteria: 7 } }], [[]], ['text']])(
    'never throws, not even for %j',
    (own) => {
      expect(resolveScorecard(own, PRESETS).problems.length).toBeGreaterThan(0);
    },
  );
});

test('a problem in a criterion of one’s own is placed in one’s own text', () => {
  const criteria = 'criteria: [{ name: tail latency, atMost: 50MB }]';
  const text = SMALLEST.replace('{ extends: classification }', `{ extends: classification, ${criteria} }`);
  const { diagnostics } = readPolicy(text, 'policy.yaml', { presets: PRESETS });
  const column = String(text.split('\n')[8]).indexOf('50MB');
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toMatchObject([
    { code: 'US0239', line: 9, column: column + 1, length: 4, path: 'spec.scorecard.criteria[0].atMost' },
  ]);
});
