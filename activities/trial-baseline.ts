import type { Baseline } from '../scorecards/drift/baseline.ts';
import { featuresOf } from '../scorecards/features.ts';
import type { AppliedPolicy } from '../scorecards/trigger.ts';
import type { Span } from '../scorecards/vocabulary.ts';
import type { Ports } from './context.ts';
import { under } from './paths.ts';
import type { Work } from './ports/data-store.ts';
import { PortFailure } from './ports/port-failure.ts';
import { sumDays } from './sketching.ts';
import { slicesBy } from './slices.ts';
import { sumBaseline } from './sum-baseline.ts';

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
  const { time } = data.observations;
  const by = slicesBy(applied.policy.spec).map((name) => ({ name, type: 'categorical' as const }));
  const groups = by.length === 0 ? [] : await ports.data.freezeGrids({ files, columns: by }, work);
  const slices = {
    grids: groups,
    sketches: Object.fromEntries(await sumDays(ports, { days, grids: groups, time }, work)),
  };
  return sumBaseline(ports, { policy: applied.policy, span, columns, days, grids, slices, time }, work);
}
