import type { CriterionMeasurement } from '../../../scorecards/candidate/measurement.ts';
import { scorecardSchema } from '../../../scorecards/scorecard-schema.ts';
import type { Scorecard } from '../../../scorecards/scorecard-schema.ts';
import type { Estimate, Slice } from '../../../scorecards/vocabulary.ts';

export const estimate = (value: number, half = 0): Estimate => ({ value, low: value - half, high: value + half });

export const scorecardOf = (...criteria: readonly object[]): Scorecard =>
  scorecardSchema.parse({
    apiVersion: 'understudy/v1',
    kind: 'Scorecard',
    metadata: { name: 'test' },
    spec: { criteria },
  });

/** The flights scorecard of the house: one criterion of every group. */
export const flights = scorecardOf(
  { name: 'missed delays cost', group: 'business', metric: 'cost', versusChampion: { noWorseBy: '0%' } },
  { name: 'ranking', group: 'quality', metric: 'auc', atLeast: 0.66, versusChampion: { noWorseBy: 0.002 } },
  { name: 'precision', group: 'quality', metric: 'precision', atLeast: 0.4 },
  { name: 'recall per band', group: 'quality', metric: 'recall', by: 'distance_band', atLeast: 0.3, minimum: 300 },
  { name: 'tail latency', group: 'latency', metric: 'p99', atMost: '60ms', versusChampion: { noWorseBy: '20ms' } },
  { name: 'artifact', group: 'size', metric: 'bytes', atMost: '50MB' },
  { name: 'parity', group: 'fairness', metric: 'equalizedOdds', by: 'distance_band', atMost: 0.45 },
);

export const bands: readonly Slice[] = ['long', 'medium', 'short'].map((value) => ({ column: 'distance_band', value }));

/** A challenger that is a little better everywhere, far inside every bound. */
export const good: readonly CriterionMeasurement[] = [
  measurement('missed delays cost', {
    challenger: estimate(0.8, 0.01),
    champion: estimate(0.84, 0.01),
    difference: estimate(-0.04, 0.006),
  }),
  measurement('ranking', {
    challenger: estimate(0.71, 0.006),
    champion: estimate(0.7, 0.006),
    difference: estimate(0.01, 0.003),
  }),
  measurement('precision', { challenger: estimate(0.52, 0.02) }),
  ...bands.map((slice) => measurement('recall per band', { slice, n: 1204, challenger: estimate(0.41, 0.03) })),
  measurement('tail latency', {
    n: 750,
    challenger: estimate(21, 3),
    champion: estimate(20, 3),
    difference: estimate(1, 4),
  }),
  measurement('artifact', { n: 1, challenger: estimate(2_100_000) }),
  measurement('parity', { challenger: estimate(0.2, 0.05) }),
];

export function measurement(criterion: string, given: Partial<CriterionMeasurement> = {}): CriterionMeasurement {
  return { criterion, slice: null, n: 9000, ...given };
}

/** `all` with the measurements of one criterion (on one slice value) changed. */
export const changed = (
  criterion: string,
  given: Partial<CriterionMeasurement>,
  { all = good, value }: { readonly all?: readonly CriterionMeasurement[]; readonly value?: string } = {},
): readonly CriterionMeasurement[] =>
  all.map((one) => {
    const isMeant = one.criterion === criterion && (value === undefined || one.slice?.value === value);
    return isMeant ? { ...one, ...given } : one;
  });

/** As a bootstrap measures: the challenger's numbers alone. */
export const alone = (all: readonly CriterionMeasurement[]): readonly CriterionMeasurement[] =>
  all.map(({ criterion, slice, n, challenger }) => ({ criterion, slice, n, ...(challenger && { challenger }) }));
