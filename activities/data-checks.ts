import { broken, concludeData, countFindings } from '../scorecards/data-checks/finding.ts';
import type { DataFinding } from '../scorecards/data-checks/finding.ts';
import { judgeAges } from '../scorecards/data-checks/judge-ages.ts';
import { judgeColumns } from '../scorecards/data-checks/judge-columns.ts';
import { judgeSchema } from '../scorecards/data-checks/judge-schema.ts';
import type { Column } from '../scorecards/data-checks/judge-schema.ts';
import { judgeFlips, judgeSources } from '../scorecards/data-checks/judge-sources.ts';
import { judgeArrival, judgeVolume } from '../scorecards/data-checks/judge-volume.ts';
import type { RunRecord } from '../scorecards/records/run-record.ts';
import type { Champion, RunContext } from '../scorecards/run.ts';
import type { AppliedPolicy } from '../scorecards/trigger.ts';
import type { EvidenceRef, FileRef } from '../scorecards/vocabulary.ts';
import { importResults } from './check-results.ts';
import { appliedOf, beating, getJson, noteStage, putJson } from './context.ts';
import type { Ports } from './context.ts';
import type { Dataset } from './dataset.ts';
import { under } from './paths.ts';
import { placedFile } from './placed-file.ts';
import type { SnapshotFiles } from './ports/data-profile.ts';
import type { Work } from './ports/data-store.ts';
import { PortFailure } from './ports/port-failure.ts';
import type { PortFailureCode } from './ports/port-failure.ts';
import type { Telemetry } from './telemetry.ts';

/** What the checks of a run's data found; a check that ends the run is thrown, not returned. */
export interface CheckedData {
  readonly verdict: 'pass' | 'warn' | 'fail';
  readonly checks: number;
  /** The first sentences of what does not hold. */
  readonly reasons: readonly string[];
  /** All findings. */
  readonly report: EvidenceRef;
}

/** Sentences in history, and with the run's own record. */
const SHOWN = 5;
const NOTED = 100;

interface Checking {
  readonly applied: AppliedPolicy;
  readonly context: RunContext;
  readonly dataset: Dataset;
  /** The champion's own snapshot. */
  readonly champion?: Snapshot;
}

/** What a manifest says of the snapshot that it stands for. */
type Snapshot = SnapshotFiles & { readonly columns: readonly Column[] };

export function createDataChecks(ports: Pick<Ports, 'data' | 'evidence'>, telemetry: Pick<Telemetry, 'dataChecked'>) {
  return {
    /**
     * Judges every check that the policy declares on the files that the snapshot was taken of (DA3). All findings are evidence.
     * Throws `data-schema` or `data-invalid` with the worst sentence, so that nothing is trained on data that fail.
     */
    async checkDataset(input: {
      readonly context: RunContext;
      readonly dataset: Dataset;
      readonly champion?: Champion;
    }): Promise<CheckedData> {
      const { context, dataset } = input;
      const applied = await appliedOf(ports.evidence, context);
      const champion = input.champion && (await snapshotOf(ports, input.champion));
      const checking = { applied, context, dataset, ...(champion ? { champion } : {}) };
      const own = await beating((work) => findingsOf(ports, checking, work));
      const { results } = applied.policy.spec.dataset.checks;
      const imported = await importResults(ports, results, { folder: applied.folder, asOf: context.asOf });
      const findings = [...own, ...imported.flatMap((one) => one.findings)];
      const { reasons, verdict, worst } = concludeData(findings);
      const result: CheckedData = {
        verdict,
        checks: findings.length,
        reasons: reasons.slice(0, NOTED),
        report: await putJson(ports.evidence, {
          findings,
          results: imported.map(({ file, madeAt, path, tool }) => ({ tool, path, file, madeAt })),
        }),
      };
      await noteStage(ports.evidence, context, 'checks', result);
      const { model } = context;
      telemetry.dataChecked({ model, source: 'snapshot', verdict, findings: countFindings(findings) });
      if (worst) throw failureOf(worst, reasons.length - 1);
      return { ...result, reasons: reasons.slice(0, SHOWN) };
    },
  };
}

/** The manifest of the data that a version was trained on; absent in records of versions that were not trained here. */
async function snapshotOf(ports: Pick<Ports, 'evidence'>, champion: Champion): Promise<Snapshot | undefined> {
  const { data } = await getJson<RunRecord>(ports.evidence, champion.record);
  return data && getJson(ports.evidence, data.manifest);
}

/** SE4: against the champion's snapshot, whose files the evidence store has; where it has them no more, that is said. */
async function comparedFindings(
  ports: Pick<Ports, 'data' | 'evidence'>,
  { applied, champion, dataset }: Pick<Checking, 'applied' | 'dataset'> & { readonly champion: Snapshot },
  work: Work,
): Promise<readonly DataFinding[]> {
  const { data, dataset: rule } = applied.policy.spec;
  const { labelFlips, sources } = rule.checks;
  const before = await placedFiles(ports, champion);
  if ('gone' in before) return [snapshotGone(before.gone, data.labels.label)];
  const request = { before, now: dataset, id: data.observations.id, label: data.labels.label };
  const countBy = async (by: string | undefined) =>
    ports.data.compareSnapshots({ ...request, ...(by === undefined ? {} : { by }) }, work);
  return [
    ...(sources ? judgeSources(sources, await countBy(sources.by)) : []),
    ...judgeFlips(labelFlips, await countBy(labelFlips.by), data.labels.label),
  ];
}

function snapshotGone(why: string, label: string): DataFinding {
  const sentence = `The champion's ${why}, so sources and labels are compared with nothing.`;
  return broken({ check: 'label-flips', kind: 'quality', column: label, sentence }, 'warn');
}

async function placedFiles(
  { evidence }: Pick<Ports, 'evidence'>,
  { holdout, holdoutLabels, train }: Snapshot,
): Promise<SnapshotFiles | { readonly gone: string }> {
  const place = async (file: FileRef) => placedFile(evidence, file);
  try {
    return { train: await place(train), holdout: await place(holdout), holdoutLabels: await place(holdoutLabels) };
  } catch (error) {
    if (!(error instanceof PortFailure)) throw error;
    if (error.code === 'data-erased') return { gone: error.message };
    if (error.code === 'not-found') return { gone: 'snapshot is not in the evidence store any more' };
    throw error;
  }
}

async function findingsOf(
  ports: Pick<Ports, 'data' | 'evidence'>,
  { applied, champion, dataset }: Checking,
  work: Work,
): Promise<readonly DataFinding[]> {
  const { data, dataset: rule, drift } = applied.policy.spec;
  const { checks } = rule;
  const partitions = await ports.data.partitions({
    dataset: 'observations',
    path: under(applied.folder, data.observations.path),
    span: { from: dataset.trainSpan.from, until: dataset.holdoutSpan.until },
    bucketMs: drift.bucket,
  });
  const profile = await ports.data.profile(
    {
      partitions,
      time: data.observations.time,
      columns: checks.columns.map(({ name }) => name),
      verify: checks.verify,
      sets: checks.columns.flatMap(({ name, oneOf }) => (oneOf ? [{ column: name, oneOf }] : [])),
      unique: checks.columns.flatMap(({ duplicates, name }) => (duplicates === undefined ? [] : [name])),
      fresh: (data.features ?? []).flatMap(({ at, freshWithin, name }) =>
        at === undefined || freshWithin === undefined ? [] : [{ feature: name, at, withinMs: freshWithin }],
      ),
    },
    work,
  );
  const trained = { now: dataset.columns, ...(champion ? { champion: champion.columns } : {}) };
  return [
    ...judgeSchema(checks.schema, profile.files, trained),
    ...judgeColumns(checks, profile),
    ...judgeVolume(checks.volume, profile.files, dataset.holdoutSpan.from),
    ...judgeArrival(profile.files, data.observations.time),
    ...judgeAges(data.features ?? [], profile.ages),
    ...(champion ? await comparedFindings(ports, { applied, champion, dataset }, work) : []),
  ];
}

function failureOf(worst: DataFinding, others: number): PortFailure {
  const { check, column, file, sentence } = worst;
  const more = others > 0 ? ` (${others} more in understudy report)` : '';
  return new PortFailure(codeOf(worst), `${sentence}${more}`, {
    details: { check, ...(column === undefined ? {} : { column }), ...(file === undefined ? {} : { file }) },
  });
}

function codeOf({ kind, why }: DataFinding): PortFailureCode {
  if (why !== undefined) return why === 'unreadable' ? 'data-unreadable' : 'data-missing';
  return kind === 'schema' ? 'data-schema' : 'data-invalid';
}
