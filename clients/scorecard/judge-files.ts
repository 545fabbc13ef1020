import type { DataStore, HoldoutMeasurements, MeasureRequest, Work } from '../../activities/ports/data-store.ts';
import { refuseTooManySlices } from '../../activities/slice-cap.ts';
import { PortFailure } from '../../activities/ports/port-failure.ts';
import type { ScorecardCharts } from '../../scorecards/candidate/charts.ts';
import { judgeCandidate } from '../../scorecards/candidate/judge.ts';
import { isLatency } from '../../scorecards/candidate/latency.ts';
import type { CriterionMeasurement } from '../../scorecards/candidate/measurement.ts';
import type { CandidateVerdict } from '../../scorecards/candidate/verdict.ts';
import { counted } from '../../scorecards/counted.ts';
import { notingPoints } from '../../scorecards/operating-point.ts';
import type { PointSources } from '../../scorecards/operating-point.ts';
import type { Scorecard } from '../../scorecards/scorecard-schema.ts';
import { inGivenWords, readGivenFiles } from './given-files.ts';
import type { FilesByRole, GivenFile, GivenFiles, Role } from './given-files.ts';
import { pointsGiven } from './given-points.ts';
import type { GivenPoints } from './given-points.ts';

export interface JudgeRequest extends GivenPoints {
  readonly scorecard: Scorecard;
  readonly files: FilesByRole;
  readonly columns: { readonly id: string; readonly label: string };
  /** Which column says when a row was; looked at only where a criterion has blocks. */
  readonly time?: { readonly column: string };
  /** Of what the files do not hold: latency, sizes, what other tools measured. They fill what the files leave open. */
  readonly others: readonly CriterionMeasurement[];
  /** Whether anything tells of a champion; without one relative bounds do not apply. */
  readonly bootstrap: boolean;
  /** A directory of this judgement alone. */
  readonly scratch: string;
}

export interface JudgedFiles {
  readonly verdict: CandidateVerdict;
  readonly files: readonly (Pick<GivenFile, 'path' | 'sha256' | 'bytes'> & { readonly role: Role })[];
  /** What a page draws of the scores; absent where there are no predictions. */
  readonly charts?: ScorecardCharts;
  readonly coverage?: HoldoutMeasurements['coverage'];
  readonly operatingPoint?: HoldoutMeasurements['operatingPoint'];
  /** Set where the scorecard asks for best F1: where each model's cut is from. */
  readonly operatingPointFrom?: PointSources;
  /** Criteria of which an import was given, but which the files themselves answer. */
  readonly unused: readonly string[];
}

/**
 * Judges a challenger by files alone. The rows that count are those of the holdout or, without one, those of the challenger; then
 * every row of the labels must have been predicted. What nobody measured is missing, and so never a pass.
 * @throws PortFailure for files that cannot be measured, CliFailure 5 for one that is not there.
 */
export async function judgeFiles(data: DataStore, request: JudgeRequest, work: Work): Promise<JudgedFiles> {
  const { bootstrap, files, others, scorecard, scratch } = request;
  const given = await readGivenFiles(data, files, { scratch, work });
  const points =
    given.challenger && (await pointsGiven(data, { ...request, hasChampion: given.champion !== undefined }, work));
  const measured = await measureGiven(data, request, { given, points, work });
  const { measurements, own } = filledWith(measured?.measurements ?? [], others);
  const judged = judgeCandidate({
    scorecard,
    measurements: [...measurements, ...unmeasured(scorecard, measurements, given)],
    bootstrap,
    declaredSlices: measured?.slices ?? [],
    ...(measured ? { coverage: measured.coverage } : {}),
  });
  return {
    verdict: notingPoints(judged, points),
    files: Object.entries(given).map(([role, { bytes, path, sha256 }]) => ({
      role: role as Role,
      path,
      sha256,
      bytes,
    })),
    ...(measured ? shownOf(measured) : {}),
    ...(points ? { operatingPointFrom: points } : {}),
    unused: [...new Set(others.map(({ criterion }) => criterion))].filter((name) => own.has(name)),
  };
}

/** What a report shows beside the verdict. */
const shownOf = ({ charts, coverage, operatingPoint }: HoldoutMeasurements) => ({
  ...(charts ? { charts: { scores: charts } } : {}),
  coverage,
  ...(operatingPoint ? { operatingPoint } : {}),
});

/** Measurements of others stand only for criteria that the files leave open; `own` are those that they answer. */
function filledWith(measured: readonly CriterionMeasurement[], others: readonly CriterionMeasurement[]) {
  const own = new Set(measured.filter(({ challenger }) => challenger).map(({ criterion }) => criterion));
  const filled = others.filter(({ criterion }) => !own.has(criterion));
  const names = new Set(filled.map(({ criterion }) => criterion));
  return { own, measurements: [...measured.filter(({ criterion }) => !names.has(criterion)), ...filled] };
}

interface Given {
  readonly given: GivenFiles;
  readonly points: PointSources | undefined;
  readonly work: Work;
}

/** What the files say; undefined where there are no predictions. */
async function measureGiven(
  data: DataStore,
  { columns, scorecard, time }: JudgeRequest,
  { given, points, work }: Given,
): Promise<HoldoutMeasurements | undefined> {
  const { challenger, champion, holdout, labels } = given;
  if (challenger === undefined || labels === undefined) return undefined;
  const measure = async (rows: GivenFile, by: Scorecard): Promise<HoldoutMeasurements> => {
    requireMeeting(rows, labels, columns.id);
    const request: MeasureRequest = {
      scorecard: by,
      holdout: rows.measured,
      labels: labels.measured,
      challenger: challenger.measured,
      ...(champion ? { champion: champion.measured } : {}),
      columns,
      ...(time ? { time } : {}),
      ...(points ? { points } : {}),
    };
    const found = await data.measure(request, work);
    requireAllRows(found.coverage, rows, given);
    refuseTooManySlices(by, found.slices);
    return found;
  };
  try {
    // Rows that a challenger left out would be missed by nobody if it alone said which rows there are.
    if (holdout === undefined) await measure(labels, { ...scorecard, spec: { ...scorecard.spec, criteria: [] } });
    return await measure(holdout ?? challenger, scorecard);
  } catch (error) {
    throw inGivenWords(error, given);
  }
}

/** A model that predicts only some rows would be judged on the easy ones. */
function requireAllRows(coverage: HoldoutMeasurements['coverage'], rows: GivenFile, given: GivenFiles): void {
  for (const who of ['challenger', 'champion'] as const) {
    const predicted = coverage[who];
    if (predicted === undefined || predicted >= coverage.rows) continue;
    throw new PortFailure(
      'data-invalid',
      `the ${who} ${given[who]?.path ?? ''} has ${counted(predicted)} of the ${counted(coverage.rows)} rows of ${rows.path}; expected all of them`,
    );
  }
}

/** A number and a text never meet: CSV may have made 7 of what Parquet calls "007". */
function requireMeeting(rows: GivenFile, labels: GivenFile, id: string): void {
  const [here, there] = [rows.columns.get(id), labels.columns.get(id)];
  if (here === undefined || there === undefined || (here === 'VARCHAR') === (there === 'VARCHAR')) return;
  throw new PortFailure(
    'data-schema',
    `the column "${id}" is ${here} in ${rows.path} and ${there} in ${labels.path}; expected one type`,
  );
}

/** One measurement without numbers for each criterion that nothing was said about. */
function unmeasured(
  { spec }: Scorecard,
  measurements: readonly CriterionMeasurement[],
  given: GivenFiles,
): readonly CriterionMeasurement[] {
  const known = new Set(measurements.map(({ criterion }) => criterion));
  return spec.criteria
    .filter(({ name }) => !known.has(name))
    .map(({ metric, name }) => ({ criterion: name, slice: null, n: 0, why: whyUnmeasured(metric, given) }));
}

function whyUnmeasured(metric: string, { challenger }: GivenFiles): string {
  if (isLatency({ metric })) return 'no --latency was given';
  if (metric === 'bytes') return 'no --challenger-size was given';
  return challenger ? `files do not tell ${metric}` : `no predictions were given, and no import tells ${metric}`;
}
