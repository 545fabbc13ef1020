import { asksBestF1, isAtCut, tellUnknown } from '../../../scorecards/operating-point.ts';
import type { ScorecardCriterion } from '../../../scorecards/scorecard-schema.ts';
import type { CriterionMeasurement, HoldoutMeasurements, MeasureRequest } from '../../ports/data-store.ts';
import type { CountedRows } from './count-rows.ts';
import type { ScoredRows } from './measure-rows.ts';

/** The cuts that there are; a model without one has flagged nothing, which is no cut. */
export function knownCuts({ challenger, champion }: ScoredRows['cuts']): Pick<HoldoutMeasurements, 'operatingPoint'> {
  if (!Number.isFinite(challenger)) return {};
  return {
    operatingPoint: { challenger, ...(champion !== undefined && Number.isFinite(champion) ? { champion } : {}) },
  };
}

/**
 * The rows as a criterion sees them: flags of a champion whose cut nobody knows would be those of a model that flags nothing, which
 * leaves neither a precision nor a ratio, so then the challenger is measured as if it were alone.
 */
export const comparable = (rows: CountedRows, criterion: ScorecardCriterion): CountedRows =>
  rows.cuts.champion === Number.POSITIVE_INFINITY && isAtCut(criterion) ? { ...rows, hasChampion: false } : rows;

/**
 * Says what is missing where a criterion rests on the flags of a model whose threshold nobody knows: all numbers without the
 * challenger's; without the champion's the comparison, see `comparable`.
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
    const { challenger, criterion, n, slice } = found;
    if (cuts === undefined) return { criterion, slice, n, why };
    return challenger === undefined ? found : { ...found, why };
  });
}
