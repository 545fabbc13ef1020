import type { Baseline } from '../scorecards/drift/baseline.ts';
import { excused } from '../scorecards/drift/benign.ts';
import type { BenignMark } from '../scorecards/drift/benign.ts';
import { driftCriteria } from '../scorecards/drift/criteria.ts';
import type { DriftColumns } from '../scorecards/drift/criteria.ts';
import { decideDrift } from '../scorecards/drift/decide.ts';
import { testWindow } from '../scorecards/drift/judge.ts';
import type { Partition, PartitionFacts, Sketch } from '../scorecards/drift/sketch.ts';
import { tellBeyond, tellUncounted } from '../scorecards/drift/slices-beyond.ts';
import { judgeTogether } from '../scorecards/drift/together.ts';
import type { Tested } from '../scorecards/drift/together.ts';
import { judgeVanished } from '../scorecards/drift/vanished-slices.ts';
import type { DriftFinding, DriftVerdict } from '../scorecards/drift/verdict.ts';
import { bucketsOf } from '../scorecards/drift/windows.ts';
import { featuresOf } from '../scorecards/features.ts';
import { decides } from '../scorecards/performance/decides.ts';
import type { AppliedPolicy } from '../scorecards/trigger.ts';
import type { Span } from '../scorecards/vocabulary.ts';
import type { Ports } from './context.ts';
import { planCounting } from './counting.ts';
import type { CountingPlan } from './counting.ts';
import { under } from './paths.ts';
import type { Work } from './ports/data-store.ts';
import { factsOfDay, sumDays } from './sketching.ts';
import { slicedGrids, slicesBy, sumSlices } from './slices.ts';

export interface JudgedWindow {
  readonly verdict: DriftVerdict;
  readonly findings: readonly DriftFinding[];
}

/** A window before it is judged: whatever else is asked of it is judged together with it. */
export interface TestedWindow {
  readonly window: Span;
  readonly tested: readonly Tested[];
}

interface Against {
  readonly applied: AppliedPolicy;
  readonly baseline: Baseline;
  /** What persons have called harmless; absent: nothing. */
  readonly benign?: readonly BenignMark[];
}

/**
 * Compares successive windows (oldest first) with the champion's baseline. A day is counted once however many windows hold it;
 * a window whose days are not all there is inconclusive.
 */
export async function testWindows(
  ports: Pick<Ports, 'data' | 'evidence'>,
  against: Against,
  windows: readonly Span[],
  work: Work,
): Promise<readonly TestedWindow[]> {
  const { baseline, applied } = against;
  const { spec } = applied.policy;
  const { id, time } = spec.data.observations;
  const days = await presentDays(ports, against, windows);
  const facts = new Map<string, PartitionFacts>();
  for (const day of days) facts.set(day.bucket.from, await factsOfDay(ports, { day, id, time }, work));
  const tested: TestedWindow[] = [];
  for (const window of windows) {
    const some = daysIn(window, days, against);
    const counted = { days: some, grids: baseline.grids, time };
    const features = await sumDays(ports, counted, work);
    const slices = await sumDays(ports, { ...counted, grids: baseline.slices?.grids ?? [] }, work);
    const inSlices = await sumSlices(ports, { ...counted, watched: baseline.inSlices }, work);
    const current = new Map([...features, ...inSlices]);
    tested.push(
      compare(against, window, { current, slices, facts: some.flatMap((day) => facts.get(day.bucket.from) ?? []) }),
    );
  }
  return tested;
}

/** All that was asked of a window, judged together; what persons called harmless is excused. */
export function judgedWindow(
  { applied, benign = [] }: Pick<Against, 'applied' | 'benign'>,
  { tested, window }: TestedWindow,
): JudgedWindow {
  const findings = excused(judgeTogether(tested), benign, window);
  const { share } = applied.policy.spec.drift;
  return { findings, verdict: decideDrift(findings.filter(decides), { share, window }) };
}

interface Counted {
  readonly current: ReadonlyMap<string, Sketch>;
  readonly slices: ReadonlyMap<string, Sketch>;
  readonly facts: readonly PartitionFacts[];
}

function compare({ applied, baseline }: Against, window: Span, { current, facts, slices }: Counted): TestedWindow {
  const { spec } = applied.policy;
  const tested = testWindow({
    criteria: driftCriteria(spec, columnsOf(applied, baseline)),
    grids: baseline.grids,
    current,
    baseline: new Map(Object.entries({ ...baseline.sketches, ...baseline.inSlices?.sketches })),
    facts,
    baselineColumns: baseline.columns,
    window,
    expectedBuckets: bucketsOf(window, spec.drift.bucket),
    presentBuckets: facts.map((day) => day.bucket),
    baselineSpan: baseline.span,
    arrival: {
      time: spec.data.observations.time,
      freshWithinMs: spec.dataset.checks.freshWithin,
      volume: spec.dataset.checks.volume,
      usual: baseline.volumes ?? [],
    },
  });
  const beside = [...vanished(baseline, slices, window), ...besideSlices(applied, baseline, { slices, window })];
  return { window, tested: [...tested, ...beside] };
}

/** What the drift of a window is asked about: the features of the policy, some of them in the slices of the baseline too. */
export function columnsOf({ policy }: AppliedPolicy, { columns, inSlices, learned, weights }: Baseline): DriftColumns {
  const { learned: isAsked, slices: asked } = policy.spec.drift;
  const usual = { ...(isAsked && learned ? { learned } : {}), ...(weights ? { weights } : {}) };
  const features = featuresOf(policy, columns);
  if (!asked || !inSlices) return { features, ...usual };
  const still = {
    features: inSlices.features.filter((feature) => asked.features.includes(feature)),
    lists: listsStill(slicesBy(policy.spec), inSlices),
  };
  return { features, ...usual, inSlices: still };
}

/** The slices that the baseline was counted in, as far as the policy still asks for them. */
const listsStill = (by: readonly string[], inSlices: Baseline['inSlices']) =>
  inSlices?.lists.filter(({ column }) => by.includes(column)) ?? [];

function besideSlices(
  { policy }: AppliedPolicy,
  { inSlices }: Baseline,
  { slices, window }: { readonly slices: ReadonlyMap<string, Sketch>; readonly window: Span },
): readonly DriftFinding[] {
  const { slices: asked } = policy.spec.drift;
  if (!asked) return [];
  const by = slicesBy(policy.spec);
  const lists = listsStill(by, inSlices);
  const uncounted = by.filter((column) => !lists.some((list) => list.column === column));
  const late = asked.features.filter((feature) => !inSlices?.features.includes(feature));
  return [
    ...tellBeyond(lists, slices, window),
    ...tellUncounted(asked.features, uncounted),
    ...tellUncounted(
      late,
      lists.map(({ column }) => column),
    ),
  ];
}

function vanished({ slices }: Baseline, current: ReadonlyMap<string, Sketch>, window: Span): readonly DriftFinding[] {
  const sides = Object.entries(slices?.sketches ?? {}).map(([column, baseline]) => {
    const now = current.get(column);
    return { column, baseline, ...(now ? { current: now } : {}) };
  });
  return judgeVanished(sides, window);
}

async function presentDays(
  ports: Pick<Ports, 'data' | 'evidence'>,
  against: Against,
  windows: readonly Span[],
): Promise<readonly Partition[]> {
  const { data, drift } = against.applied.policy.spec;
  const [first] = windows;
  const last = windows.at(-1);
  if (!first || !last) return [];
  const path = under(against.applied.folder, data.observations.path);
  const span = { from: first.from, until: last.until };
  return ports.data.partitions({ dataset: 'observations', path, span, bucketMs: drift.bucket });
}

/** What is to be counted before the windows can be judged. */
export async function planWindows(
  ports: Pick<Ports, 'data' | 'evidence'>,
  against: Against,
  windows: readonly Span[],
  work: Work,
): Promise<CountingPlan> {
  const days = await presentDays(ports, against, windows);
  const { time } = against.applied.policy.spec.data.observations;
  const spans = windows.map((window) => daysIn(window, days, against));
  const { grids, inSlices } = against.baseline;
  const sliced = inSlices ? { sliced: slicedGrids(inSlices, grids) } : {};
  return planCounting(ports, { days, grids, ...sliced, time, spans }, work);
}

function daysIn(window: Span, days: readonly Partition[], { applied }: Against): readonly Partition[] {
  const expected = new Set(bucketsOf(window, applied.policy.spec.drift.bucket).map(({ from }) => from));
  return days.filter(({ bucket }) => expected.has(bucket.from));
}
