import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { isLatency, measureLatency } from '../../scorecards/candidate/latency.ts';
import type { LatencyPair } from '../../scorecards/candidate/latency.ts';
import type { CriterionMeasurement } from '../../scorecards/candidate/measurement.ts';
import { measureSize } from '../../scorecards/candidate/size.ts';
import { parseBytes } from '../../scorecards/policy/units.ts';
import type { Scorecard } from '../../scorecards/scorecard-schema.ts';
import { CliFailure, EXIT } from '../failure.ts';

export interface GivenNumbers {
  readonly latency?: string;
  readonly challengerSize?: string;
  readonly championSize?: string;
}

/**
 * Measurements of what no prediction tells: latencies of a load run, sizes of artifacts. Nothing is said about a criterion that
 * nothing was given for. Throws CliFailure 2 for what cannot be read.
 */
export async function measureGivenNumbers({ spec }: Scorecard, given: GivenNumbers): Promise<CriterionMeasurement[]> {
  const pair = given.latency === undefined ? undefined : await readLatency(given.latency);
  const challenger = sizeOf('--challenger-size', given.challengerSize);
  const champion = sizeOf('--champion-size', given.championSize);
  return spec.criteria.flatMap((criterion) => {
    const { metric } = criterion;
    if (metric === 'bytes')
      return challenger === undefined
        ? []
        : [measureSize(criterion, { challenger, ...(champion === undefined ? {} : { champion }) })];
    return isLatency(criterion) && pair ? [measureLatency(criterion, pair)] : [];
  });
}

const sample = z.strictObject({
  latenciesMs: z.array(z.number().min(0)),
  failed: z.number().int().min(0).default(0),
});

/** The form in which a run keeps its load run as evidence; unknown keys are errors. */
const latencyFile = z.strictObject({
  load: z.strictObject({ rate: z.number().positive(), for: z.number().positive() }).optional(),
  challenger: sample,
  champion: sample.optional(),
});

async function readLatency(file: string): Promise<LatencyPair> {
  const document: unknown = await readFile(file, 'utf8')
    .then((text) => JSON.parse(text) as unknown)
    .catch((error: Error) => {
      throw refused(`cannot read ${file} as JSON: ${error.message}`);
    });
  const parsed = latencyFile.safeParse(document);
  if (!parsed.success)
    throw refused(`${file} holds no latencies: ${z.prettifyError(parsed.error).split('\n').join(' ')}`);
  const { challenger, champion, load } = parsed.data;
  return { challenger, ...(champion ? { champion } : {}), ...(load ? { load } : {}) };
}

const refused = (message: string): CliFailure =>
  new CliFailure(
    EXIT.usage,
    message,
    'expected {"challenger": {"latenciesMs": [12.5, …], "failed": 0}, "champion": {…}}, milliseconds of single requests',
  );

/** `50MB`, `4Gi`, or a whole number of bytes. */
function sizeOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const bytes = /^\d+$/.test(text) ? Number(text) : parseBytes(text);
  if (bytes !== undefined) return bytes;
  throw new CliFailure(
    EXIT.usage,
    `${option} ${text} is no size`,
    'write a number of bytes, or a size such as 50MB or 4Gi',
  );
}
