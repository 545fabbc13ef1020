import { onCommonGrid } from './common-grid.ts';
import type { Sides } from './measure.ts';
import type { Grid, Sketch } from './sketch.ts';

/** A side that outgrew its exact values is compared on the coarser grid that was frozen beside them. */
export function sidesOn(frozen: Grid, ...both: readonly [Sketch, Sketch]): Sides {
  const { grid, parts } = onCommonGrid(frozen, both);
  const [baseline, current] = parts as readonly [Sketch, Sketch];
  return { grid, baseline, current };
}
