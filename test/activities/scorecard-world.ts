import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDuckdbDataStore } from '../../activities/adapters/duckdb/data-store.ts';
import { createProcessTraining } from '../../activities/adapters/process-training/training-backend.ts';
import { getJson, putJson } from '../../activities/context.ts';
import type { Dataset } from '../../activities/dataset.ts';
import type { JudgeInput } from '../../activities/judge-input.ts';
import { createLoadRun } from '../../activities/load-run.ts';
import type { MetricsQuery } from '../../activities/ports/metrics-query.ts';
import { createScorecard } from '../../activities/scorecard.ts';
import type { KeptVerdict } from '../../activities/scorecard.ts';
import type { LatencyPair } from '../../scorecards/candidate/latency.ts';
import type { ReferencePerformance } from '../../scorecards/performance/window.ts';
import type { PolicyInput } from '../../scorecards/policy/schema.ts';
import { scorecardSchema } from '../../scorecards/scorecard-schema.ts';
import type { AppliedPolicy } from '../../scorecards/trigger.ts';
import type { EvidenceRef, FileRef } from '../../scorecards/vocabulary.ts';
import { present } from '../present.ts';
import { createMemoryEvidence } from '../fakes/memory-evidence.ts';
import { createMemoryLoad } from '../fakes/memory-load.ts';
import { createMemoryRegistry } from '../fakes/memory-registry.ts';
import { createMemoryServing } from '../fakes/memory-serving.ts';
import { inDuckdb } from '../lifecycle/data.ts';
import { applied, served } from '../lifecycle/policies.ts';

type Counts = Readonly<Record<string, number>>;

/** What a case has besides its criteria. */
interface Case {
  /** Rows of each group that the baselines of champion and run counted. */
  readonly champion?: Counts;
  readonly run?: Counts;
  /** Share of the holdout's rows with a label; all by default. */
  readonly labelled?: number;
  /** Whether there is a champion already; none of its own numbers are measured. */
  readonly served?: boolean;
  /** Slice columns of the policy; `g` by default. The holdout has `h`, too. */
  readonly slices?: readonly string[];
  /** Where the challenger takes one class for the other. */
  readonly wrongWhere?: string;
  /** The same of the champion; without it nobody predicts for one. */
  readonly championWrongWhere?: string;
  /** More of the scorecard's `spec`. */
  readonly spec?: object;
  /** More of the policy's `spec`. */
  readonly policy?: Partial<PolicyInput['spec']>;
  /** Run records of challenger and champion. */
  readonly records?: { readonly challenger: object; readonly champion?: object };
  /** Labels and answers name one of three classes; half of those of x are wrong. */
  readonly classes?: boolean;
  /** Answers in milliseconds of the load run. */
  readonly latencies?: readonly number[];
}

const ROWS = 2000;

const slicedBy = (
  { policy, ...others }: AppliedPolicy,
  slices: readonly string[] = policy.spec.data.slices,
): AppliedPolicy => ({
  ...others,
  policy: { ...policy, spec: { ...policy.spec, data: { ...policy.spec.data, slices: [...slices] } } },
});

/** A holdout of two groups that the challenger tells apart well, and the stage that judges it. */
export async function createScorecardWorld({
  metrics,
  ...settings
}: { readonly metrics?: MetricsQuery } & Partial<Parameters<typeof createScorecard>[1]> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'scorecard-world-'));
  const evidence = createMemoryEvidence();
  const data = createDuckdbDataStore({ temporaryDirectory: join(folder, 'tmp'), threads: 1 });
  const registry = createMemoryRegistry();
  const training = createProcessTraining({ root: join(folder, 'jobs'), hostEnvironment: process.env });
  const own = { data, evidence, registry, training, load: createMemoryLoad(), serving: createMemoryServing() };
  const ports = { ...own, ...(metrics ? { metrics } : {}) };
  const scorecards = createScorecard(ports, { checkpoints: join(folder, 'checkpoints'), ...settings });
  const loads = createLoadRun(ports, { maxLoad: { rate: 100, forMs: 2000 } });
  const write = async (name: string, select: string): Promise<FileRef> => {
    const path = join(folder, `${name}.parquet`);
    await inDuckdb((run) => run(`copy (${select}) to '${path}' (format parquet)`));
    const content = await readFile(path);
    const sha256 = createHash('sha256').update(content).digest('hex');
    return { name, path, bytes: content.byteLength, sha256, rows: ROWS };
  };
  const rows = `from range(${ROWS}) t(i)`;
  const holdout = await write(
    'holdout',
    `select i as id, timestamp '2001-01-09' + to_seconds(i) as seen, case when i % 2 = 0 then 'a' else 'b' end as g,
            case when i % 10 < 3 then 'x' else 'y' end as h ${rows}`,
  );
  const predictions = (wrongWhere: string, name = 'predictions') =>
    write(
      name,
      `select i as id, abs((${wrongWhere})::int - (hash(i) % 1000) / 1000.0) as score from (select i, i % 2 = 0 as a, i % 10 < 3 as x ${rows})`,
    );
  const predicted = async ({ championWrongWhere, wrongWhere = 'false' }: Case, classified?: FileRef) => ({
    challenger: { file: classified ?? (await predictions(wrongWhere)), seconds: 1 },
    ...(championWrongWhere === undefined
      ? {}
      : { champion: { file: await predictions(championWrongWhere, 'champion'), seconds: 1 } }),
  });
  const CLASS = "case when i % 5 = 0 then 'red' when i % 5 < 3 then 'green' else 'blue' end";
  const classes = async () => ({
    labels: await write('classes', `select i as id, ${CLASS} as y, timestamp '2001-01-09' as known_at ${rows}`),
    predictions: await write(
      'named',
      `select i as id, case when i % 10 < 3 and hash(i) % 2 = 0 then 'blue' else ${CLASS} end as class ${rows}`,
    ),
  });
  const baseline = (counts: Counts) =>
    putJson(evidence, {
      slices: {
        sketches: {
          g: {
            keys: Object.keys(counts),
            counts: Object.values(counts),
            rows: Object.values(counts).reduce((sum, count) => sum + count, 0),
            nulls: 0,
          },
        },
      },
    });
  const dataset = {
    digest: 's',
    holdout,
    features: ['g'],
    trainSpan: { from: '2001-01-01T00:00:00.000Z', until: '2001-01-08T00:00:00.000Z' },
    labelWatermark: '2001-01-09T00:00:00.000Z',
    holdoutSpan: { from: '2001-01-09T00:00:00.000Z', until: '2001-01-10T00:00:00.000Z' },
  } as unknown as Dataset;
  const contextOf = async (policy: AppliedPolicy, spec: object): Promise<JudgeInput['context']> => {
    const scorecard = scorecardSchema.parse({
      apiVersion: 'understudy/v1',
      kind: 'Scorecard',
      metadata: { name: 'test' },
      spec: { operatingPoint: { threshold: 0.5 }, ...spec },
    });
    return {
      run: 'retrain/churn/one',
      model: 'churn',
      asOf: '2001-01-10T06:00:00.000Z',
      folder,
      generation: 1,
      applied: await putJson(evidence, { ...policy, scorecard }),
      bootstrap: true,
    };
  };
  const candidateOf = async (record: object): Promise<JudgeInput['candidate']> => {
    const model = join(folder, 'model');
    await mkdir(model, { recursive: true });
    await writeFile(join(model, 'weights'), 'w');
    const { manifest } = await evidence.putTree(model, ['weights']);
    const written = { params: { leaves: 3 }, compute: { backend: 'process' }, ...record };
    const ref = await putJson(evidence, written);
    return { digest: 'd', bytes: 1, artifact: manifest, record: ref } as JudgeInput['candidate'];
  };
  const measuredBefore = async ({ champion, latencies, records, run }: Case) => ({
    latency: latencies ? await putJson(evidence, { challenger: { latenciesMs: latencies, failed: 0 } }) : null,
    ...(records?.champion ? { championRecord: await putJson(evidence, records.champion) } : {}),
    ...(run ? { baseline: await baseline(run) } : {}),
    ...(champion ? { championRecord: await putJson(evidence, { baseline: await baseline(champion) }) } : {}),
  });
  return {
    /** What the load run for these criteria leaves behind. */
    load: async (criteria: readonly object[]) => {
      const context = await contextOf(served('churn', folder), { criteria });
      const challenger = { version: '1', url: 'http://127.0.0.1:9', log: 'log' };
      const ref = await loads.measureLatency({ context, dataset, challenger });
      return getJson<LatencyPair>(evidence, present(ref));
    },
    /** What the judging left as evidence. */
    kept: async <T = KeptVerdict>(ref: EvidenceRef) => getJson<T>(evidence, ref),
    keep: async (value: object) => putJson(evidence, value),
    /** What later windows of the first candidate that was judged would be held against. */
    reference: async () =>
      getJson<ReferencePerformance>(evidence, present(await evidence.recall('runs/retrain/churn/one/performance-1'))),
    /** Folder of the policy. */
    folder,
    /** Names of the programs that are there, running or ended. */
    jobs: async () => readdir(join(folder, 'jobs')),
    /** How a run began: its clock. */
    begin: async (receivedAt: string, trigger: object = {}, of = 'retrain/churn/one') =>
      evidence.remember(`runs/${of}/opened-1`, await putJson(evidence, { receivedAt, trigger })),
    judge: async (criteria: readonly object[], given: Case = {}) => {
      const { labelled = 1, policy, records, served: serves = false, slices, spec } = given;
      const sliced = slicedBy(applied('churn', folder, policy), slices);
      const labels = await write(
        'labels',
        `select i as id, ((hash(i || 'noise') % 1000) / 1000.0 < (hash(i) % 1000) / 1000.0)::int as y,
                timestamp '2001-01-09' as known_at ${rows} where i < ${labelled * ROWS}`,
      );
      const named = given.classes ? await classes() : undefined;
      const input = {
        context: { ...(await contextOf(sliced, { ...spec, criteria })), bootstrap: !serves },
        dataset: { ...dataset, holdoutLabels: named?.labels ?? labels },
        candidate: await candidateOf(records?.challenger ?? {}),
        predictions: await predicted(given, named?.predictions),
        ...(await measuredBefore(given)),
      };
      return scorecards.judgeScorecard(input);
    },
    dispose: async () => {
      await evidence.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
