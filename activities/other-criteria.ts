import { isLatency, measureLatency } from '../scorecards/candidate/latency.ts';
import type { LatencyPair } from '../scorecards/candidate/latency.ts';
import { exactPair } from '../scorecards/candidate/measurement.ts';
import type { CriterionMeasurement } from '../scorecards/candidate/measurement.ts';
import { measureSize } from '../scorecards/candidate/size.ts';
import { counted } from '../scorecards/counted.ts';
import type { RunRecord } from '../scorecards/records/run-record.ts';
import type { ScorecardCriterion } from '../scorecards/scorecard-schema.ts';
import type { AppliedPolicy } from '../scorecards/trigger.ts';
import { getJson } from './context.ts';
import type { Ports } from './context.ts';
import { measureLive } from './live-service.ts';
import type { Predictions } from './prediction.ts';
import type { JudgeInput } from './judge-input.ts';

/** Criteria that rest on something else than the rows of the holdout: the artifact, the load run, the live service. */
export async function measureOthers(
  ports: Pick<Ports, 'evidence' | 'metrics' | 'registry'>,
  applied: AppliedPolicy,
  input: JudgeInput,
): Promise<CriterionMeasurement[]> {
  const { candidate, championRecord, latency } = input;
  const championBytes = championRecord
    ? (await getJson<RunRecord>(ports.evidence, championRecord)).artifact?.bytes
    : undefined;
  const loads = latency ? await getJson<LatencyPair>(ports.evidence, latency) : undefined;
  const measured = applied.scorecard.spec.criteria.flatMap((criterion) => {
    if (criterion.metric === 'bytes') {
      return [
        measureSize(criterion, {
          challenger: candidate.bytes,
          ...(championBytes === undefined ? {} : { champion: championBytes }),
        }),
      ];
    }
    if (!isLatency(criterion)) return [];
    return [loads ? measureLatency(criterion, loads) : batchLatency(criterion, input)];
  });
  return [...measured, ...(await measureLive(ports, applied, input.context))];
}

/** Without a server the latency is that of `predict`: milliseconds per 1,000 rows of its one run, the same for every percentile. */
function batchLatency(criterion: ScorecardCriterion, { predictions }: JudgeInput): CriterionMeasurement {
  const perThousand = ({ file, seconds }: Predictions) => (seconds * 1000) / Math.max(1, (file.rows ?? 0) / 1000);
  const { challenger, champion } = predictions;
  const rows = counted(challenger.file.rows ?? 0);
  const point = `per 1,000 rows of one run of predict over ${rows}, so without an interval`;
  const numbers = exactPair(perThousand(challenger), champion && perThousand(champion));
  return { criterion: criterion.name, slice: null, n: 1, ...numbers, point };
}
