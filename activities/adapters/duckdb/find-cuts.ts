import { thresholdOf } from '../../../scorecards/operating-point.ts';
import type { MeasureRequest } from '../../ports/data-store.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import type { Session } from './connection.ts';
import { doubleLiteral } from './sql-text.ts';

/** A row is flagged when its score is not below the model's own cut. */
export interface Cuts {
  readonly challenger: number;
  readonly champion?: number;
}

/** Bins between the least and the greatest score: few enough for DuckDB to count them without hashing. */
const BINS = 4096;

/**
 * The score of the k-th highest row of table `held`, k being the asked share rounded up. Rows with equal scores stay
 * together, because a server can only compare with the cut: with ties somewhat more rows are flagged. A threshold of best F1 is
 * never found on these rows: it is handed on, and a model without one flags nothing.
 */
export async function findCuts(
  session: Session,
  { champion, points, scorecard }: Pick<MeasureRequest, 'champion' | 'points' | 'scorecard'>,
): Promise<Cuts> {
  const point = scorecard.spec.operatingPoint;
  const cutOf = async (score: 'a' | 'b', known: number | undefined = Number.POSITIVE_INFINITY): Promise<number> => {
    if ('threshold' in point) return point.threshold;
    if ('bestF1' in point) return known;
    const cut = await highest(session, score, point.top);
    if (cut !== undefined) return cut;
    throw new PortFailure('data-invalid', 'no row of the holdout has a prediction: the ids of both files do not meet', {
      details: { column: 'id' },
    });
  };
  const challenger = await cutOf('a', thresholdOf(points?.challenger));
  return champion === undefined
    ? { challenger }
    : { challenger, champion: await cutOf('b', thresholdOf(points?.champion)) };
}

/** A quantile of all scores would hold all of them in memory once more: only the bin that it lies in is looked at. */
async function highest(session: Session, score: 'a' | 'b', share: number): Promise<number | undefined> {
  const { least, most, place } = await session.row<{ least: number | null; most: number | null; place: number }>(
    `SELECT min(${score}) AS least, max(${score}) AS most,
            greatest(1, ceil(${share} * count(${score})))::DOUBLE AS place FROM held`,
  );
  if (least === null || most === null) return undefined;
  // Halves, so that no span is infinite; a higher score is never in a lower bin.
  const span = most / 2 - least / 2;
  const bin =
    span > 0
      ? `trunc((${score} / 2 - ${doubleLiteral(least / 2)}) / ${doubleLiteral(span)} * ${BINS - 1})::SMALLINT`
      : '0::SMALLINT';
  const bins = await session.rows<{ bin: number; rows: number }>(
    `SELECT ${bin} AS bin, count(*)::DOUBLE AS rows FROM held WHERE ${score} IS NOT NULL GROUP BY 1 ORDER BY 1 DESC`,
  );
  let above = 0;
  const last = bins.find(({ rows }) => (above += rows) >= place);
  if (last === undefined) return most;
  // The place-th highest is in the middle of the step that begins at quantile (rows − place) / rows of its bin.
  const quantile = (above - place + 0.5) / last.rows;
  const { cut } = await session.row<{ cut: number }>(
    `SELECT quantile_disc(${score}, ${doubleLiteral(quantile)}) AS cut FROM held WHERE ${bin} = ${last.bin}`,
  );
  return cut;
}
