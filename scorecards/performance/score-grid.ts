import type { Grid, Sketch } from '../drift/sketch.ts';

/** What a champion answered on its holdout, as numbers that are no probabilities; frozen with its version. */
export interface ScoreReference {
  /** Frozen from these very answers. */
  readonly grid: Grid;
  readonly sketch: Sketch;
}

/**
 * The same for answers that are logged under another name: a grid belongs to its column, so that it gets a name of its own, and
 * what is counted on it is not mistaken for another column's.
 */
export function scoresAs({ grid, sketch }: ScoreReference, column: string): ScoreReference {
  if (grid.feature === column) return { grid, sketch };
  const nameOf = (id: string): string => `${id} as ${column}`;
  const renamed = { ...grid, feature: column, id: nameOf(grid.id) };
  const own =
    renamed.kind === 'values' && renamed.coarser
      ? { ...renamed, coarser: { ...renamed.coarser, feature: column, id: nameOf(renamed.coarser.id) } }
      : renamed;
  return { grid: own, sketch: { ...sketch, grid: nameOf(sketch.grid) } };
}
