import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { createDuckdbDataStore } from '../../activities/adapters/duckdb/data-store.ts';
import { createFileEvidence } from '../../activities/adapters/file-evidence.ts';
import type { Work } from '../../activities/ports/data-store.ts';
import { decodeSketches, encodeSketches, SKETCHES } from '../../activities/sketch-file.ts';
import type { EvidenceRef } from '../../scorecards/vocabulary.ts';
import { mergeSketches, type Grid } from '../../scorecards/drift/sketch.ts';
import { COLUMNS, NUMBERS, partitionsOf, TEXTS, type BenchData } from './data.ts';
import { median } from './median.ts';

/** One thing is measured in a process of its own, so that its CPU and its memory are its own. */
export interface Task {
  readonly kind: 'raw' | 'freeze' | 'window' | 'days' | 'numbers' | 'refresh' | 'merge' | 'digest' | 'categories';
  readonly data: BenchData;
  readonly threads: number;
  readonly times: number;
  /** Grids as JSON; written by `freeze`. */
  readonly grids?: string;
  /** Of the seven days only these. */
  readonly days?: readonly number[];
}

/** CPU and wall in seconds: the median after one warm-up. Peak memory in MB, the Node process included. */
export interface Cost {
  readonly cpu: number;
  readonly wall: number;
  readonly peak: number;
  /** What the task itself has to tell. */
  readonly told?: unknown;
}

const work: Work = { signal: new AbortController().signal, progress: () => undefined };

async function main(task: Task): Promise<Cost> {
  const scratch = await mkdtemp(path.join(os.tmpdir(), 'understudy-bench-drift-'));
  try {
    const { act, close } = await TASKS[task.kind](task, scratch);
    const told = await act();
    const samples: { cpu: number; wall: number }[] = [];
    for (let time = 0; time < task.times; time += 1) {
      const [before, begun] = [process.cpuUsage(), performance.now()];
      await act();
      const { system, user } = process.cpuUsage(before);
      samples.push({ cpu: (user + system) / 1e6, wall: (performance.now() - begun) / 1e3 });
    }
    await close?.();
    const [cpu, wall] = [median(samples.map((one) => one.cpu)), median(samples.map((one) => one.wall))];
    return { cpu, wall, peak: process.resourceUsage().maxRSS / 1024, told };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

interface Prepared {
  readonly act: () => Promise<unknown>;
  readonly close?: () => Promise<void>;
}
type Prepare = (task: Task, scratch: string) => Promise<Prepared>;

const storeIn = (task: Task, scratch: string) =>
  createDuckdbDataStore({ temporaryDirectory: path.join(scratch, 'spill'), threads: task.threads });
const gridsOf = async ({ grids = '' }: Task): Promise<readonly Grid[]> =>
  JSON.parse(await readFile(grids, 'utf8')) as readonly Grid[];

const TASKS: Readonly<Record<Task['kind'], Prepare>> = {
  /** The least that reading these columns can cost: sums, least and greatest of numbers, counts of texts. */
  async raw({ data, days, threads }) {
    const instance = await DuckDBInstance.create(':memory:', { threads: String(threads), memory_limit: '1GiB' });
    const connection = await instance.connect();
    await connection.run('SET parquet_metadata_cache = true');
    const numbers = NUMBERS.map((name) => `sum(${name}::DOUBLE), min(${name}), max(${name})`);
    const texts = TEXTS.map((name) => `count(${name})`);
    const files = chosen(data.files, days).map((file) => `'${file}'`);
    const sql = `SELECT ${[...numbers, ...texts].join(', ')} FROM read_parquet([${files.join(', ')}])`;
    return {
      act: async () => void (await connection.runAndReadAll(sql)),
      close: async () => {
        connection.closeSync();
        instance.closeSync();
      },
    };
  },
  async freeze(task, scratch) {
    const store = storeIn(task, scratch);
    return { act: async () => store.freezeGrids({ files: task.data.files, columns: COLUMNS }, work) };
  },
  /** All days as one partition: the very scan that `raw` does. */
  async window(task, scratch) {
    const grids = await gridsOf(task);
    const store = storeIn(task, scratch);
    const [first] = partitionsOf(task.data);
    const files = task.data.files.map((file) => ({ path: file, bytes: 1 }));
    const partition = { ...(first ?? fail()), files };
    return { act: async () => void (await store.sketch({ partition, grids }, work)) };
  },
  /** What the product does with a window that nobody has counted: each day by itself. */
  days: async (task, scratch) => sketching(task, scratch, await gridsOf(task)),
  numbers: async (task, scratch) =>
    sketching(
      task,
      scratch,
      (await gridsOf(task)).filter(({ kind }) => kind !== 'categories'),
    ),
  /** The newest day, then the sum of seven. */
  async refresh(task, scratch) {
    const grids = await gridsOf(task);
    const store = storeIn(task, scratch);
    const partitions = partitionsOf(task.data);
    const kept = await Promise.all(
      partitions
        .slice(0, 6)
        .map(async (partition) => encodeSketches(await store.sketch({ partition, grids, time: 'ts' }, work))),
    );
    return {
      act: async () => {
        const newest = await store.sketch({ partition: partitions[6] ?? fail(), grids, time: 'ts' }, work);
        summed(grids, [...kept.map(decodeSketches), newest]);
      },
    };
  },
  /** 35 days as they lie in the evidence store, every digest verified, added. */
  async merge(task, scratch) {
    const grids = await gridsOf(task);
    const store = storeIn(task, scratch);
    const evidence = createFileEvidence({ root: path.join(scratch, 'evidence') });
    const seven: EvidenceRef[] = [];
    for (const partition of partitionsOf(task.data)) {
      const bytes = encodeSketches(await store.sketch({ partition, grids, time: 'ts' }, work));
      seven.push(await evidence.put(bytes, SKETCHES));
    }
    const refs = Array.from({ length: 5 }, () => seven).flat();
    const read = await Promise.all(refs.map(async (ref) => decodeSketches(await evidence.get(ref))));
    const alone: number[] = [];
    return {
      act: async () => {
        const days: ReturnType<typeof decodeSketches>[] = [];
        for (const ref of refs) days.push(decodeSketches(await evidence.get(ref)));
        summed(grids, days);
        const begun = performance.now();
        summed(grids, read);
        alone.push(performance.now() - begun);
        return { bytes: seven.reduce((total, { bytes }) => total + bytes, 0) / 7, addedInMs: median(alone) };
      },
    };
  },
  async digest(task, scratch) {
    const store = storeIn(task, scratch);
    return {
      act: async () => {
        for (const file of chosen(task.data.files, task.days)) await store.digest({ path: file, bytes: 1 }, work);
      },
    };
  },
  /** As many categories as there are rows. */
  async categories(task, scratch) {
    const store = storeIn(task, scratch);
    const file = path.join(scratch, 'categories.parquet');
    const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
    const connection = await instance.connect();
    await connection.run(
      `COPY (SELECT 'customer-' || i AS c FROM range(${task.data.rows}) t(i)) TO '${file}' (FORMAT parquet)`,
    );
    connection.closeSync();
    instance.closeSync();
    const bucket = { from: '2001-01-01T00:00:00Z', until: '2001-01-02T00:00:00Z' };
    const partition = { dataset: 'observations' as const, bucket, files: [{ path: file, bytes: 1 }] };
    const grid: Grid = { kind: 'categories', id: 'c', feature: 'c', known: ['customer-1', 'customer-2'] };
    return {
      act: async () => (await store.sketch({ partition, grids: [grid] }, work)).get('c')?.beyond,
    };
  },
};

function sketching(task: Task, scratch: string, grids: readonly Grid[]): Prepared {
  const store = storeIn(task, scratch);
  return {
    act: async () => {
      for (const partition of chosen(partitionsOf(task.data), task.days))
        await store.sketch({ partition, grids, time: 'ts' }, work);
    },
  };
}

function summed(grids: readonly Grid[], days: readonly ReturnType<typeof decodeSketches>[]): void {
  for (const { feature } of grids) mergeSketches(days.flatMap((day) => day.get(feature) ?? []));
}

const chosen = <T>(all: readonly T[], days: readonly number[] | undefined): readonly T[] =>
  days === undefined ? all : all.filter((_, day) => days.includes(day));

function fail(): never {
  throw new Error('the data have fewer than seven days');
}

console.log(JSON.stringify(await main(JSON.parse(process.argv[2] ?? '') as Task)));
