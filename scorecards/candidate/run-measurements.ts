import { hours } from '../cost/price.ts';
import type { RunRecord } from '../records/run-record.ts';
import type { ScorecardCriterion } from '../scorecard-schema.ts';
import { exactly, exactPair } from './measurement.ts';
import type { CriterionMeasurement } from './measurement.ts';

type Named = Pick<ScorecardCriterion, 'name'>;

const measured = ({ name }: Named): Pick<CriterionMeasurement, 'criterion' | 'slice' | 'n'> => ({
  criterion: name,
  slice: null,
  n: 1,
});

/** A run's own clock, and what its snapshot reaches to; all ISO 8601. */
export interface Ages {
  /** Data time of the run, and the moment at which it began. */
  readonly asOf: string;
  readonly begunAt: string;
  readonly judgedAt: string;
  /** End of the training span, exclusive. */
  readonly trainedUntil: string;
  readonly labelWatermark: string;
}

/**
 * Milliseconds from the end of the training span to the moment of judging: as-of and the time that passed since the run began
 * (never less than nothing). So a run over days long gone is judged as it would have been then, and one that waits grows old.
 */
export function measureFreshness(criterion: Named, ages: Ages): CriterionMeasurement {
  const { asOf, begunAt, judgedAt, trainedUntil, labelWatermark } = ages;
  const passed = Math.max(0, Date.parse(judgedAt) - Date.parse(begunAt));
  const value = Date.parse(asOf) + passed - Date.parse(trainedUntil);
  if (!Number.isFinite(value))
    return { ...measured(criterion), why: 'the snapshot does not say until when it reaches' };
  const waited = passed < MINUTE_MS ? '' : `, and ${(passed / HOUR_MS).toFixed(1)} h passed since`;
  const point = `training rows until ${trainedUntil}, the newest label known since ${labelWatermark}; as of ${asOf}${waited}`;
  return { ...measured(criterion), challenger: exactly(value), point };
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

type Compute = Pick<RunRecord['compute'], 'backend' | 'gpuSeconds' | 'earlier'>;

/** Accelerator hours of both trainings, Jobs that failed included; nobody counts those of a process. */
export function measureGpuHours(
  criterion: Named,
  { challenger, champion }: { readonly challenger: Compute; readonly champion?: Compute },
): CriterionMeasurement {
  const own = gpuHoursOf(challenger);
  if (typeof own === 'string') return { ...measured(criterion), why: `the challenger's accelerators: ${own}` };
  const jobs = 1 + (challenger.earlier?.length ?? 0);
  const point = `running time × accelerators of ${jobs === 1 ? 'its one Job' : `its ${jobs} Jobs`}`;
  const other = champion && gpuHoursOf(champion);
  const known = { ...measured(criterion), point };
  if (typeof other === 'string') return { ...known, ...exactPair(own), why: `the champion's accelerators: ${other}` };
  return { ...known, ...exactPair(own, other) };
}

/** Hours, or why nobody knows. A Job of which nothing was counted never ran. */
function gpuHoursOf({ backend, gpuSeconds, earlier = [] }: Compute): number | string {
  if (backend === 'process')
    return 'its trainer was a process, which takes those that it finds, so nobody counted them';
  if (gpuSeconds === undefined) return 'the cluster did not say how long its Job ran';
  return hours(earlier.reduce((sum, job) => sum + (job.gpuSeconds ?? 0), gpuSeconds));
}
