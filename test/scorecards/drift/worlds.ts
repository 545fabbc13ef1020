import type { WindowInput } from '../../../scorecards/drift/window-input.ts';
import type { DriftRules } from '../../../scorecards/drift/criteria.ts';
import type {
  DriftCriterion,
  DriftFinding,
  DriftKind,
  DriftVerdict,
  DriftWord,
} from '../../../scorecards/drift/verdict.ts';
import { bucketsOf } from '../../../scorecards/drift/windows.ts';
import { softsign, sketchOf } from './sketches.ts';
import { present } from '../../present.ts';
import { data, dataset, drift } from '../../../scorecards/policy/sections.ts';
import { seededDraws } from '../../seeded-draws.ts';

export const DAY = 86_400_000;
export const WEEK = { from: '2001-04-24T00:00:00.000Z', until: '2001-05-01T00:00:00.000Z' };
export const TRAINING = { from: '2001-01-01T00:00:00.000Z', until: '2001-03-12T00:00:00.000Z' };

export const criterion = (given: Partial<DriftCriterion> = {}): DriftCriterion => ({
  name: 'fare psi',
  kind: 'data',
  metric: 'psi',
  column: 'fare',
  slice: [],
  warn: 0.1,
  limit: 0.2,
  minimum: 500,
  weight: 1,
  critical: false,
  ...given,
});

/** The defaults of a policy about labels `late`, but for what `own` says of drift and `more` of the data. */
export const rules = (own: object = {}, more: object = {}): DriftRules => ({
  data: data.parse({
    observations: { path: 'o/day=*/*.parquet', time: 'at', id: 'id' },
    labels: { path: 'l/day=*/*.parquet', id: 'id', label: 'late', availableAt: 'known' },
    ...more,
  }),
  drift: drift.parse(own),
  dataset: dataset.parse({}),
});

export const normals = (seed: number, count: number, mean = 0): readonly number[] => {
  const draws = seededDraws(seed);
  return Array.from({ length: count }, () => draws.normal(mean));
};

export const fareGrid = softsign('fare');

const training = new Map([['fare', sketchOf(fareGrid, normals(1, 20_000))]]);

/** A complete week of 7,000 fares, shifted by `shift` deviations from a baseline of 20,000. */
export function week(shift: number, given: Partial<WindowInput> = {}): WindowInput {
  const buckets = bucketsOf(WEEK, DAY);
  return {
    criteria: [criterion(), criterion({ name: 'fare ks', metric: 'ks', limit: 0.15 })],
    grids: [fareGrid],
    baseline: training,
    current: new Map([['fare', sketchOf(fareGrid, normals(2, 7_000, shift))]]),
    facts: buckets.map((bucket) => ({ bucket, rows: 1000, columns: [{ name: 'fare', type: 'DOUBLE' }] })),
    window: WEEK,
    expectedBuckets: buckets,
    presentBuckets: buckets,
    baselineSpan: TRAINING,
    ...given,
  };
}

export const finding = (given: Partial<DriftFinding> & { on?: Partial<DriftCriterion> } = {}): DriftFinding => {
  const { on, ...rest } = given;
  return { criterion: criterion(on), judged: 'pass', level: 'none', reason: 'within-bound', sentence: 'fine', ...rest };
};

/** That `column` lies `value` from its baseline; from 0.2 on it is a breach. */
export const distance = (
  column: string,
  value: number,
  { on, ...rest }: Parameters<typeof finding>[0] = {},
): DriftFinding =>
  finding({
    on: { name: `${column} ${on?.metric ?? 'psi'}`, column, ...on },
    measurement: { value, n: { current: 800, baseline: 1600 } },
    ...(value >= 0.2 && { judged: 'fail', level: 'breach', reason: 'breach' }),
    ...rest,
  });

export const verdictOf = (
  byKind: Partial<Record<DriftKind, DriftWord>>,
  verdict: DriftWord = 'drift',
): DriftVerdict => ({
  window: WEEK,
  verdict,
  byKind,
  reasons: ['fare: PSI 0.243.'],
  shares: { breached: 0, warned: 0, unjudged: 0 },
  top: [],
});

/** What a finding says, without its numbers. */
export const read = (found: DriftFinding | undefined) => {
  const { judged, level, reason } = present(found);
  return [judged, level, reason];
};
