import type { Baseline, FeaturesInSlices } from '../scorecards/drift/baseline.ts';
import type { Grid, Sketch } from '../scorecards/drift/sketch.ts';
import { frequentSlices } from '../scorecards/drift/slices.ts';
import type { SliceList } from '../scorecards/drift/slices.ts';
import type { Policy } from '../scorecards/policy/schema.ts';
import type { Ports } from './context.ts';
import type { Work } from './ports/data-store.ts';
import { PortFailure } from './ports/port-failure.ts';
import { sumDays } from './sketching.ts';
import type { DaysOfGrids } from './sketching.ts';

/** Features that are counted for each slice of some columns by itself. */
export type WatchedSlices = Pick<FeaturesInSlices, 'features' | 'lists'>;

/**
 * What the policy watches in slices: of each slice column the values that are most frequent in the baseline. Undefined where it
 * watches none. Throws `bad-request` for a name that is no feature.
 */
export function watchedSlices(
  { spec }: Pick<Policy, 'spec'>,
  { grids, slices }: Pick<Baseline, 'grids' | 'slices'>,
): WatchedSlices | undefined {
  const { slices: asked } = spec.drift;
  if (!asked) return undefined;
  const known = grids.map(({ feature }) => feature);
  const unknown = asked.features.filter((feature) => !known.includes(feature));
  if (unknown.length > 0)
    throw new PortFailure(
      'bad-request',
      `drift.slices.features names ${unknown.join(', ')}; the features are ${known.join(', ')}`,
    );
  const lists = slicesBy(spec).flatMap((column) => {
    const counted = slices?.sketches[column];
    return counted ? [frequentSlices(column, counted, asked.values)] : [];
  });
  return { features: asked.features, lists };
}

/** Slice columns of features. One whose values no snapshot may hold in the clear is not told apart, unless it is named. */
export function slicesBy({ data, dataset, drift }: Policy['spec']): readonly string[] {
  if (drift.slices === undefined) return [];
  return drift.slices.by ?? data.slices.filter((column) => !dataset.hash?.includes(column));
}

/** The grids that are counted for each list; a feature is not told apart by its own values. */
export const slicedGrids = (
  { features, lists }: WatchedSlices,
  grids: readonly Grid[],
): readonly { readonly slice: SliceList; readonly grids: readonly Grid[] }[] =>
  lists.map((slice) => ({
    slice,
    grids: grids.filter(({ feature }) => features.includes(feature) && feature !== slice.column),
  }));

/** The sum over days of everything that is watched in slices, by `sketchName`. */
export async function sumSlices(
  ports: Pick<Ports, 'data' | 'evidence'>,
  { watched, ...of }: Omit<DaysOfGrids, 'slice'> & { readonly watched: WatchedSlices | undefined },
  work: Work,
): Promise<ReadonlyMap<string, Sketch>> {
  const sums: [string, Sketch][] = [];
  for (const part of watched ? slicedGrids(watched, of.grids) : [])
    sums.push(...(await sumDays(ports, { ...of, ...part }, work)));
  return new Map(sums);
}
