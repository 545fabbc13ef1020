import { describe, expect, test } from '@jest/globals';
import { judgeTogether } from '../../../scorecards/drift/together.ts';
import type { DriftFinding } from '../../../scorecards/drift/verdict.ts';
import { bucketsOf } from '../../../scorecards/drift/windows.ts';
import { testScores } from '../../../scorecards/performance/score-drift.ts';
import { emptyCounts } from '../../../scorecards/performance/score-counts.ts';
import type { ScoreCells, ScoreCounts, ScoredBucket } from '../../../scorecards/performance/score-counts.ts';
import type { LabelledWindow } from '../../../scorecards/performance/window.ts';
import type { Span } from '../../../scorecards/vocabulary.ts';
import { seededDraws } from '../../seeded-draws.ts';
import { DAY, read, rules, TRAINING, WEEK } from '../drift/worlds.ts';

const RULES = rules({}, { slices: ['weekday'] });
const HOLDOUT = { from: '2001-03-05T00:00:00.000Z', until: '2001-03-12T00:00:00.000Z' };

interface World {
  /** Added to every score on the logit scale. */
  readonly shift?: number;
  /** Share of positives. */
  readonly positives?: number;
  readonly labelled?: boolean;
  /** Rows of a day with weekday `Sun`; the others are `Mon`. */
  readonly sundays?: number;
  readonly rows?: number;
  /** Set: as in a calendar, the last day of seven and no other is `Sun`; the number is its share of positives. */
  readonly sunday?: number;
}

/** The world on one day of it. */
const on = (world: World, place: number): World => {
  if (world.sunday === undefined) return world;
  return place % 100 === 6 ? { ...world, sundays: 1500, positives: world.sunday } : { ...world, sundays: 0 };
};

function cellsOf(scores: readonly number[], bins: number): ScoreCells {
  const counts = new Map<number, number>();
  for (const score of scores) counts.set(Math.floor(score * bins), (counts.get(Math.floor(score * bins)) ?? 0) + 1);
  const keys = [...counts.keys()].toSorted((a, b) => a - b);
  const rows = keys.map((key) => counts.get(key) ?? 0);
  return { bins: keys, rows, scores: rows, squares: rows, flagged: rows.map(() => 0) };
}

function countsOf(rows: readonly { readonly score: number; readonly label: 0 | 1 }[], world: World, bins: 1024 | 256) {
  const of = (label: 0 | 1) => rows.filter((row) => row.label === label).map(({ score }) => score);
  const counts: ScoreCounts = { ...emptyCounts(bins), positive: cellsOf(of(1), bins), negative: cellsOf(of(0), bins) };
  const all = cellsOf(
    rows.map(({ score }) => score),
    bins,
  );
  return world.labelled === false ? { ...emptyCounts(bins), unlabelled: all } : counts;
}

function bucketOf(bucket: Span, place: number, world: World): ScoredBucket {
  const draws = seededDraws(place + 1);
  const { positives = 0.3, rows = 1500, shift = 0, sundays = 600 } = world;
  const drawn = Array.from({ length: rows }, () => {
    const label: 0 | 1 = draws.uniform() < positives ? 1 : 0;
    return { label, score: 1 / (1 + Math.exp(-draws.normal(shift - 0.5 + label))) };
  });
  const slice = (value: string, some: typeof drawn) => ({
    column: 'weekday',
    value,
    counts: countsOf(some, world, 256),
  });
  const slices = [slice('Sun', drawn.slice(0, sundays)), slice('Mon', drawn.slice(sundays))];
  return {
    bucket,
    all: countsOf(drawn, world, 1024),
    slices: slices.filter(({ counts }) => counts.positive.bins.length > 0),
  };
}

const week = (span: Span, world: World, seed: number) =>
  bucketsOf(span, DAY).map((bucket, day) => bucketOf(bucket, seed * 100 + day, on(world, seed * 100 + day)));

const reference = { schemaVersion: 1, span: HOLDOUT, buckets: week(HOLDOUT, {}, 1) } as const;

function judge(
  now: World,
  known: World = now,
  given: Partial<LabelledWindow> = { reference },
): readonly DriftFinding[] {
  const expectedBuckets = bucketsOf(WEEK, DAY);
  const seen = { window: WEEK, expectedBuckets, presentBuckets: expectedBuckets };
  const labelled: LabelledWindow = {
    ...seen,
    rule: RULES.drift.performance,
    score: 'score',
    buckets: week(WEEK, known, 2),
    baselineSpan: TRAINING,
    ...given,
  };
  const tested = testScores(RULES, labelled, {
    ...seen,
    presentBuckets: labelled.presentBuckets,
    buckets: week(WEEK, now, 2),
  });
  return judgeTogether(tested);
}
const wordsOf = (findings: readonly DriftFinding[]) =>
  Object.fromEntries(findings.map((finding) => [finding.criterion.name, read(finding).join(' ')]));
const raised = (findings: readonly DriftFinding[]) =>
  findings.filter(({ level }) => level !== 'none').map(({ criterion }) => criterion.name);

describe('the scores of a champion', () => {
  test('that answers as on its holdout are calm, of all rows and of every slice', () => {
    const findings = judge({});
    expect(findings.map(({ criterion }) => criterion.name)).toEqual([
      'score ks',
      'score psi',
      'late psi',
      'late cramersV',
      'score ks where weekday is Sun',
      'score psi where weekday is Sun',
      'late psi where weekday is Sun',
      'late cramersV where weekday is Sun',
      'score ks where weekday is Mon',
      'score psi where weekday is Mon',
      'late psi where weekday is Mon',
      'late cramersV where weekday is Mon',
    ]);
    expect(findings.map(read)).toEqual(findings.map(() => ['pass', 'none', 'within-bound']));
  });

  test('MO5: drift before any of their labels is there', () => {
    const words = wordsOf(judge({ shift: 0.8, labelled: false }));
    expect(words).toEqual({
      'score ks': 'fail breach breach',
      'score psi': 'fail breach breach',
      'late psi': 'inconclusive none labels-immature',
      'late cramersV': 'inconclusive none labels-immature',
    });
  });

  test('MO5: carry value, interval, bound and rows into their sentence', () => {
    const [ks] = judge({ shift: 0.8, labelled: false });
    expect(ks?.sentence).toMatch(
      /^score: KS D 0\.\d{3} \[0\.\d{3}, 0\.\d{3}\], limit 0\.15 \(adjusted p < 0\.001; 10,500 rows against 10,500\)\. Drift\.$/,
    );
    expect(ks?.criterion).toMatchObject({ kind: 'prediction', column: 'score', slice: [] });
  });
});

describe('the share of labels', () => {
  test('MO6: drifts where scores stay as they were', () => {
    const findings = judge({}, { positives: 0.6 });
    expect(raised(findings).filter((name) => name.startsWith('late'))).toEqual([
      'late psi',
      'late cramersV',
      'late psi where weekday is Sun',
      'late cramersV where weekday is Sun',
      'late psi where weekday is Mon',
      'late cramersV where weekday is Mon',
    ]);
    expect(wordsOf(findings)['score ks']).toBe('pass none within-bound');
  });

  test('is not judged on a day that is not complete', () => {
    const words = wordsOf(judge({}, {}, { reference, presentBuckets: bucketsOf(WEEK, DAY).slice(1) }));
    expect(words['late psi']).toBe('inconclusive none too-few-buckets');
    expect(words['score psi']).toBe('inconclusive none too-few-buckets');
  });
});

describe('a slice', () => {
  test('deepchecks/deepchecks#2378, fairlearn/fairlearn#999: that is too small is shown and named as suppressed', () => {
    const findings = judge({ sundays: 20 });
    expect(wordsOf(findings)['score psi where weekday is Sun']).toBe('inconclusive none suppressed-slice');
    expect(wordsOf(findings)['score psi where weekday is Mon']).toBe('pass none within-bound');
  });

  test('N1: of a single day of the week is shown and decides nothing, however far one such day lies from another', () => {
    const before = { ...reference, buckets: week(HOLDOUT, { sunday: 0.3 }, 1) };
    const findings = judge({ sunday: 0.6 }, { sunday: 0.6 }, { reference: before });
    const words = wordsOf(findings);
    expect(words['late psi where weekday is Sun']).toBe('inconclusive none suppressed-slice');
    expect(words['score ks where weekday is Sun']).toBe('inconclusive none suppressed-slice');
    expect(words['late psi where weekday is Mon']).toBe('pass none within-bound');
    expect(words['late psi']).toBe('pass none within-bound');
    expect(findings.find(({ criterion }) => criterion.name === 'late psi where weekday is Sun')?.sentence).toBe(
      'late psi where weekday is Sun: labelled rows in 1 buckets of the window and 1 of the holdout; 3 of each are needed. Not judged.',
    );
  });

  test('whylabs/whylogs#965: that the holdout had and the window lacks is missing', () => {
    const findings = judge({ sundays: 0 });
    expect(wordsOf(findings)['score psi where weekday is Sun']).toBe('missing none no-data');
  });
});

test('without a scored holdout nothing is judged, and nothing passes', () => {
  const findings = judge({}, {}, {});
  expect(findings.map(read)).toEqual(Array.from({ length: 4 }, () => ['missing', 'none', 'no-data']));
});

test('without a column of scores they are missing', () => {
  const words = wordsOf(judge({}, {}, { reference, absent: 'score' }));
  expect(words['score psi']).toBe('missing none column-absent');
});
