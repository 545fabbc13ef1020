import { setImmediate as nextTurn } from 'node:timers/promises';
import { measureParts } from '../../../scorecards/candidate/parts-measurement.ts';
import { isOfParts, measuredMetric, partitionOf } from '../../../scorecards/parts.ts';
import type { CriterionMetric, ScorecardCriterion } from '../../../scorecards/scorecard-schema.ts';
import { mostSlices } from '../../../scorecards/slice-cap.ts';
import type { CriterionMeasurement, HoldoutMeasurements, MeasureRequest, Work } from '../../ports/data-store.ts';
import { ask, type DuckdbOptions } from './connection.ts';
import { countRows, type CountedRows } from './count-rows.ts';
import { refsOf } from './join-files.ts';
import { measureClasses } from './measure-classes.ts';
import { measureExpressions, readExpressions } from './measure-expressions.ts';
import { measureFlags, measureGaps } from './measure-flags.ts';
import { measureCalibrationGap, measureLosses } from './measure-losses.ts';
import { measureAuc, measureAveragePrecision, measureCalibration } from './measure-ranking.ts';
import { joinScores } from './measure-rows.ts';
import { whyUncut, type Measuring } from './measure-slices.ts';
import { comparable, knownCuts, withKnownCuts } from './known-cuts.ts';
import { binScores } from './score-charts.ts';
import { refuseOther, refuseUnreadable } from './parquet-files.ts';
import { readTimeParts } from './time-blocks.ts';

/** The joined rows need 23 bytes each with two models and six slice columns; beyond this some of them wait on disk. */
const JOINED_MEMORY = '256MiB';

/** How each metric is measured; those without an entry are measured elsewhere (the team's own sql, latency under load, bytes of the artifact). */
const MEASURING: Partial<Record<ScorecardCriterion['metric'], Measuring>> = {
  cost: measureFlags,
  recall: measureFlags,
  precision: measureFlags,
  f1: measureFlags,
  accuracy: measureFlags,
  precisionAtK: measureFlags,
  meanLabelAtTop: measureFlags,
  equalizedOdds: measureGaps,
  demographicParity: measureGaps,
  demographicParityRatio: measureGaps,
  equalizedOddsRatio: measureGaps,
  equalOpportunityRatio: measureGaps,
  equalOpportunity: measureGaps,
  calibrationGap: measureCalibrationGap,
  auc: measureAuc,
  averagePrecision: measureAveragePrecision,
  logLoss: measureLosses,
  brier: measureLosses,
  mae: measureLosses,
  rmse: measureLosses,
  mape: measureLosses,
  quantileLoss: measureLosses,
  ece: measureCalibration,
};

/**
 * Every criterion that reads predictions, on every slice, for both models on the rows that have a label and a score of each.
 * Rows without are counted in `coverage`, never guessed. One thread: sums of doubles then do not depend on which finished first.
 * @throws `data-changed` for a file that is not what its reference says; else as `joinScores`.
 */
export async function measureHoldout(
  options: DuckdbOptions,
  given: MeasureRequest,
  work: Work,
): Promise<HoldoutMeasurements> {
  const request = { ...given, scorecard: asCounted(given.scorecard) };
  const { scorecard } = request;
  const refs = refsOf(request);
  const files = refs.map(({ path }) => path);
  await refuseUnreadable(files);
  for (const ref of refs) await refuseOther(ref);
  const question = {
    doing: 'measure the predictions on the holdout',
    files,
    threads: 1,
    memoryLimit: JOINED_MEMORY,
    signal: work.signal,
  };
  const { task } = scorecard.spec;
  const parts = await readTimeParts(options, request, { signal: work.signal, most: mostSlices(scorecard) });
  const written = await readExpressions(options, request, { signal: work.signal, parts });
  const found = await ask(options, question, async (session) => {
    if (task === 'multiclass') return await measureClasses(session, { request, parts }, work);
    work.progress('joining predictions', 0, 1);
    const rows = await joinScores(session, request, parts);
    work.progress('joining predictions', 1, 1);
    const asked = given.scorecard.spec.criteria.filter((one) => MEASURING[counting(one).metric] !== undefined);
    const counted = await countRows(rows, asked.map(counting), work);
    const measurements: CriterionMeasurement[] = [];
    for (const [index, criterion] of asked.entries()) {
      work.progress('measuring criteria', index, asked.length);
      measurements.push(...measureOne(comparable(counted, criterion), criterion));
      // Redrawn counts take milliseconds each: a worker must go on heartbeating.
      await nextTurn();
      work.signal.throwIfAborted();
    }
    work.progress('measuring criteria', asked.length, asked.length);
    const charts = await binScores(rows);
    return {
      ...(task === 'regression' ? {} : knownCuts(rows.cuts)),
      coverage: rows.coverage,
      slices: [...rows.values].flatMap(([column, values]) => values.map((value) => ({ column, value }))),
      measurements,
      ...(charts ? { charts } : {}),
    };
  });
  const ownWords = await measureExpressions(options, request, { ...found, parts, written }, work);
  const measurements = [...found.measurements, ...ownWords];
  return { ...found, measurements: withKnownCuts(request, found.operatingPoint, measurements) };
}

const asCounted = ({ spec, ...rest }: MeasureRequest['scorecard']): MeasureRequest['scorecard'] => ({
  ...rest,
  spec: { ...spec, criteria: spec.criteria.map(counting) },
});

/** As its rows are counted: blocks of time are the values of one more column, and what is of another metric counts that one. */
function counting(criterion: ScorecardCriterion): ScorecardCriterion {
  const by = partitionOf(criterion);
  return { ...criterion, metric: measuredMetric<CriterionMetric>(criterion), ...(by === undefined ? {} : { by }) };
}

function measureOne(rows: CountedRows, criterion: ScorecardCriterion): readonly CriterionMeasurement[] {
  const { confidence, metric, name } = criterion;
  const counted = counting(criterion);
  if (counted.by !== undefined && !rows.slices.has(counted.by))
    return [{ criterion: name, slice: null, n: 0, why: whyUncut(criterion) }];
  const measure = (at: number) => MEASURING[counted.metric]?.(rows, { ...counted, confidence: at }) ?? [];
  return isOfParts(metric) ? [measureParts(criterion, measure)] : measure(confidence);
}
