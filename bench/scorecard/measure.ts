import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { createDuckdbDataStore } from '../../activities/adapters/duckdb/data-store.ts';
import type { Work } from '../../activities/ports/data-store.ts';
import { SEARCH } from '../../scorecards/candidate/weak-cell.ts';
import { median } from '../drift/median.ts';
import { criteriaOf } from './criteria.ts';
import { COLUMNS, SLICES, type ScorecardData } from './data.ts';

/** One thing is measured in a process of its own, so that its CPU and its memory are its own. */
export interface Task {
  readonly kind: 'raw' | 'ours' | 'shuffled' | 'weakest';
  readonly data: ScorecardData;
  readonly times: number;
}

/** CPU and wall in seconds: medians of `times`, after one that is not counted where there are several. Peak memory in MB, the Node process included. */
export interface Cost {
  readonly cpu: number;
  readonly wall: number;
  readonly peak: number;
  /** Of the work that was measured. */
  readonly measurements?: number;
  readonly answer?: Answer;
}

/** What both sides must agree on. */
export interface Answer {
  readonly auc: number;
  readonly averagePrecision: number;
  readonly equalizedOdds: number;
}

const work: Work = { signal: new AbortController().signal, progress: () => undefined };

type Prepare = (task: Task, scratch: string) => Promise<() => Promise<Pick<Cost, 'measurements' | 'answer'>>>;

const measuring: Prepare = async ({ data, kind }, scratch) => {
  const store = createDuckdbDataStore({ temporaryDirectory: path.join(scratch, 'spill') });
  const { holdout, labels, champion } = data;
  const challenger = kind === 'shuffled' ? data.shuffled : data.challenger;
  const request = { scorecard: criteriaOf(SLICES), holdout, labels, challenger, champion, columns: COLUMNS };
  return async () => {
    const { measurements } = await store.measure(request, work);
    const valueOf = (name: string) =>
      measurements.find(({ criterion }) => criterion === name)?.challenger?.value ?? Number.NaN;
    const answer = {
      auc: valueOf('auc'),
      averagePrecision: valueOf('averagePrecision'),
      equalizedOdds: valueOf('equalizedOdds by s5'),
    };
    return { measurements: measurements.length, answer };
  };
};

const TASKS: Readonly<Record<Task['kind'], Prepare>> = {
  /** The least that reading these columns of these files can cost: sums, least and greatest of numbers, counts of texts. */
  async raw({ data }) {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1', memory_limit: '1GiB' });
    const connection = await instance.connect();
    const number = (name: string) => `sum(${name}::DOUBLE), min(${name}), max(${name})`;
    const texts = SLICES.map((name) => `count(${name})`);
    const columns = new Map([
      [data.holdout.path, [number('id'), ...texts]],
      [data.labels.path, [number('id'), number('y')]],
      [data.challenger.path, [number('id'), number('score')]],
      [data.champion.path, [number('id'), number('score')]],
    ]);
    return async () => {
      for (const [file, select] of columns)
        await connection.runAndReadAll(`SELECT ${select.join(', ')} FROM read_parquet('${file}')`);
      return {};
    };
  },
  ours: measuring,
  shuffled: measuring,
  async weakest({ data }, scratch) {
    const store = createDuckdbDataStore({ temporaryDirectory: path.join(scratch, 'spill') });
    const { holdout, labels, challenger, champion } = data;
    const loss = {
      kind: 'mistakes',
      falseNegative: 1,
      falsePositive: 1,
      cuts: { challenger: 0.2, champion: 0.2 },
    } as const;
    const request = { holdout, labels, challenger, champion, columns: COLUMNS, by: SLICES, loss, search: SEARCH };
    return async () => ({ measurements: (await store.weakCells(request, work)).cells.length });
  },
};

async function main(task: Task): Promise<Cost> {
  const scratch = await mkdtemp(path.join(os.tmpdir(), 'understudy-bench-scorecard-'));
  try {
    const act = await TASKS[task.kind](task, scratch);
    const told = task.times > 1 ? await act() : {};
    const samples: (Pick<Cost, 'cpu' | 'wall'> & Pick<Cost, 'measurements' | 'answer'>)[] = [];
    for (let time = 0; time < task.times; time += 1) {
      const [before, begun] = [process.cpuUsage(), performance.now()];
      const answer = await act();
      const { system, user } = process.cpuUsage(before);
      samples.push({ cpu: (user + system) / 1e6, wall: (performance.now() - begun) / 1e3, ...answer });
    }
    const [cpu, wall] = [median(samples.map((one) => one.cpu)), median(samples.map((one) => one.wall))];
    return { ...told, ...samples[0], cpu, wall, peak: process.resourceUsage().maxRSS / 1024 };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

console.log(JSON.stringify(await main(JSON.parse(process.argv[2] ?? '') as Task)));
