import path from 'node:path';
import type { DataStore, Work } from '../../activities/ports/data-store.ts';
import { asksBestF1 } from '../../scorecards/operating-point.ts';
import type { PointSource, PointSources } from '../../scorecards/operating-point.ts';
import type { Scorecard } from '../../scorecards/scorecard-schema.ts';
import { CliFailure, EXIT } from '../failure.ts';
import { inGivenWords, readGivenFile } from './given-files.ts';

/** For `operatingPoint: { bestF1: training }`: a threshold, or a file of training rows to find it on. */
export interface GivenPoints {
  readonly challengerThreshold?: string;
  readonly championThreshold?: string;
}

export interface PointsRequest extends GivenPoints {
  readonly scorecard: Scorecard;
  readonly hasChampion: boolean;
  readonly columns: { readonly id: string; readonly label: string };
  readonly scratch: string;
}

const OPTIONS = { challenger: '--challenger-threshold', champion: '--champion-threshold' } as const;

/**
 * Each model's threshold of best F1; undefined where the scorecard asks for another cut. One that was not given is unknown, and
 * what rests on it is missing. Throws CliFailure 2 for a threshold that the scorecard does not look at, 5 for a file that is not there.
 */
export async function pointsGiven(
  data: Pick<DataStore, 'bestF1' | 'importCsv' | 'columns'>,
  request: PointsRequest,
  work: Work,
): Promise<PointSources | undefined> {
  const { challengerThreshold, championThreshold, hasChampion, scorecard } = request;
  refuseUseless(request);
  if (!asksBestF1(scorecard)) return undefined;
  const find = (who: keyof typeof OPTIONS, given: string | undefined) =>
    pointGiven(data, { ...request, who, given }, work);
  const challenger = await find('challenger', challengerThreshold);
  return hasChampion ? { challenger, champion: await find('champion', championThreshold) } : { challenger };
}

function refuseUseless({ challengerThreshold, championThreshold, hasChampion, scorecard }: PointsRequest): void {
  const given = [
    ...(challengerThreshold === undefined ? [] : [OPTIONS.challenger]),
    ...(championThreshold === undefined ? [] : [OPTIONS.champion]),
  ];
  if (given.length > 0 && !asksBestF1(scorecard))
    throw new CliFailure(
      EXIT.usage,
      `${given.join(' and ')} would change nothing: ${scorecard.metadata.name} does not ask for the threshold of best F1`,
      'leave it away, or write operatingPoint: { bestF1: training } into the scorecard',
    );
  if (championThreshold === undefined || hasChampion) return;
  throw new CliFailure(EXIT.usage, `${OPTIONS.champion} is given, but no --champion`, 'name its predictions, too');
}

interface OneGiven extends PointsRequest {
  readonly who: keyof typeof OPTIONS;
  readonly given: string | undefined;
}

async function pointGiven(
  data: Pick<DataStore, 'bestF1' | 'importCsv' | 'columns'>,
  { columns, given, scratch, who }: OneGiven,
  work: Work,
): Promise<PointSource> {
  if (given === undefined) return { why: `no ${OPTIONS[who]} was given` };
  const threshold = given.trim() === '' ? Number.NaN : Number(given);
  if (Number.isFinite(threshold)) return { threshold, given: true };
  const role = `threshold of the ${who}`;
  const file = await readGivenFile(data, { role, file: given, into: path.join(scratch, `${who}-threshold`) }, work);
  const request = { predictions: file.measured, labels: file.measured, columns };
  try {
    const best = await data.bestF1(request, work);
    return 'why' in best ? best : { ...best, predictions: file.sha256 };
  } catch (error) {
    throw inGivenWords(error, { challenger: file });
  }
}
