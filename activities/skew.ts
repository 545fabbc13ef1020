import { countFindings } from '../scorecards/data-checks/finding.ts';
import type { DataFinding } from '../scorecards/data-checks/finding.ts';
import { judgeLog } from '../scorecards/data-checks/judge-log.ts';
import type { Baseline } from '../scorecards/drift/baseline.ts';
import type { RunContext } from '../scorecards/run.ts';
import { judgeDistributions, judgeOutside } from '../scorecards/skew/judge-served.ts';
import type { ServedSides } from '../scorecards/skew/judge-served.ts';
import { concludeSkew, judgeParity, judgeServedFreshness, waive } from '../scorecards/skew/judge-skew.ts';
import type { SkewVerdict } from '../scorecards/skew/judge-skew.ts';
import { SERVED_TIME } from '../scorecards/skew/measured.ts';
import type { AppliedPolicy } from '../scorecards/trigger.ts';
import type { EvidenceRef, FileRef } from '../scorecards/vocabulary.ts';
import { digestOf } from './artifact.ts';
import { appliedOf, beating, getJson, noteStage, putJson } from './context.ts';
import type { ActivitySettings, Ports } from './context.ts';
import { under } from './paths.ts';
import type { Work } from './ports/data-store.ts';
import type { ServedFeature } from './ports/serving-log.ts';
import { sketchDay } from './sketching.ts';
import type { Telemetry } from './telemetry.ts';

/** What the shadow's requests say about training and serving. */
export interface SkewResult extends SkewVerdict {
  readonly requests: number;
  /** All findings. */
  readonly report: EvidenceRef;
}

export interface SkewOrder {
  readonly context: RunContext;
  /** What the candidate was trained on, counted. */
  readonly baseline: EvidenceRef;
  /** The challenger's serving log, from this moment on. */
  readonly log: string;
  readonly since: string;
}

/** Sentences in history, and with the run's own record. */
const SHOWN = 5;
const NOTED = 100;
/** Servers write their logs by their own clocks. */
const CLOCKS_MS = 60_000;

export function createSkew(
  ports: Pick<Ports, 'data' | 'evidence'>,
  settings: Pick<ActivitySettings, 'datasets'>,
  telemetry: Pick<Telemetry, 'dataChecked'>,
) {
  return {
    /** Compares what was served with what was trained on (FE1, FE2, FE4); a breach nobody waived blocks the promotion. */
    async judgeSkew(order: SkewOrder): Promise<SkewResult> {
      const { context } = order;
      const applied = await appliedOf(ports.evidence, context);
      const { drift, shadow } = applied.policy.spec;
      const { findings, requests } = await beating((work) => findingsOf(ports, settings, { applied, order }, work));
      const judged = waive(findings, shadow.skew.waivers, context.asOf);
      const verdict = concludeSkew(judged);
      const result: SkewResult = {
        // What the policy answers with less than a block is told; that it does so was overridden by name and reason.
        verdict: drift.respond.skew === 'block' ? verdict.verdict : 'pass',
        reasons: verdict.reasons.slice(0, NOTED),
        waived: verdict.waived.slice(0, NOTED),
        requests,
        report: await putJson(ports.evidence, judged),
      };
      await noteStage(ports.evidence, context, 'skew', result);
      const { model } = context;
      telemetry.dataChecked({ model, source: 'served', verdict: result.verdict, findings: countFindings(judged) });
      return { ...result, reasons: result.reasons.slice(0, SHOWN), waived: result.waived.slice(0, SHOWN) };
    },
  };
}

interface Judging {
  readonly applied: AppliedPolicy;
  readonly order: SkewOrder;
}

interface Found {
  readonly findings: readonly DataFinding[];
  readonly requests: number;
}

async function findingsOf(
  ports: Pick<Ports, 'data' | 'evidence'>,
  settings: Pick<ActivitySettings, 'datasets'>,
  { applied, order }: Judging,
  work: Work,
): Promise<Found> {
  const { data, drift, shadow } = applied.policy.spec;
  const { skew } = shadow;
  const baseline = await getJson<Baseline>(ports.evidence, order.baseline);
  const span = { from: order.since, until: new Date(Date.now() + CLOCKS_MS).toISOString() };
  const into = `${settings.datasets}/${digestOf([order.context.run, 'served']).slice(0, 24)}`;
  const key = skew.rows?.id;
  const request = { log: order.log, span, into, features: servedFeatures(applied, baseline) };
  const served = await ports.data.served({ ...request, ...(key === undefined ? {} : { key }) }, work);
  const log = await ports.data.profileLog({ log: order.log, span }, work);
  if (!served || !log) return { findings: [nothingServed(order.log)], requests: 0 };
  const day = { dataset: 'observations' as const, bucket: span, files: [served.file] };
  const sketches = await sketchDay(ports, { day, grids: baseline.grids, time: SERVED_TIME }, work);
  const sides: ServedSides = { baseline, served: sketches, profile: served.profile };
  return {
    requests: served.profile.rows,
    findings: [
      ...judgeLog(log).map(toldOnly),
      ...judgeOutside(skew, sides),
      ...(skew.distribution ? judgeDistributions(skew.distribution, sides, drift.minimum) : []),
      ...(skew.rows ? await parityFindings(ports, { applied, order }, { file: served.file, baseline }, work) : []),
      ...judgeServedFreshness(data.features ?? [], served.profile),
    ],
  };
}

/** Features with the types that the training data have; of a column that is hashed nobody knows what was served. */
function servedFeatures({ policy }: AppliedPolicy, { columns, grids }: Baseline): readonly ServedFeature[] {
  const { data, dataset } = policy.spec;
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  return grids
    .map(({ feature }) => feature)
    .filter((name) => !dataset.hash?.includes(name))
    .map((name) => {
      const { at, freshWithin } = data.features?.find((one) => one.name === name) ?? {};
      const fresh = at === undefined || freshWithin === undefined ? {} : { fresh: { at, withinMs: freshWithin } };
      return { name, type: types.get(name) ?? 'VARCHAR', ...fresh };
    });
}

/** Observations from the last window before as-of on; replayed or live, the requests are about these. */
async function parityFindings(
  ports: Pick<Ports, 'data'>,
  { applied, order }: Judging,
  served: { readonly file: FileRef; readonly baseline: Baseline },
  work: Work,
): Promise<readonly DataFinding[]> {
  const { data, drift, shadow } = applied.policy.spec;
  const rule = shadow.skew.rows;
  if (!rule) return [];
  const from = Date.parse(order.context.asOf) - drift.window;
  const days = await ports.data.partitions({
    dataset: 'observations',
    path: under(applied.folder, data.observations.path),
    bucketMs: drift.bucket,
  });
  const files = days.filter((day) => Date.parse(day.bucket.until) > from).flatMap((day) => day.files);
  const parity = await ports.data.compareRows(
    {
      served: served.file,
      observations: [...new Set(files.map(({ path }) => path))],
      id: data.observations.id,
      features: servedFeatures(applied, served.baseline).map(({ name }) => name),
      sample: rule.sample,
      tolerance: rule.tolerance,
    },
    work,
  );
  return judgeParity(rule, parity);
}

/** The pairs of the shadow were read from the same log, so what is wrong with it is told here and judged there. */
const toldOnly = (finding: DataFinding): DataFinding =>
  finding.judged === 'pass' ? finding : { ...finding, judged: 'pass', level: 'warn' };

function nothingServed(log: string): DataFinding {
  const sentence = `The serving log ${log} has no answer since the shadow began, so nobody knows what was served.`;
  return { check: 'served-values', kind: 'skew', judged: 'missing', level: 'none', sentence };
}
