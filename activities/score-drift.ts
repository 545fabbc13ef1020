import { scoreCriteria } from '../scorecards/drift/criteria.ts';
import { testWindow } from '../scorecards/drift/judge.ts';
import type { Partition, Sketch } from '../scorecards/drift/sketch.ts';
import { sketchName } from '../scorecards/drift/slices.ts';
import type { Tested } from '../scorecards/drift/together.ts';
import { bucketsOf } from '../scorecards/drift/windows.ts';
import { withoutReference } from '../scorecards/performance/score-drift.ts';
import { scoresAs } from '../scorecards/performance/score-grid.ts';
import type { ScoreReference } from '../scorecards/performance/score-grid.ts';
import type { Scorecard } from '../scorecards/scorecard-schema.ts';
import type { Span } from '../scorecards/vocabulary.ts';
import { isWithin } from './champions-data.ts';
import type { ChampionsData } from './champions-data.ts';
import type { Ports } from './context.ts';
import type { TestedWindow } from './drift-windows.ts';
import { under } from './paths.ts';
import type { Work } from './ports/data-store.ts';
import { referenceOf } from './reference-performance.ts';
import { sumDays } from './sketching.ts';

/** Probabilities are counted with their labels; a class is no number. */
const answersNumbers = ({ spec }: Scorecard): boolean => spec.task !== 'classification' && spec.task !== 'multiclass';

type Stores = Pick<Ports, 'data' | 'evidence'>;

/**
 * Adds to windows of drift how far the champion's logged answers have moved from those on its holdout, where answers are numbers
 * and no probabilities: those are counted with their labels. Where they are classes, and without a declared score nothing is added.
 */
export async function addScores(
  ports: Stores,
  of: ChampionsData,
  tested: readonly TestedWindow[],
  work: Work,
): Promise<readonly TestedWindow[]> {
  const { policy, scorecard } = of.applied;
  const score = policy.spec.data.observations.score;
  if (score === undefined || !answersNumbers(scorecard)) return tested;
  const reference = (await referenceOf(ports, of.champion))?.scores;
  const added: TestedWindow[] = [];
  for (const one of tested) {
    const scores = reference
      ? await testScores(ports, of, { window: one.window, score, reference: scoresAs(reference, score) }, work)
      : scoreCriteria(policy.spec, score).map(withoutReference);
    added.push({ ...one, tested: [...one.tested, ...scores] });
  }
  return added;
}

interface Asked {
  readonly window: Span;
  readonly score: string;
  readonly reference: ScoreReference;
}

async function testScores(
  ports: Stores,
  of: ChampionsData,
  { reference, score, window }: Asked,
  work: Work,
): Promise<readonly Tested[]> {
  const { applied, baseline } = of;
  const { data, drift } = applied.policy.spec;
  const path = under(applied.folder, data.observations.path);
  const listed = { dataset: 'observations', path, span: window, bucketMs: drift.bucket } as const;
  const days = (await ports.data.partitions(listed)).filter(({ bucket }) => isWithin(bucket, window));
  const current = await answersOf(ports, of, { days, score, reference }, work);
  return testWindow({
    criteria: scoreCriteria(applied.policy.spec, score),
    grids: [reference.grid],
    current: new Map(current ? [[score, current]] : []),
    baseline: new Map([[score, reference.sketch]]),
    facts: [],
    window,
    expectedBuckets: bucketsOf(window, drift.bucket),
    presentBuckets: days.map(({ bucket }) => bucket),
    baselineSpan: baseline.span,
  });
}

/** What this version answered; all that was answered where rows do not say by whom. */
async function answersOf(
  ports: Stores,
  { applied, champion }: ChampionsData,
  { days, reference, score }: Omit<Asked, 'window'> & { readonly days: readonly Partition[] },
  work: Work,
): Promise<Sketch | undefined> {
  const { modelVersion, time } = applied.policy.spec.data.observations;
  const counted = { days, grids: [reference.grid], time };
  if (modelVersion === undefined) return (await sumDays(ports, counted, work)).get(score);
  const own = { column: modelVersion, value: champion.version };
  const slice = { column: modelVersion, values: [champion.version] };
  return (await sumDays(ports, { ...counted, slice }, work)).get(sketchName(score, own));
}
