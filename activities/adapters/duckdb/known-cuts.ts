import { asksBestF1, isAtCut, tellUnknown } from '../../../scorecards/operating-point.ts';
import type { CriterionMeasurement, HoldoutMeasurements, MeasureRequest } from '../../ports/data-store.ts';
import type { ScoredRows } from './measure-rows.ts';

/** The cuts that there are; a model without one has flagged nothing, which is no cut. */
export function knownCuts({ challenger, champion }: ScoredRows['cuts']): Pick<HoldoutMeasurements, 'operatingPoint'> {
  if (!Number.isFinite(challenger)) return {};
  return {
    operatingPoint: { challenger, ...(champion !== undefined && Number.isFinite(champion) ? { champion } : {}) },
  };
}

/**
 * Takes back what rests on the flags of a model whose threshold nobody knows: all numbers without the challenger's, the
 * champion's and the difference without the champion's.
 */
export function withKnownCuts(
  { champion, points, scorecard }: MeasureRequest,
  cuts: HoldoutMeasurements['operatingPoint'],
  measurements: readonly CriterionMeasurement[],
): readonly CriterionMeasurement[] {
  const isWhole = cuts !== undefined && (champion === undefined || cuts.champion !== undefined);
  if (isWhole || !asksBestF1(scorecard)) return measurements;
  const flagging = new Set(scorecard.spec.criteria.filter(isAtCut).map(({ name }) => name));
  const who = cuts === undefined ? 'challenger' : 'champion';
  const why = tellUnknown(who, points?.[who]);
  return measurements.map((found) => {
    if (!flagging.has(found.criterion)) return found;
    const { challenger, criterion, n, parts, slice } = found;
    if (cuts === undefined) return { criterion, slice, n, why };
    if (challenger === undefined) return found;
    return { criterion, slice, n, challenger, ...(parts === undefined ? {} : { parts }), why };
  });
}
