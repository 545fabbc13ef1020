import { counted } from '../counted.ts';
import type { ScorecardCriterion } from '../scorecard-schema.ts';
import { benjaminiHochberg } from '../statistics/benjamini-hochberg.ts';
import { boundsOf, holdBound, isRelative } from './bounds.ts';
import type { BoundKind, BoundResult } from './bounds.ts';
import type { CriterionMeasurement } from './measurement.ts';

/** Every comparison of a slice with a bound that a verdict rests on, as one family. */
export interface SliceTests {
  /** Adjusted p of each, by {@link keyOf}. */
  readonly adjusted: ReadonlyMap<string, number>;
  readonly slices: number;
  readonly criteria: number;
}

interface Judging {
  readonly scorecard: { readonly spec: { readonly criteria: readonly ScorecardCriterion[] } };
  readonly measurements: readonly CriterionMeasurement[];
  readonly bootstrap: boolean;
}

/**
 * The p-values of all slices with all their bounds, adjusted together (Benjamini and Hochberg), so that of the slices that are
 * said to fail at most a share of 1 − confidence is expected to hold in truth, however many are looked at. What rests on too few
 * rows, has no number or is judged at the point is no test. No slices: none.
 */
export function testSlices({ scorecard, measurements, bootstrap }: Judging): SliceTests {
  const tests = scorecard.spec.criteria.flatMap((criterion) => {
    const bounds = boundsOf(criterion).filter(([kind]) => !(bootstrap && isRelative(kind)));
    const sliced = measurements.filter((one) => one.criterion === criterion.name && isTested(criterion, one));
    return sliced.flatMap((measurement) =>
      bounds.flatMap((bound) => {
        const held = holdBound(criterion, bound, measurement);
        return held ? [{ criterion, measurement, kind: held.kind, p: held.p }] : [];
      }),
    );
  });
  const adjusted = benjaminiHochberg(tests.map(({ p }) => p));
  return {
    adjusted: new Map(
      tests.map(({ criterion, kind, measurement }, place) => [
        keyOf(criterion, measurement, kind),
        adjusted[place] ?? 1,
      ]),
    ),
    slices: new Set(tests.map(({ measurement }) => JSON.stringify(measurement.slice))).size,
    criteria: new Set(tests.map(({ criterion }) => criterion.name)).size,
  };
}

/**
 * A bound of a slice as it counts among all others: beyond it by no more than chance explains is unsure, not violated. It never
 * makes anything hold, so it lets nothing pass. What is no test is given back as it is.
 */
export function amongAll(
  held: BoundResult,
  criterion: ScorecardCriterion,
  measurement: CriterionMeasurement,
  { adjusted }: SliceTests,
): BoundResult {
  if (measurement.parts !== undefined) return amongParts(held, criterion, measurement.parts);
  const p = adjusted.get(keyOf(criterion, measurement, held.kind));
  if (p === undefined || held.state !== 'violated' || p <= 1 - criterion.confidence) return held;
  return { ...held, state: 'unsure', byChance: { p, among: adjusted.size } };
}

/** The worst of many parts is no test of one: its interval allows for all of them, and only beyond all of that it is violated. */
function amongParts(held: BoundResult, { confidence, judge }: ScorecardCriterion, among: number): BoundResult {
  if (judge === 'point' || held.state !== 'violated' || held.p <= 1 - confidence) return held;
  return { ...held, state: 'unsure', byChance: { among } };
}

/** How many comparisons there were and what was done about it, in one sentence; none: nothing to say. */
export function tellTests({ adjusted, criteria, slices }: SliceTests): readonly string[] {
  if (adjusted.size < 2) return [];
  const compared = `${counted(slices)} slices of ${criteria} ${criteria === 1 ? 'criterion' : 'criteria'} were compared with their bounds ${counted(adjusted.size)} times`;
  return [
    `${compared}. One fails only where its p, adjusted for all of them (Benjamini-Hochberg), is at most 1 - its confidence, and is inconclusive where chance explains it; each must still hold by itself to pass, at its own interval.`,
  ];
}

const isTested = ({ judge, minimum }: ScorecardCriterion, { n, point, slice }: CriterionMeasurement): boolean =>
  slice !== null && judge !== 'point' && point === undefined && n >= minimum;

const keyOf = (criterion: ScorecardCriterion, { slice }: CriterionMeasurement, kind: BoundKind): string =>
  JSON.stringify([criterion.name, slice?.column, slice?.value, kind]);
