import { describe, expect, test } from '@jest/globals';
import { criterionLines } from '../../clients/criterion-lines.ts';
import { scorecardSchema } from '../../scorecards/scorecard-schema.ts';

const SPEC = { apiVersion: 'understudy/v1', kind: 'Scorecard', metadata: { name: 'churn' } };

/** What `explain` says of one criterion. */
function linesOf(fields: Readonly<Record<string, unknown>>, spec: Readonly<Record<string, unknown>> = {}): string {
  const criteria = [{ name: 'one', group: 'quality', ...fields }];
  const scorecard = scorecardSchema.parse({ ...SPEC, spec: { ...spec, criteria } });
  return scorecard.spec.criteria.flatMap((criterion) => criterionLines(criterion, scorecard)).join('\n');
}

describe('what understudy explain says of a criterion', () => {
  test.each(['equalizedOdds', 'demographicParityRatio', 'calibrationGap'])(
    '%s is one number between groups',
    (metric) => {
      const said = linesOf({ metric, by: 'plan', atMost: 0.2 });
      expect(said).toContain(`Holds when ${metric} between the values of plan is at most 0.2.`);
      expect(said).toContain('; at least 500 rows each are needed.');
    },
  );

  test.each([
    ['bytes', 'The size is exact: it needs neither rows nor an interval.'],
    ['freshness', 'The value is exact: it needs neither rows nor an interval.'],
    ['gpuHours', 'The value is exact: it needs neither rows nor an interval.'],
    ['command', 'The value is exact: it needs neither rows nor an interval.'],
  ])('%s needs no rows', (metric, said) => {
    const lines = linesOf({ metric, atMost: 1 });
    expect(lines).toContain(said);
    expect(lines).not.toContain('are needed');
  });

  test.each([
    ['p99', {}, 'at least 500 requests are needed'],
    ['burnRate', {}, 'one number of the live service, without an interval; at least 500 answers are needed.'],
    ['burnRate', { query: 'x[$window]' }, 'one number of the live service, without an interval.'],
    ['openIncidents', {}, 'one number of the live service, without an interval.'],
    ['macroF1', { by: 'plan' }, 'at least 500 rows each of the rarest class are needed'],
    ['microF1', {}, 'at least 500 rows are needed'],
  ])('%s %j counts what it rests on', (metric, fields, said) => {
    expect(linesOf({ metric, atMost: 1, ...fields })).toContain(said);
  });

  test('a price of right answers is told with those of mistakes, and one that nobody wrote is 1', () => {
    const prices = { falseNegative: 5, truePositive: -3, trueNegative: 0 };
    expect(linesOf({ metric: 'cost', atMost: 1, ...prices })).toContain(
      'A miss costs 5, a false alarm 1, a true positive -3, a true negative 0.',
    );
  });

  test.each([
    ['cost', {}],
    ['equalOpportunity', { by: 'plan' }],
    ['sql', { sql: 'case when flagged then 1 else 0 end', direction: 'higher' }],
  ])('%s says which rows are flagged', (metric, fields) => {
    expect(linesOf({ metric, atMost: 1, ...fields })).toContain('Flagged are rows with a score of at least 0.5.');
    const top = linesOf({ metric, atMost: 1, ...fields }, { operatingPoint: { top: '10%' } });
    expect(top).toContain('Flagged are the top 10 % of rows by each model’s own score.');
    const best = linesOf({ metric, atMost: 1, ...fields }, { operatingPoint: { bestF1: 'training' } });
    expect(best).toContain('Flagged are rows from each model’s own threshold of best F1, found on training rows');
  });

  test.each([
    ['auc', {}],
    ['precisionAtK', { k: 10 }],
    ['calibrationGap', { by: 'plan' }],
    ['sql', { sql: 'score * label', direction: 'higher' }],
  ])('%s looks at no flags', (metric, fields) => {
    expect(linesOf({ metric, atMost: 1, ...fields })).not.toContain('Flagged');
  });
});
