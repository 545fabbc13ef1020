import { createHash } from 'node:crypto';
import { vanishedSlices } from '../scorecards/candidate/vanished-slices.ts';
import type { Baseline } from '../scorecards/drift/baseline.ts';
import type { RunRecord } from '../scorecards/records/run-record.ts';
import type { AppliedPolicy } from '../scorecards/trigger.ts';
import type { EvidenceRef, Slice } from '../scorecards/vocabulary.ts';
import { getJson } from './context.ts';
import type { Ports } from './context.ts';
import type { HoldoutMeasurements } from './ports/data-store.ts';

/** Where slices of earlier rows were counted. */
export interface CountedBefore {
  /** Of this run's training and holdout days; absent in runs that began before it was handed on. */
  readonly baseline?: EvidenceRef;
  /** Its baseline is what the champion was trained on. */
  readonly championRecord?: EvidenceRef;
}

/** Slices that the champion's or the run's own baseline counted and that the holdout lacks: what no criterion can measure. */
export async function slicesGone(
  ports: Pick<Ports, 'evidence'>,
  { policy, scorecard }: AppliedPolicy,
  before: CountedBefore,
  { coverage, slices }: Pick<HoldoutMeasurements, 'coverage' | 'slices'>,
): Promise<readonly Slice[]> {
  const { criteria } = scorecard.spec;
  if (criteria.every(({ by }) => by === undefined)) return [];
  const record = before.championRecord && (await getJson<RunRecord>(ports.evidence, before.championRecord));
  const refs = [record?.baseline, before.baseline].filter((ref) => ref !== undefined);
  const baselines = await Promise.all(refs.map((ref) => getJson<Baseline>(ports.evidence, ref)));
  const hashed = new Set(policy.spec.dataset.hash);
  const written = ({ column, value }: Slice): Slice => ({
    column,
    value: value !== null && hashed.has(column) ? createHash('sha256').update(value).digest('hex') : value,
  });
  const gone = baselines.flatMap((baseline) =>
    vanishedSlices(criteria, baseline, { rows: coverage.rows, slices, written }),
  );
  return [...new Map(gone.map((slice) => [JSON.stringify(slice), slice])).values()];
}
