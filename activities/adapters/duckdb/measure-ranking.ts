import { calibrationError } from '../../../scorecards/statistics/calibration-error.ts';
import { bootstrapCounts } from '../../../scorecards/statistics/count-bootstrap.ts';
import { NOT_NEGATIVE } from '../../../scorecards/statistics/paired-estimates.ts';
import { pairedAuc, pairedPrecision, type Influence } from '../../../scorecards/statistics/ranked-classes.ts';
import type { CountedRows } from './count-rows.ts';
import { binRows, sharedOf, type GroupRanks } from './count-ranks.ts';
import { FEW, measured, measurementOf, type Measured, type Measuring } from './measure-slices.ts';

type OfPlace = (ranks: GroupRanks, place: number, confidence: number) => Measured;

/** AUC with DeLong's interval. */
export const measureAuc: Measuring = (rows, criterion) =>
  perPlace(rows, criterion, (ranks, place, confidence) => {
    const [challenger, champion] = ranks.models.map(({ auc }) => auc[place]);
    if (challenger === undefined) return { n: 0, why: FEW };
    const [positives, negatives] = [challenger.ofPositives.rows, challenger.ofNegatives.rows];
    const why = `AUC needs two rows of each class; there are ${positives} positive and ${negatives} negative`;
    const estimates = pairedAuc(challenger, champion, sharedOf(ranks, place, 'auc'), confidence);
    return noted(measured(positives + negatives, estimates, why), [challenger, champion]);
  });

/** Average precision; its interval rests on how much each row moves it. */
export const measureAveragePrecision: Measuring = (rows, criterion) =>
  perPlace(rows, criterion, (ranks, place, confidence) => {
    const [challenger, champion] = ranks.models.map(({ precision }) => precision[place]);
    const n = rowsOf(ranks, place);
    if (challenger === undefined) return { n, why: 'there are no positive rows' };
    const estimates = pairedPrecision(challenger, champion, sharedOf(ranks, place, 'precision'), confidence);
    return noted(measured(n, estimates, ''), [challenger, champion]);
  });

/** Expected calibration error; rows with equal scores share a bin. */
export const measureCalibration: Measuring = (rows, criterion) =>
  perPlace(rows, criterion, (ranks, place, confidence) => {
    const cells = binRows(ranks, place).map((cell) => ({
      rows: cell.rows,
      positive: cell.positive,
      challenger: { bin: cell.binA, meanScore: cell.meanA },
      ...(rows.hasChampion ? { champion: { bin: cell.binB, meanScore: cell.meanB } } : {}),
    }));
    const n = rowsOf(ranks, place);
    if (n < 2) return { n, why: FEW };
    const counts = cells.map((cell) => cell.rows);
    return measured(n, bootstrapCounts(counts, calibrationError(cells), { confidence, limits: NOT_NEGATIVE }), FEW);
  });

const rowsOf = ({ models }: GroupRanks, place: number): number => {
  const of = models[0]?.auc[place];
  return of === undefined ? 0 : of.ofPositives.rows + of.ofNegatives.rows;
};

function perPlace(
  rows: CountedRows,
  { by, confidence, name }: Parameters<Measuring>[1],
  measure: OfPlace,
): ReturnType<Measuring> {
  const ranks = rows.ranks(by);
  if (ranks === undefined) return [];
  return ranks.group.values.map((value, place) =>
    measurementOf(name, by === undefined ? null : { column: by, value }, measure(ranks, place, confidence)),
  );
}

/** Says by how much the number may be off because scores were counted in bins, where they were. */
function noted(found: Measured, models: readonly (Influence | undefined)[]): Measured {
  const resolution = Math.max(...models.map((model) => model?.resolution ?? 0));
  if (found.estimates === undefined || resolution === 0) return found;
  return { ...found, note: noteOf(resolution) };
}

const noteOf = (resolution: number): string =>
  `rows were counted by score bins: each model's number is within ${resolution.toExponential(1)} of what single scores give, which the interval includes`;
