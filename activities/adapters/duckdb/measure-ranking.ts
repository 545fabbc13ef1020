import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ScorecardCriterion } from '../../../scorecards/scorecard-schema.ts';
import { averagePrecision, rankLabels } from '../../../scorecards/statistics/average-precision.ts';
import { pairedFromDraws } from '../../../scorecards/statistics/count-bootstrap.ts';
import { delong, type Placements } from '../../../scorecards/statistics/delong.ts';
import { SHARE, type PairedEstimates } from '../../../scorecards/statistics/paired-estimates.ts';
import { poisson, seededRandom } from '../../../scorecards/statistics/seeded-random.ts';
import type { CriterionMeasurement, Work } from '../../ports/data-store.ts';
import type { ScoredRows } from './measure-rows.ts';
import { measured, measurementOf, perSlice, sliceColumn, type OfSlice, type Measuring } from './measure-slices.ts';

interface PlacementRow extends OfSlice {
  readonly positive: boolean;
  readonly rows: number;
  readonly meanA: number;
  readonly varianceA: number;
  readonly meanB: number;
  readonly varianceB: number;
  readonly covariance: number;
}

/** AUC by midranks, which windows compute; DeLong's variances need only the moments of the placements. */
export const measureAuc: Measuring = async (rows, criterion) => {
  const midrank = (score: 'a' | 'b', group: string) =>
    `rank() OVER (PARTITION BY ${group} ORDER BY ${score}) + (count(*) OVER (PARTITION BY ${group}, ${score}) - 1) / 2e0`;
  const placement = (score: 'a' | 'b') => `${midrank(score, 'slice')} - (${midrank(score, 'slice, y')})`;
  const found = await rows.session.rows<PlacementRow>(
    `SELECT slice, y > 0 AS positive, count(*)::DOUBLE AS rows, avg(a) AS "meanA", coalesce(var_samp(a), 0) AS "varianceA",
            coalesce(avg(b), 0) AS "meanB", coalesce(var_samp(b), 0) AS "varianceB", coalesce(covar_samp(a, b), 0) AS covariance
     FROM (SELECT slice, y, ${placement('a')} AS a, ${rows.hasChampion ? placement('b') : 'NULL::DOUBLE'} AS b
           FROM (SELECT ${sliceColumn(rows, criterion)} AS slice, y, a, b FROM scored))
     GROUP BY 1, 2`,
  );
  return perSlice(rows, criterion, found, (ofSlice) => {
    const n = ofSlice.reduce((sum, row) => sum + row.rows, 0);
    const [positives, negatives] = [true, false].map((kind) =>
      placementsOf(
        ofSlice.find(({ positive }) => positive === kind),
        rows.hasChampion,
      ),
    );
    const why = `AUC needs two rows of each class; there are ${positives?.rows ?? 0} positive and ${negatives?.rows ?? 0} negative`;
    if (positives === undefined || negatives === undefined) return { n, why };
    return measured(n, delong(positives, negatives, criterion.confidence), why);
  });
};

function placementsOf(row: PlacementRow | undefined, hasChampion: boolean): Placements | undefined {
  if (row === undefined) return undefined;
  return {
    rows: row.rows,
    challenger: { mean: row.meanA, variance: row.varianceA },
    ...(hasChampion ? { champion: { mean: row.meanB, variance: row.varianceB }, covariance: row.covariance } : {}),
  };
}

/** Redraws of all rows; each costs one pass over both rankings. */
const DRAWS = 200;

/** Average precision depends on every row's place, so its interval comes from redrawing rows, both models seeing the same. */
export const measureAveragePrecision: Measuring = async (rows, criterion, work) => {
  const slices = criterion.by === undefined ? [null] : (rows.values.get(criterion.by) ?? []);
  const measurements: CriterionMeasurement[] = [];
  for (const value of slices) {
    const slice = criterion.by === undefined ? null : { column: criterion.by, value };
    const { n, estimates } = await precisionOf(rows, criterion, { value, work });
    measurements.push(measurementOf(criterion.name, slice, measured(n, estimates, 'there are no positive rows')));
  }
  return measurements;
};

/** Other rows, another criterion or another slice are redrawn otherwise, the same ones always alike. */
const seedOf = (about: readonly (string | null)[]): number =>
  createHash('sha256').update(JSON.stringify(about)).digest().readUInt32BE(0);

async function precisionOf(
  { session, hasChampion, ...rows }: ScoredRows,
  criterion: ScorecardCriterion,
  { value, work }: { value: string | null; work: Work },
): Promise<{ n: number; estimates: PairedEstimates | undefined }> {
  const column = sliceColumn({ session, hasChampion, ...rows }, criterion);
  const where = criterion.by === undefined ? '' : `WHERE ${column} IS NOT DISTINCT FROM $value`;
  const found = await session.connection.runAndReadAll(
    `SELECT y::DOUBLE AS y, a, b FROM scored ${where}`,
    criterion.by === undefined ? {} : { value },
  );
  const [labels = [], ofChallenger = [], ofChampion = []] = found.getColumnsJS() as unknown as readonly number[][];
  const rankings = [ofChallenger, ...(hasChampion ? [ofChampion] : [])].map((scores) => rankLabels(scores, labels));
  const valueOf = (weights?: Uint8Array) => {
    const [challenger, champion] = rankings.map((ranking) => averagePrecision(ranking, weights));
    if (challenger === undefined) return undefined;
    return { challenger, ...(champion === undefined ? {} : { champion }) };
  };
  const estimate = valueOf();
  if (estimate === undefined) return { n: labels.length, estimates: undefined };
  const random = seededRandom(seedOf([rows.digest, criterion.name, value]));
  const weights = new Uint8Array(labels.length);
  const redrawn: NonNullable<ReturnType<typeof valueOf>>[] = [];
  for (let draw = 0; draw < DRAWS; draw += 1) {
    work.signal.throwIfAborted();
    weights.forEach((_, row) => (weights[row] = poisson(1, random)));
    const drawn = valueOf(weights);
    if (drawn !== undefined) redrawn.push(drawn);
    // A worker must go on heartbeating while millions of rows are redrawn.
    await nextTurn();
  }
  const options = { draws: DRAWS, confidence: criterion.confidence, limits: SHARE };
  return { n: labels.length, estimates: pairedFromDraws(estimate, redrawn, options) };
}
