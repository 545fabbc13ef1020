import type { Baseline } from '../scorecards/drift/baseline.ts';
import { pictureOf, psiOf } from '../scorecards/drift/picture.ts';
import type { Picture } from '../scorecards/drift/picture.ts';
import type { AppliedPolicy } from '../scorecards/trigger.ts';
import type { Span } from '../scorecards/vocabulary.ts';
import type { Ports } from './context.ts';
import { under } from './paths.ts';
import type { Work } from './ports/data-store.ts';
import { sketchDay, sumDays } from './sketching.ts';

/** PSI of one part of the rows, a day for example, against the whole baseline. */
export interface TrendPoint {
  readonly name: string;
  readonly rows: number;
  /** Null where there are too few rows to say, or nothing to compare. */
  readonly psi: number | null;
}

/** What a page shows of one feature: both sides in one window, and how every day stood to the baseline. */
export interface FeatureHistory {
  readonly picture: Picture;
  readonly trend: readonly TrendPoint[];
}

/**
 * One history per feature of the baseline that the newest window has, in the order of its grids, with the trend over the days
 * of all `windows`, oldest first. Reads counted days; a day that was never counted is counted.
 */
export async function featureHistories(
  ports: Pick<Ports, 'data' | 'evidence'>,
  against: { readonly applied: AppliedPolicy; readonly baseline: Baseline },
  windows: readonly Span[],
  work: Work,
): Promise<readonly FeatureHistory[]> {
  const { applied, baseline } = against;
  const [first] = windows;
  const last = windows.at(-1);
  if (!first || !last) return [];
  const { data, drift } = applied.policy.spec;
  const { time } = data.observations;
  const path = under(applied.folder, data.observations.path);
  const listed = { dataset: 'observations', path, bucketMs: drift.bucket } as const;
  const days = await ports.data.partitions({ ...listed, span: { from: first.from, until: last.until } });
  const trends = new Map<string, TrendPoint[]>(baseline.grids.map(({ feature }) => [feature, []]));
  for (const [index, day] of days.entries()) {
    work.progress('looking back, day', index, days.length);
    const sketches = await sketchDay(ports, { day, grids: baseline.grids, time }, work);
    for (const grid of baseline.grids) {
      const [before, now] = [baseline.sketches[grid.feature], sketches.get(grid.feature)];
      const psi = before && now && now.rows >= drift.minimum ? psiOf(grid, before, now) : null;
      trends.get(grid.feature)?.push({ name: nameOf(day.bucket.from, drift.bucket), rows: now?.rows ?? 0, psi });
    }
  }
  const newest = await ports.data.partitions({ ...listed, span: last });
  const window = await sumDays(ports, { days: newest, grids: baseline.grids, time }, work);
  return baseline.grids.flatMap((grid): FeatureHistory[] => {
    const [before, now] = [baseline.sketches[grid.feature], window.get(grid.feature)];
    return before && now ? [{ picture: pictureOf(grid, before, now), trend: trends.get(grid.feature) ?? [] }] : [];
  });
}

const nameOf = (from: string, bucketMs: number): string => from.slice(0, bucketMs % 86_400_000 === 0 ? 10 : 16);
