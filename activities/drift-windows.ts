import type { Baseline } from '../scorecards/drift/baseline.ts';
import { driftCriteria } from '../scorecards/drift/criteria.ts';
import { decideDrift } from '../scorecards/drift/decide.ts';
import { judgeWindow } from '../scorecards/drift/judge.ts';
import { mergeSketches } from '../scorecards/drift/sketch.ts';
import type { Partition, PartitionFacts, Sketch } from '../scorecards/drift/sketch.ts';
import type { DriftFinding, DriftVerdict, Level } from '../scorecards/drift/verdict.ts';
import { bucketsOf } from '../scorecards/drift/windows.ts';
import { featuresOf } from '../scorecards/features.ts';
import type { AppliedPolicy } from '../scorecards/trigger.ts';
import type { Span } from '../scorecards/vocabulary.ts';
import type { Ports } from './context.ts';
import { sketchDay } from './sketching.ts';
import type { Work } from './ports/data-store.ts';
import { under } from './paths.ts';

export interface JudgedWindow {
  readonly verdict: DriftVerdict;
  readonly findings: readonly DriftFinding[];
}

interface CountedDay {
  readonly sketches: ReadonlyMap<string, Sketch>;
  readonly facts: PartitionFacts;
}

/**
 * Judges successive windows (oldest first) against the champion's baseline. A day is counted once however many windows hold
 * it; a window whose days are not all there is inconclusive.
 */
export async function judgeWindows(
  ports: Pick<Ports, 'data' | 'evidence'>,
  against: { readonly applied: AppliedPolicy; readonly baseline: Baseline },
  windows: readonly Span[],
  work: Work,
): Promise<readonly JudgedWindow[]> {
  const days = await countDays(ports, against, windows, work);
  const { baseline, applied } = against;
  const { spec } = applied.policy;
  const features = featuresOf(applied.policy, baseline.columns);
  const criteria = driftCriteria(spec, { features });
  // Hysteresis keeps an alert from flapping. It has no say here: held levels would turn every one-day spike into two windows.
  const raised: ReadonlyMap<string, Level> = new Map();
  return windows.map((window) => {
    const expectedBuckets = bucketsOf(window, spec.drift.bucket);
    const present = expectedBuckets.flatMap((bucket) => days.get(bucket.from) ?? []);
    const findings = judgeWindow({
      criteria,
      grids: baseline.grids,
      current: merged(present),
      baseline: new Map(Object.entries(baseline.sketches)),
      facts: present.map((day) => day.facts),
      baselineColumns: baseline.columns,
      window,
      expectedBuckets,
      presentBuckets: present.map((day) => day.facts.bucket),
      baselineSpan: baseline.span,
      raised,
    });
    return { findings, verdict: decideDrift(findings, { share: spec.drift.share, window }) };
  });
}

async function countDays(
  ports: Pick<Ports, 'data' | 'evidence'>,
  against: { readonly applied: AppliedPolicy; readonly baseline: Baseline },
  windows: readonly Span[],
  work: Work,
): Promise<ReadonlyMap<string, CountedDay>> {
  const { applied, baseline } = against;
  const { data, drift } = applied.policy.spec;
  const [first] = windows;
  const last = windows.at(-1);
  if (!first || !last) return new Map();
  const path = under(applied.folder, data.observations.path);
  const span = { from: first.from, until: last.until };
  const partitions = await ports.data.partitions({ dataset: 'observations', path, span, bucketMs: drift.bucket });
  const days = new Map<string, CountedDay>();
  for (const [index, day] of partitions.entries()) {
    work.progress('counting days', index, partitions.length);
    days.set(day.bucket.from, await countDay(ports, { day, applied, baseline }, work));
  }
  return days;
}

async function countDay(
  ports: Pick<Ports, 'data' | 'evidence'>,
  of: { readonly day: Partition; readonly applied: AppliedPolicy; readonly baseline: Baseline },
  work: Work,
): Promise<CountedDay> {
  const { id, time } = of.applied.policy.spec.data.observations;
  const sketches = await sketchDay(ports, { day: of.day, grids: of.baseline.grids, time }, work);
  return { sketches, facts: await ports.data.facts(of.day, { id, time }, work) };
}

function merged(days: readonly CountedDay[]): ReadonlyMap<string, Sketch> {
  const columns = new Set(days.flatMap((day) => [...day.sketches.keys()]));
  return new Map(
    [...columns].map((column) => [column, mergeSketches(days.flatMap((day) => day.sketches.get(column) ?? []))]),
  );
}
