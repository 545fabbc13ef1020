import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createDuckdbDataStore } from '../../activities/adapters/duckdb/data-store.ts';
import { createFileEvidence } from '../../activities/adapters/file-evidence.ts';
import { planCounting } from '../../activities/counting.ts';
import type { DataStore } from '../../activities/ports/data-store.ts';
import { encodeSketches } from '../../activities/sketch-file.ts';
import { sumDays } from '../../activities/sketching.ts';
import { unwatched } from '../contracts/data-store/world.ts';
import { createMemoryEvidence } from '../fakes/memory-evidence.ts';
import { eventually } from '../eventually.ts';
import '../quiet.ts';
import { temporalServer } from '../servers.ts';
import type { CountingWorker } from './counting-worker.ts';
import { inDuckdb } from './data.ts';

const PROGRAM = fileURLToPath(new URL('counting-worker.ts', import.meta.url));
const WORKFLOWS = fileURLToPath(new URL('counting-workflow.ts', import.meta.url));
const PREFIX = `counting-${process.pid}`;
const DAYS = 34;
const FEATURES = Array.from({ length: 34 }, (_, index) => `f${index}`);

describe('N3: a window counted by several machines', () => {
  let folder: string;
  const children: ChildProcess[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'counting-'));
    await mkdir(join(folder, 'marks'));
    await inDuckdb(async (run) => {
      for (let index = 0; index < DAYS; index += 1) {
        const day = new Date(Date.UTC(2001, 0, 1 + index)).toISOString().slice(0, 10);
        await mkdir(join(folder, `data/day=${day}`), { recursive: true });
        const columns = FEATURES.map(
          (name, place) => `(hash(i * ${place + 1} + ${index}) % 5000) / ${place + 3}e0 as ${name}`,
        );
        await run(`copy (select timestamp '${day}' + to_minutes(i) as seen, ${columns.join(', ')} from range(300) t(i))
                   to '${folder}/data/day=${day}/p.parquet' (format parquet)`);
      }
    });
  });
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  const marks = async () => readdir(join(folder, 'marks'));
  const start = (told: Omit<CountingWorker, 'folder' | 'taskQueue' | 'together'>): ChildProcess => {
    const all = { ...told, folder, taskQueue: `${PREFIX}-data`, together: 3 };
    const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, JSON.stringify(all)], { stdio: 'ignore' });
    children.push(child);
    return child;
  };
  /** A store that has nothing to count any more. */
  const counting = (real: DataStore): { data: DataStore; asked: () => number } => {
    let asked = 0;
    const sketch: DataStore['sketch'] = async (...given) => {
      asked += 1;
      return real.sketch(...given);
    };
    return { data: { ...real, sketch }, asked: () => asked };
  };

  test('of which one is killed in the middle is, to the last bit, the window counted by one', async () => {
    const { address, namespace } = await temporalServer();
    const evidence = createFileEvidence({ root: join(folder, 'evidence') });
    const real = createDuckdbDataStore({ temporaryDirectory: join(folder, 'spill'), threads: 1 });
    const days = await real.partitions({
      dataset: 'observations',
      path: join(folder, 'data/day=*/*.parquet'),
      bucketMs: 86_400_000,
    });
    const files = days.flatMap((day) => day.files.map((file) => file.path));
    const columns = FEATURES.map((name) => ({ name, type: 'continuous' as const }));
    const grids = await real.freezeGrids({ files, columns }, unwatched);
    const request = { days, grids, time: 'seen' };
    const plan = await planCounting({ data: real, evidence }, { ...request, spans: [days], unitBytes: 1 }, unwatched);
    expect(plan).toMatchObject({ units: DAYS * 2, sums: 4 });

    const victim = start({ address, namespace, name: 'victim', hangsAt: 4 });
    start({ address, namespace, name: 'second' });
    start({ address, namespace, name: 'third' });
    const connection = await NativeConnection.connect({ address });
    const orders = await Worker.create({
      connection,
      namespace,
      taskQueue: `${PREFIX}-control`,
      workflowsPath: WORKFLOWS,
    });
    const client = new Client({ connection: await Connection.connect({ address }), namespace });
    const run = orders.runUntil(async () => {
      const options = { taskQueue: `${PREFIX}-control`, workflowId: PREFIX, args: [plan] };
      const handle = await client.workflow.start('countParts', options);
      await eventually(marks, (seen) => seen.includes('victim-hangs'), 60_000);
      victim.kill('SIGKILL');
      await once(victim, 'exit');
      await handle.result();
      return handle.fetchHistory();
    });
    const history = await run;
    await connection.close();
    await client.connection.close();

    const seen = await marks();
    expect(['victim-begins-4', 'second-begins-1', 'third-begins-1'].every((one) => seen.includes(one))).toBe(true);
    const done = counting(real);
    const theirs = await sumDays({ data: done.data, evidence }, request, unwatched);
    expect(done.asked()).toBe(0);
    const alone = await sumDays({ data: real, evidence: createMemoryEvidence() }, request, unwatched);
    expect(Buffer.from(encodeSketches(theirs)).equals(Buffer.from(encodeSketches(alone)))).toBe(true);
    expect(theirs.get('f0')?.rows).toBe(DAYS * 300);
    // References only: what a part costs the history does not grow with the data.
    const written = JSON.stringify(historyToJSON(history));
    expect(written).not.toContain('nonFinite');
    expect(written.length / (plan.units + plan.sums)).toBeLessThan(5000);
  }, 180_000);
});
