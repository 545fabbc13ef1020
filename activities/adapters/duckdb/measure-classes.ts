import { setImmediate as nextTurn } from 'node:timers/promises';
import { counted } from '../../../scorecards/counted.ts';
import type { ScorecardCriterion } from '../../../scorecards/scorecard-schema.ts';
import { isAcrossSlices } from '../../../scorecards/statistics/group-gaps.ts';
import { macroEstimates, type MacroMetric } from '../../../scorecards/statistics/macro-averages.ts';
import type { CriterionMeasurement, HoldoutMeasurements, MeasureRequest, Work } from '../../ports/data-store.ts';
import type { ClassRow } from './class-cells.ts';
import { countClasses, shown, type ClassRows } from './class-rows.ts';
import type { Session } from './connection.ts';
import type { FlagRow } from './count-flags.ts';
import { measureFlags, measureGaps, type FlaggedRows } from './measure-flags.ts';
import { FEW, measured, measurementOf, perSlice, whyUncut } from './measure-slices.ts';
import type { TimeParts } from './time-blocks.ts';

type MeasuringClasses = (rows: ClassRows, criterion: ScorecardCriterion) => readonly CriterionMeasurement[];

/** Metrics of models that name a class; those without an entry are measured elsewhere, or not at all. */
const MEASURING: Partial<Record<ScorecardCriterion['metric'], MeasuringClasses>> = {
  accuracy: measureRight,
  microF1: measureRight,
  macroF1: measureMacro('macroF1'),
  macroPrecision: measureMacro('macroPrecision'),
  macroRecall: measureMacro('macroRecall'),
  recall: measureOne(measureFlags),
  precision: measureOne(measureFlags),
  f1: measureOne(measureFlags),
  cost: measureOne(measureFlags),
  equalizedOdds: measureOne(measureGaps),
  equalizedOddsRatio: measureOne(measureGaps),
  equalOpportunityRatio: measureOne(measureGaps),
  demographicParity: measureOne(measureGaps),
  demographicParityRatio: measureOne(measureGaps),
  equalOpportunity: measureOne(measureGaps),
};

/** Every criterion on every slice from one table of label × class × class; there is no cut, and nothing to draw by score. */
export async function measureClasses(
  session: Session,
  { parts, request }: { readonly parts: ReadonlyMap<string, TimeParts>; readonly request: MeasureRequest },
  work: Work,
): Promise<HoldoutMeasurements> {
  work.progress('joining predictions', 0, 1);
  const rows = await countClasses(session, request, parts);
  work.progress('joining predictions', 1, 1);
  const measurements: CriterionMeasurement[] = [];
  for (const criterion of request.scorecard.spec.criteria) {
    const measure = MEASURING[criterion.metric];
    if (measure !== undefined) measurements.push(...(lacksColumn(rows, criterion) ?? measure(rows, criterion)));
    await nextTurn();
    work.signal.throwIfAborted();
  }
  return {
    coverage: rows.coverage,
    slices: [...rows.values].flatMap(([column, values]) => values.map((value) => ({ column, value }))),
    measurements,
  };
}

function lacksColumn(
  { slices }: ClassRows,
  criterion: ScorecardCriterion,
): readonly CriterionMeasurement[] | undefined {
  const { by, name } = criterion;
  if (by === undefined || slices.has(by)) return undefined;
  return [measurementOf(name, null, { n: 0, why: whyUncut(criterion) })];
}

/** The share of rows whose class is right: accuracy, and also micro F1. */
function measureRight(rows: ClassRows, criterion: ScorecardCriterion): readonly CriterionMeasurement[] {
  const flags = flagsOf(rows, ({ challenger, champion, label }) => ({
    positive: true,
    challenger: challenger === label,
    champion: champion === label,
  }));
  return measureFlags(flags, { ...criterion, metric: 'accuracy' });
}

function measureMacro(metric: MacroMetric): MeasuringClasses {
  return (rows, criterion) => {
    const { confidence, minimum } = criterion;
    const all = perSlice(rows, criterion, rows.cells(criterion.by), (cells) => {
      const { estimates, n } = macroEstimates(metric, cells, confidence);
      return measured(n, estimates, FEW);
    });
    return all.map((one) =>
      one.challenger && one.n < minimum ? { ...one, tooFew: fewText(rows, criterion, one) } : one,
    );
  };
}

/** The rarest class weighs as much as any other, so it is the one to be named. */
function fewText(rows: ClassRows, { by, minimum }: ScorecardCriterion, { n, slice }: CriterionMeasurement): string {
  const own = rows.cells(by).filter((cell) => slice === null || cell.slice === slice.value);
  const { rarest = '' } = macroEstimates('macroRecall', own);
  return `rests on ${counted(n)} rows of its rarest class ${rarest}, ${counted(minimum)} are needed`;
}

/**
 * One class against the rest: a row is positive when it is of that class, and flagged when it is said to be. A class that no
 * measured row is of was not measured: with a name that nobody has, no false alarm would be found either.
 */
function measureOne(
  measure: (rows: FlaggedRows, criterion: ScorecardCriterion) => readonly CriterionMeasurement[],
): MeasuringClasses {
  return (rows, criterion) => {
    const { class: ofClass } = criterion;
    if (ofClass === undefined || !rows.labelled.includes(ofClass)) {
      const why =
        ofClass === undefined
          ? 'the criterion names no `class`'
          : `no labelled row is of class ${ofClass}; there are ${shown(rows.labelled)}`;
      const none = { n: 0, why };
      // A gap is one number of all its groups.
      if (isAcrossSlices(criterion)) return [measurementOf(criterion.name, null, none)];
      return perSlice(rows, criterion, [], () => none);
    }
    const flags = flagsOf(rows, ({ challenger, champion, label }) => ({
      positive: label === ofClass,
      challenger: challenger === ofClass,
      champion: champion === ofClass,
    }));
    return measure(flags, criterion);
  };
}

type Flags = Pick<FlagRow, 'positive' | 'challenger' | 'champion'>;

/** Rows by slice, whether they are positive, and whether each model flags them. */
function flagsOf(rows: ClassRows, seen: (row: ClassRow) => Flags): FlaggedRows {
  return {
    hasChampion: rows.hasChampion,
    values: rows.values,
    top: () => [],
    flags: (by) => {
      const found = new Map<string, FlagRow>();
      for (const row of rows.cells(by)) {
        const flags = seen(row);
        const key = JSON.stringify([row.slice, flags.positive, flags.challenger, flags.champion]);
        const count = (found.get(key)?.rows ?? 0) + row.rows;
        const labels = flags.positive ? count : 0;
        found.set(key, { slice: row.slice, ...flags, rows: count, labels, squares: labels });
      }
      return [...found.values()];
    },
  };
}
