import { expect, test } from '@jest/globals';
import { onCommonGrid } from '../../../scorecards/drift/common-grid.ts';
import { scoresAs } from '../../../scorecards/performance/score-grid.ts';
import { exactValues, sketchOf, softsign } from '../drift/sketches.ts';

test.each([
  ['a grid of bins', softsign('score')],
  ['exact values', { ...exactValues('score'), coarser: softsign('score') }],
])('answers logged under another name are counted under a grid of their own: %s', (_, grid) => {
  const sketch = sketchOf(grid, [1, 2, 2]);
  const renamed = scoresAs({ grid, sketch }, 'delay');
  expect(renamed.grid).toMatchObject({ feature: 'delay', kind: grid.kind });
  expect(renamed.grid.id).not.toBe(grid.id);
  expect(onCommonGrid(renamed.grid, [renamed.sketch]).parts).toEqual([renamed.sketch]);
  expect(JSON.stringify(renamed.grid)).not.toContain('"score"');
  expect(scoresAs({ grid, sketch }, 'score')).toEqual({ grid, sketch });
});
