import { describe, expect, test } from '@jest/globals';
import { coarsened, onCommonGrid, sumOnGrid } from '../../../scorecards/drift/common-grid.ts';
import type { Grid } from '../../../scorecards/drift/sketch.ts';
import { exactValues, sketchOf, softsign } from './sketches.ts';

describe('sketches of one feature on different grids', () => {
  const coarser = softsign('fare', 3, 2);
  const grid: Grid = { kind: 'values', id: 'fare-values', feature: 'fare', coarser };
  const values = [-5, 0, 3, 3, 3.5, 1e9, null, Infinity];

  test('exact values are coarsened into the very bins that a count on the coarser grid would have given', () => {
    expect(coarsened(sketchOf(grid, [...values.slice(0, -1), 7]), coarser)).toEqual(
      sketchOf(coarser, [...values.slice(0, -1), 7]),
    );
  });

  test('a value too large to be scaled is counted as not finite, as the SQL does', () => {
    expect(coarsened(sketchOf(grid, [1e308, 3]), { ...coarser, scale: 1e-3 })).toMatchObject({
      nonFinite: 1,
      counts: [1],
    });
  });

  test('days are added exactly while all have few values, and on the coarser grid from the day on that has many', () => {
    const few = sketchOf(grid, [1, 2, 2]);
    const many = sketchOf(coarser, [1, 2, 9]);
    expect(sumOnGrid(grid, [few, few])).toMatchObject({ grid: grid.id, keys: [1, 2], counts: [2, 4] });
    expect(sumOnGrid(grid, [few, many])).toEqual(sketchOf(coarser, [1, 2, 2, 1, 2, 9]));
    expect(onCommonGrid(grid, [few, many]).grid).toBe(coarser);
  });

  test('a sketch of a grid that was never this feature’s is refused', () => {
    expect(() => sumOnGrid(exactValues('fare'), [sketchOf(coarser, [1])])).toThrow('cannot be compared');
  });
});
