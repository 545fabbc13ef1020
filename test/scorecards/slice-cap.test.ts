import { describe, expect, test } from '@jest/globals';
import { mostSlices, sliceCapRules, tooManySlices } from '../../scorecards/slice-cap.ts';
import { scorecardSchema } from '../../scorecards/scorecard-schema.ts';

const scorecard = (columns: readonly string[], more: object = {}) =>
  scorecardSchema.parse({
    apiVersion: 'understudy/v1',
    kind: 'Scorecard',
    metadata: { name: 'test' },
    spec: {
      ...more,
      criteria: columns.map((by) => ({ name: by, group: 'quality', metric: 'auc', atLeast: 0.5, by })),
    },
  });
const values = (column: string, count: number) =>
  Array.from({ length: count }, (_, place) => ({ column, value: String(place) }));

describe('EV3: the cap on slices', () => {
  test('is 200 values of all columns together, and said with what each column has', () => {
    const two = scorecard(['a', 'b']);
    expect(mostSlices(two)).toBe(200);
    expect(tooManySlices(two, [...values('a', 100), ...values('b', 100)])).toBeUndefined();
    expect(tooManySlices(two, [...values('a', 100), ...values('b', 101)])).toBe(
      'the criteria are judged on 201 slices (a has 100, b has 101), maxSlices of the scorecard allows 200',
    );
  });

  test('counts a value once, however many criteria look at it, and no column that none looks at', () => {
    const once = scorecard(['a', 'a'], { maxSlices: 2 });
    expect(tooManySlices(once, [...values('a', 2), ...values('a', 2), ...values('other', 9)])).toBeUndefined();
  });

  test('is found by lint where the columns alone exceed it', () => {
    expect(sliceCapRules(scorecard(['a', 'b'], { maxSlices: 4 }))).toEqual([]);
    expect(sliceCapRules(scorecard(['a', 'b'], { maxSlices: 3 }))).toMatchObject([{ code: 'US0250' }]);
  });
});
