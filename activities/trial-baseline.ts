import type { Baseline } from '../scorecards/drift/baseline.ts';
import { featuresOf } from '../scorecards/features.ts';
import type { AppliedPolicy } from '../scorecards/trigger.ts';
import type { Span } from '../scorecards/vocabulary.ts';
import type { Ports } from './context.ts';
import { under } from './paths.ts';
import type { Work } from './ports/data-store.ts';
import { PortFailure } from './ports/port-failure.ts';
import { sumDays, volumesOf } from './sketching.ts';
import { learnBounds } from './learned-bounds.ts';
import { slicesBy, sumSlices, watchedSlices } from './slices.ts';

/**
 * A baseline of any days, to try a policy before it has a champion. Its grids are frozen from these days for this trial alone:
 * the model's own are neither used nor written. Throws `data-missing` when none of the days has files.
 */
export async function baselineFromDays(
  ports: Pick<Ports, 'data' | 'evidence'>,
  { applied, span }: { readonly applied: AppliedPolicy; readonly span: Span },
  work: Work,
): Promise<Baseline> {
  const { data, drift } = applied.policy.spec;
  const path = under(applied.folder, data.observations.path);
  const days = await ports.data.partitions({ dataset: 'observations', path, span, bucketMs: drift.bucket });
  const newest = days.at(-1);
  if (!newest)
    throw new PortFailure('data-missing', `no file of ${path} lies from ${span.from} until ${span.until}`, {
      details: { path },
    });
  const files = [...new Set(days.flatMap((day) => day.files.map((file) => file.path)))];
  const columns = await ports.data.columns(newest.files.map((file) => file.path));
  const features = featuresOf(applied.policy, columns).map(({ name, type }) => ({ name, type }));
  const grids = await ports.data.freezeGrids({ files, columns: features }, work);
  const counted = { days, grids, time: data.observations.time };
  const sums = await sumDays(ports, counted, work);
  const sketches = Object.fromEntries(sums);
  const rows = Math.max(0, ...[...sums.values()].map((sketch) => sketch.rows));
  const { policy } = applied;
  const learned = await learnBounds(ports, { ...counted, policy, baseline: { columns, grids, sketches } }, work);
  const volumes = await volumesOf(ports, counted, work);
  const value: Baseline = { schemaVersion: 1, span, grids, sketches, columns, rows, volumes, ...learned };
  const by = slicesBy(applied.policy.spec).map((name) => ({ name, type: 'categorical' as const }));
  if (by.length === 0) return value;
  const groups = await ports.data.freezeGrids({ files, columns: by }, work);
  const ofSlices = Object.fromEntries(await sumDays(ports, { ...counted, grids: groups }, work));
  const slices = { grids: groups, sketches: ofSlices };
  const watched = watchedSlices(applied.policy, { grids, slices });
  const inSlices = Object.fromEntries(await sumSlices(ports, { ...counted, watched }, work));
  return { ...value, slices, ...(watched ? { inSlices: { ...watched, sketches: inSlices } } : {}) };
}
