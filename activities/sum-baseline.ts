import type { Baseline } from '../scorecards/drift/baseline.ts';
import type { Grid, Partition } from '../scorecards/drift/sketch.ts';
import type { Policy } from '../scorecards/policy/schema.ts';
import type { Span } from '../scorecards/vocabulary.ts';
import type { Ports } from './context.ts';
import { learnBounds } from './learned-bounds.ts';
import type { Work } from './ports/data-store.ts';
import { sumDays, volumesOf } from './sketching.ts';
import { sumSlices, watchedSlices } from './slices.ts';

/** Days, and the grids on which they are counted. */
export interface ToSum {
  readonly policy: Policy;
  readonly span: Span;
  /** Columns and types of the days. */
  readonly columns: Baseline['columns'];
  readonly days: readonly Partition[];
  readonly grids: readonly Grid[];
  readonly slices: NonNullable<Baseline['slices']>;
  readonly time: string;
}

/** The sum of days that windows are compared with, and what the policy asks to know of these days besides. */
export async function sumBaseline(
  ports: Pick<Ports, 'data' | 'evidence'>,
  { columns, days, grids, policy, slices, span, time }: ToSum,
  work: Work,
): Promise<Baseline> {
  const counted = { days, grids, time };
  const sketches = Object.fromEntries(await sumDays(ports, counted, work));
  const rows = Math.max(0, ...Object.values(sketches).map((sketch) => sketch.rows));
  const volumes = await volumesOf(ports, counted, work);
  const learned = await learnBounds(ports, { ...counted, policy, baseline: { columns, grids, sketches } }, work);
  const watched = watchedSlices(policy, { grids, slices });
  const inSlices = Object.fromEntries(await sumSlices(ports, { ...counted, watched }, work));
  const beside = watched ? { inSlices: { ...watched, sketches: inSlices } } : {};
  return { schemaVersion: 1, span, grids, sketches, columns, rows, slices, volumes, ...learned, ...beside };
}
