import { labelCriteria, scoreCriteria } from '../drift/criteria.ts';
import type { DriftRules } from '../drift/criteria.ts';
import { testWindow } from '../drift/judge.ts';
import type { Grid, Sketch } from '../drift/sketch.ts';
import { sketchName } from '../drift/slices.ts';
import { afterJudging } from '../drift/together.ts';
import type { Tested } from '../drift/together.ts';
import type { DriftCriterion, DriftFinding } from '../drift/verdict.ts';
import type { Slice, Span } from '../vocabulary.ts';
import { slicesBy } from './groups.ts';
import { allCells, labelledOf, labelledRows, rowsOf, sliceOf, sum } from './score-counts.ts';
import type { ScoreCells, ScoreCounts, ScoredBucket } from './score-counts.ts';
import { whyNoLabels } from './unjudged.ts';
import { coverageOf, wholeOf } from './window.ts';
import type { LabelledWindow } from './window.ts';

/** The newest rows with a score, whether or not their labels have come. */
export interface NewestScores {
  readonly window: Span;
  readonly expectedBuckets: readonly Span[];
  readonly presentBuckets: readonly Span[];
  readonly buckets: readonly ScoredBucket[];
}

/**
 * Has the champion begun to answer differently, and is the truth another than on its holdout? Its scores of the newest rows are
 * compared with those of the holdout before any label is there; the shares of labels, and the scores of each declared slice, on
 * rows whose labels had time to come. A slice that is too small, or of too few days, is shown and decides nothing.
 */
export function testScores(rules: DriftRules, labelled: LabelledWindow, newest: NewestScores): readonly Tested[] {
  const { data } = rules;
  const { reference, score } = labelled;
  const { label } = data.labels;
  const asked = { score: scoreCriteria(rules, score), label: labelCriteria(rules, label) };
  if (!reference) return [...asked.score, ...asked.label].map(withoutReference);
  const before = wholeOf(reference.buckets);
  const early = test({ ...newest, baselineSpan: labelled.baselineSpan }, [
    { criteria: asked.score, name: score, ...scoresOf(score, allCells(before), newestOf(labelled, newest)) },
  ]);
  const counts = wholeOf(labelled.buckets);
  const coverage = coverageOf(counts);
  const unjudged = whyNoLabels(labelled, coverage);
  if (unjudged)
    return [...early, ...asked.label.map((criterion) => ({ criterion, level: 'none' as const, ...unjudged }))];
  const slices = data.slices
    .flatMap((column) => slicesBy(column, labelled.buckets, reference.buckets))
    .map((slice) => ({ slice, days: daysOf(labelled, slice) }));
  const ofDays = slices.flatMap(({ days, slice }) => (days.areFew ? ofFewDays(rules, labelled, slice, days) : []));
  return [
    ...early,
    ...test(labelled, [
      { criteria: asked.label, name: label, ...labelsOf(label, before, counts) },
      ...slices.flatMap(({ days, slice }) => (days.areFew ? [] : partsOf(rules, labelled, slice))),
    ])
      .map((tested) => afterJudging(tested, withSuppression))
      .map((tested) => (coverage.surrogates > 0 ? afterJudging(tested, marked) : tested)),
    ...ofDays,
  ];
}

/** Rows of one day share its weather, its strike, its campaign: with fewer days than this a slice tells a day and no change. */
const LEAST_DAYS = 3;

interface Days {
  readonly now: number;
  readonly before: number;
  readonly areFew: boolean;
}

/** In how many buckets the slice has labelled rows. One that has none on a side is not judged for that reason. */
function daysOf({ buckets, reference }: LabelledWindow, slice: Slice): Days {
  const countIn = (some: readonly ScoredBucket[]) =>
    some.filter((bucket) => labelledRows(sliceOf([bucket], slice)) > 0).length;
  const known = reference?.buckets ?? [];
  const [now, before] = [countIn(buckets), countIn(known)];
  const isFew = (days: number, of: readonly ScoredBucket[]) => days < Math.min(LEAST_DAYS, of.length);
  return { now, before, areFew: now > 0 && before > 0 && (isFew(now, buckets) || isFew(before, known)) };
}

function ofFewDays(
  rules: DriftRules,
  { score }: LabelledWindow,
  slice: Slice,
  { before, now }: Days,
): readonly DriftFinding[] {
  const why = `labelled rows in ${now} buckets of the window and ${before} of the holdout; ${LEAST_DAYS} of each are needed. Not judged.`;
  return [...scoreCriteria(rules, score, slice), ...labelCriteria(rules, rules.data.labels.label, slice)].map(
    (criterion) => ({
      criterion,
      judged: 'inconclusive',
      level: 'none',
      reason: 'suppressed-slice',
      sentence: `${criterion.name}: ${why}`,
    }),
  );
}

/** A score column that is not there is no sketch of no rows: it is missing. */
function newestOf({ absent }: LabelledWindow, { buckets }: NewestScores): ScoreCells | undefined {
  return absent === undefined ? allCells(wholeOf(buckets)) : undefined;
}

/** What is compared under one name: a whole column, or a slice of it. */
interface Compared {
  readonly criteria: readonly DriftCriterion[];
  readonly name: string;
  readonly grid: Grid;
  readonly baseline: Sketch;
  readonly current: Sketch | undefined;
}
type Sides = Omit<Compared, 'criteria' | 'name'>;

function partsOf(rules: DriftRules, { buckets, reference, score }: LabelledWindow, slice: Slice): readonly Compared[] {
  const [before, now] = [sliceOf(reference?.buckets ?? [], slice), sliceOf(buckets, slice)];
  const labelledOnly = (counts: ScoreCounts) => allCells(labelledOf(counts));
  const nameOf = (column: string) => sketchName(column, slice);
  const isThere = labelledRows(now) + rowsOf(now.unlabelled) > 0;
  const { label } = rules.data.labels;
  return [
    {
      criteria: scoreCriteria(rules, score, slice),
      name: nameOf(score),
      ...scoresOf(nameOf(score), labelledOnly(before), isThere ? labelledOnly(now) : undefined, 256),
    },
    {
      criteria: labelCriteria(rules, label, slice),
      name: nameOf(label),
      ...labelsOf(nameOf(label), before, isThere ? now : undefined),
    },
  ];
}

function scoresOf(feature: string, before: ScoreCells, now: ScoreCells | undefined, bins: 1024 | 256 = 1024): Sides {
  const grid: Grid = { kind: 'unit', id: `scores of ${bins} bins`, feature, bins };
  const sketchOf = (cells: ScoreCells) => countedOn(grid, cells.bins, cells.rows);
  return { grid, baseline: sketchOf(before), current: now && sketchOf(now) };
}

function labelsOf(feature: string, before: ScoreCounts, now: ScoreCounts | undefined): Sides {
  const grid: Grid = { kind: 'categories', id: 'labels', feature, known: ['0', '1'] };
  const sketchOf = ({ positive, negative }: ScoreCounts) =>
    countedOn(grid, ['0', '1'], [rowsOf(negative), rowsOf(positive)]);
  return { grid, baseline: sketchOf(before), current: now && sketchOf(now) };
}

const countedOn = (grid: Grid, keys: readonly (number | string)[], counts: readonly number[]): Sketch => ({
  grid: grid.id,
  rows: sum(counts),
  nulls: 0,
  nonFinite: 0,
  other: 0,
  keys,
  counts,
});

type Window = Omit<NewestScores, 'buckets'> & Pick<LabelledWindow, 'baselineSpan'>;

/** By the rules of every window. */
function test(
  { window, expectedBuckets, presentBuckets, baselineSpan }: Window,
  compared: readonly Compared[],
): readonly Tested[] {
  return testWindow({
    criteria: compared.flatMap(({ criteria }) => criteria),
    grids: compared.map(({ grid }) => grid),
    current: new Map(compared.flatMap(({ name, current }) => (current ? [[name, current] as const] : []))),
    baseline: new Map(compared.map(({ name, baseline }) => [name, baseline])),
    facts: [],
    window,
    expectedBuckets,
    presentBuckets,
    baselineSpan,
  });
}

function withSuppression(finding: DriftFinding): DriftFinding {
  const { criterion, reason } = finding;
  const [slice] = criterion.slice;
  if (!slice) return finding;
  if (reason !== 'column-absent') return finding;
  return { ...finding, reason: 'no-data', sentence: `${criterion.name}: no row of the window. Not judged.` };
}

const marked = (finding: DriftFinding): DriftFinding =>
  finding.measurement ? { ...finding, measurement: { ...finding.measurement, marks: ['surrogate-labels'] } } : finding;

/** Nothing to compare with: a champion of a version from before its answers were kept. */
export const withoutReference = (criterion: DriftCriterion): DriftFinding => ({
  criterion,
  judged: 'missing',
  level: 'none',
  reason: 'no-data',
  sentence: `${criterion.name}: nothing is known of the champion's holdout. Not judged.`,
});
