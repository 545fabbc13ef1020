import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDuckdbDataStore } from '../../activities/adapters/duckdb/data-store.ts';
import { createBaseline } from '../../activities/baseline.ts';
import { putJson } from '../../activities/context.ts';
import { createDataset } from '../../activities/dataset.ts';
import { createDrift } from '../../activities/drift.ts';
import type { Notification } from '../../activities/ports/notifier.ts';
import { createScorecard } from '../../activities/scorecard.ts';
import type { PolicyInput } from '../../scorecards/policy/schema.ts';
import type { Champion, RunContext } from '../../scorecards/run.ts';
import { createTelemetry } from '../../workers/telemetry.ts';
import { createMemoryEvidence } from '../fakes/memory-evidence.ts';
import { createMemoryLoad } from '../fakes/memory-load.ts';
import { createMemoryRegistry } from '../fakes/memory-registry.ts';
import { createMemoryTraining } from '../fakes/memory-training.ts';
import { createMemoryServing } from '../fakes/memory-serving.ts';
import { inDuckdb } from '../lifecycle/data.ts';
import { applied } from '../lifecycle/policies.ts';

/** The `data` of a policy over such days; labels have a day to come. */
export const SCORED_DATA: PolicyInput['spec']['data'] = {
  observations: {
    path: 'data/observations/day=*/*.parquet',
    time: 'seen',
    id: 'id',
    score: 'score',
    modelVersion: 'model_version',
  },
  labels: {
    path: 'data/labels/day=*/*.parquet',
    id: 'id',
    label: 'y',
    availableAt: 'known_at',
    maturity: '24h',
    surrogate: 'panel',
  },
  features: [{ name: 'x', type: 'continuous' }],
  slices: ['g'],
};

/** What the champion answers to x: a probability unless said otherwise. */
interface Answers {
  readonly task: 'classification' | 'regression';
  readonly answer: string;
}
const PROBABILITY = '1 / (1 + exp(-3 * x))';

/** What is unusual about a day: everything else stays as it was. */
export interface ScoredDay {
  /** Labels say the opposite. */
  readonly flipped?: boolean;
  /** Added to x: scores move, and labels with them as they always did. */
  readonly shift?: number;
  /** The one group that is shifted; all by default. */
  readonly shifted?: 'a' | 'b';
  /** Share of the rows that get a label; 1 by default. */
  readonly labelled?: number;
  /** Hours from the row to its label; 1 by default. */
  readonly late?: number;
  readonly surrogate?: boolean;
  readonly version?: string;
  /** What is answered to x, in SQL. */
  readonly answer?: string;
  /** Factor on the revenue of each row. */
  readonly revenue?: number;
}

const ROWS = 600;
const FIRST = Date.parse('2001-01-01T00:00:00Z');
export const dayName = (index: number): string => new Date(FIRST + index * 86_400_000).toISOString().slice(0, 10);

/** A champion of ten days of data, with scores, labels, slices and revenue by the day, and the drift stage over them. */
export async function createScoredWorld(
  change: Partial<PolicyInput['spec']> = {},
  { task = 'classification', answer = PROBABILITY }: Partial<Answers> = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'scored-world-'));
  const evidence = createMemoryEvidence();
  const data = createDuckdbDataStore({ temporaryDirectory: join(folder, 'tmp'), threads: 1 });
  const notices: Notification[] = [];
  const notifier = { notify: async (notice: Notification) => void notices.push(notice) };
  const registry = createMemoryRegistry();
  const ports = { data, evidence, notifier, registry, load: createMemoryLoad(), serving: createMemoryServing() };
  const given = applied('churn', folder, {
    data: SCORED_DATA,
    dataset: { train: '5d', atLeast: '3d', holdout: '4d', checks: { minRows: 100 } },
    ...change,
  });
  const { scorecard } = given;
  const policy = { ...given, scorecard: { ...scorecard, spec: { ...scorecard.spec, task } } };
  const appliedRef = await putJson(evidence, policy);
  const contextOf = (run: string, asOf: string): RunContext => ({
    run,
    model: 'churn',
    asOf,
    folder,
    generation: 1,
    applied: appliedRef,
    bootstrap: true,
  });
  const write = (index: number, day: ScoredDay = {}) => writeScoredDay(folder, index, { answer, ...day });
  for (let index = 0; index < 10; index += 1) await write(index, { version: '0' });
  const first = contextOf('retrain/churn/first', `${dayName(10)}T06:00:00.000Z`);
  const champion = await makeChampion(first, answer, ports);
  const telemetry = createTelemetry();
  const drift = createDrift(ports, telemetry);
  return {
    ports,
    policy,
    champion,
    notices,
    telemetry,
    write,
    measure: (index: number) =>
      drift.measureDrift({
        champion,
        context: contextOf(`retrain/churn/${dayName(index)}`, `${dayName(index)}T06:00:00.000Z`),
      }),
    dispose: async () => {
      await evidence.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type ScoredPorts = Omit<Parameters<typeof createScorecard>[0], 'training'>;

async function makeChampion(context: RunContext, answer: string, ports: ScoredPorts): Promise<Champion> {
  const { folder } = context;
  const dataset = await createDataset(ports, { datasets: join(folder, 'datasets') }).buildDataset({ context });
  const baseline = await createBaseline(ports).buildBaseline({ context, dataset });
  const path = join(folder, 'predictions.parquet');
  await inDuckdb((run) =>
    run(
      `copy (select id, ${answer} as score from read_parquet('${dataset.holdout.path}') order by id) to '${path}' (format parquet)`,
    ),
  );
  const content = await readFile(path);
  const sha256 = createHash('sha256').update(content).digest('hex');
  const file = {
    name: 'predictions.parquet',
    path,
    bytes: content.byteLength,
    sha256,
    rows: dataset.holdout.rows ?? 0,
  };
  const candidate = { digest: 'd', bytes: 1 } as Parameters<
    ReturnType<typeof createScorecard>['judgeScorecard']
  >[0]['candidate'];
  const training = createMemoryTraining({ root: folder, play: () => ({ does: 'vanishes' }) });
  await createScorecard({ ...ports, training }, { checkpoints: folder }).judgeScorecard({
    context,
    dataset,
    candidate,
    predictions: { challenger: { file, seconds: 1 } },
    latency: null,
  });
  const record = await putJson(ports.evidence, { run: { id: context.run, generation: 1 }, baseline });
  return { version: '1', digest: 'd', record };
}

/** Observations and labels of one day, as day partitions below `folder`. */
export async function writeScoredDay(folder: string, index: number, given: ScoredDay): Promise<void> {
  const {
    answer = PROBABILITY,
    flipped = false,
    labelled = 1,
    late = 1,
    revenue = 1,
    shift = 0,
    surrogate = false,
    version = '1',
  } = given;
  const moved =
    given.shifted === undefined ? String(shift) : `case when g = '${given.shifted}' then ${shift} else 0 end`;
  const day = dayName(index);
  const [observations, labels] = ['observations', 'labels'].map((name) => join(folder, 'data', name, `day=${day}`));
  await Promise.all([observations, labels].map((name) => mkdir(String(name), { recursive: true })));
  await inDuckdb(async (run) => {
    await run(`create table d as select *, ${answer} as score from (
      select '${day}-' || i as id, timestamp '${day}' + to_seconds((i * 86399 // ${ROWS})::bigint) as seen,
             case when i % 3 = 0 then 'a' else 'b' end as g, (hash('${day}' || i) % 2000) / 1000.0 - 1 + ${moved} as x,
             (hash(i || '${day}' || 'noise') % 1000) / 1000.0 as u, (hash(i || 'pay') % 100) * ${revenue}::double as revenue
      from range(${ROWS}) t(i))`);
    await run(`copy (select id, seen, x, g, score, score as answer, revenue, '${version}' as model_version from d order by id)
      to '${observations}/p.parquet' (format parquet)`);
    await run(`copy (select id, ((u < score) != ${flipped})::int as y, ${surrogate} as panel, seen + interval ${late} hour as known_at
      from d where hash(id || 'kept') % 1000 < ${labelled * 1000} order by id) to '${labels}/p.parquet' (format parquet)`);
  });
}
