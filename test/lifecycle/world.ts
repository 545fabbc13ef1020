import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { createDuckdbDataStore } from '../../activities/adapters/duckdb/data-store.ts';
import { createFileEvidence } from '../../activities/adapters/file-evidence.ts';
import type { ActivitySettings, Ports } from '../../activities/context.ts';
import type { Serving } from '../../activities/ports/serving.ts';
import type { TrainingJob } from '../../activities/ports/training-backend.ts';
import { searchAttributes } from '../../infra/stack/search-attributes.ts';
import { createTelemetry } from '../../workers/telemetry.ts';
import { createWorkers } from '../../workers/queues.ts';
import { createMemoryRegistry } from '../fakes/memory-registry.ts';
import { createMemoryRouter } from '../fakes/memory-router.ts';
import { createMemoryTraffic } from '../fakes/memory-traffic.ts';
import { createMemoryServing } from '../fakes/memory-serving.ts';
import { createMemoryLoad } from '../fakes/memory-load.ts';
import { createMemoryTraining, predictions, trainedModel } from '../fakes/memory-training.ts';
import type { Attempt } from '../fakes/memory-training.ts';
import '../quiet.ts';
import { timeSkippingBinary } from '../servers.ts';
import { predictFile } from './data.ts';
import { playWith } from './people.ts';

/**
 * Everything of a run but the clock is real or passes its port's contract: DuckDB, files, the time-skipping server. `arrange`
 * may put something before a port: a gate, a witness.
 */
export async function createWorld(
  arrange: (ports: Ports) => Ports = (ports) => ports,
  more: Partial<Pick<ActivitySettings, 'links' | 'memorySteps' | 'prices'>> = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-world-'));
  await writeFile(join(folder, 'requirements.lock'), 'lightgbm==4.7.0\n');
  const env = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: timeSkippingBinary() } },
  });
  // This server can add attributes but not list them, so `bootstrapTemporal` does not work here.
  const types = { Keyword: 2, Int: 3, Double: 4, Bool: 5, KeywordList: 7 } as const;
  await env.connection.operatorService.addSearchAttributes({
    namespace: env.namespace ?? 'default',
    searchAttributes: Object.fromEntries(Object.entries(searchAttributes).map(([name, type]) => [name, types[type]])),
  });
  const script = new Script(folder);
  const router = createMemoryRouter();
  const traffic = createMemoryTraffic({ router });
  const registry = createMemoryRegistry();
  const training = createMemoryTraining({ root: join(folder, 'jobs'), play: (job) => script.play(job) });
  const evidence = createFileEvidence({ root: join(folder, 'evidence') });
  const notices: string[] = [];
  const pages: string[] = [];
  const serving = createMemoryServing();
  const ports = arrange({
    data: createDuckdbDataStore({ temporaryDirectory: join(folder, 'tmp'), threads: 1 }),
    evidence,
    registry,
    training,
    gateway: () => ({ router, evidence: traffic }),
    serving: withLogs(serving, join(folder, 'logs')),
    load: createMemoryLoad(),
    notifier: {
      notify: async ({ severity, title }) => {
        notices.push(title);
        if (severity === 'page') pages.push(title);
      },
    },
  });
  const settings = {
    datasets: join(folder, 'datasets'),
    checkpoints: join(folder, 'checkpoints'),
    groups: {},
    trust: 'namespace',
    links: {},
    maxLoad: { rate: 500, forMs: 2000 },
    ...more,
  } as const;
  const telemetry = createTelemetry();
  const workers = await createWorkers({
    connection: env.nativeConnection,
    namespace: env.namespace ?? 'default',
    ports,
    settings,
    telemetry,
  });
  const running = Promise.all(Object.values(workers).map((worker) => worker.run()));
  const world = {
    env,
    folder,
    ports,
    script,
    router,
    traffic,
    registry,
    serving,
    training,
    evidence,
    telemetry,
    notices,
    /** Those of the notices that wake somebody. */
    pages,
    client: env.client,
  };
  return {
    ...world,
    ...playWith(world),
    async close() {
      for (const worker of Object.values(workers)) worker.shutdown();
      await running.catch(() => undefined);
      await env.teardown();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type World = Awaited<ReturnType<typeof createWorld>>;

/** Servers that are in memory only, with folders for their serving logs that tests can write to. */
function withLogs(serving: Serving, root: string): Serving {
  return {
    ...serving,
    ensure: async (request) => {
      const server = await serving.ensure(request);
      return { ...server, log: join(root, server.name) };
    },
  };
}

/** What the trainer does next; the model it makes knows x, guesses, or is broken. */
export class Script {
  readonly #folder: string;
  quality = 'good';
  /** Instead of training well. */
  training: ((job: TrainingJob) => Attempt) | undefined;
  /** What the team's own tests say; nothing is wrong by default. */
  testing: () => Attempt = () => ({ does: 'ends', exitCode: 0 });
  /** Instead of predicting well. */
  predicting: ((job: TrainingJob) => Attempt) | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async play(job: TrainingJob): Promise<Attempt> {
    const { spec } = job;
    if (spec.mode === 'train')
      return (
        this.training?.(job) ??
        trainedModel({ 'model.txt': `${this.quality} ${spec.run}` }, { metrics: { rows: 1 }, importances: { x: 7 } })
      );
    if (spec.mode === 'test') return this.testing();
    if (this.predicting) return this.predicting(job);
    const model = await readFile(join(spec.artifact ?? '', 'model.txt'), 'utf8');
    const into = join(this.#folder, `${spec.run}.parquet`);
    const rows = await predictFile(spec.files[0]?.path ?? '', into, model.split(' ')[0] ?? '');
    return predictions(await readFile(into), rows);
  }
}
