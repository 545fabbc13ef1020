import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { makeData, NUMBERS, type BenchData } from './data.ts';
import type { Cost, Task } from './measure.ts';
import { PEERS, runPeer, type Peer, type PeerCost } from './peers.ts';

const run = promisify(execFile);
const MEASURE = fileURLToPath(new URL('measure.ts', import.meta.url));

export interface DriftPlan {
  readonly rows: number;
  /** Sizes of the table by rows. */
  readonly sizes: readonly number[];
  readonly times: number;
  /** Current rows that a peer is given, and as many of reference; 0 leaves the peers out. */
  readonly peerRows: number;
  /** Data and environments that are made once. */
  readonly cache: string;
  /** For what only this run needs. */
  readonly scratch: string;
}

export interface Row {
  readonly name: Task['kind'] | 'rawOfDay';
  readonly label: string;
  readonly cost: Cost;
  /** Counts for the memory goal. */
  readonly ours: boolean;
  readonly rawOfDay?: boolean;
}

export interface DriftBench {
  readonly rows: number;
  readonly times: number;
  /** Processor, memory, versions, commit. */
  readonly machine: readonly string[];
  /** How busy the machine was with other things. */
  readonly load: string;
  readonly raw: Cost;
  readonly costs: readonly Row[];
  readonly merge: Cost & { readonly addedInMs: number };
  readonly numbers: Cost;
  readonly numericColumns: number;
  readonly categories: Cost;
  readonly byRows: readonly { readonly rows: number; readonly cpu: number }[];
  readonly byWorkers: readonly { readonly workers: number; readonly wall: number }[];
  readonly peers: readonly (readonly [Peer, PeerCost])[];
  /** How many times the CPU of ours Evidently needs per numeric column and row. */
  readonly evidently?: number;
}

type Say = (line: string) => void;

/** Everything from one run, one thing after the other. */
export async function measureAll(
  plan: DriftPlan,
  { load, machine }: Pick<DriftBench, 'machine' | 'load'>,
  say: Say,
): Promise<DriftBench> {
  const { cache, rows, scratch, times } = plan;
  say(`making ${rows} rows`);
  const data = await makeData(cache, rows);
  const grids = path.join(scratch, 'grids.json');
  const ask = async (kind: Task['kind'], more: Partial<Task> = {}): Promise<Cost> => {
    say(`measuring ${kind} of ${(more.data ?? data).rows} rows`);
    const cost = await measure({ kind, data, threads: 2, times, grids, ...more });
    say(`  ${cost.cpu.toFixed(3)} CPU s, ${cost.wall.toFixed(3)} s, ${cost.peak.toFixed(0)} MB`);
    return cost;
  };
  const freeze = await ask('freeze', { times: 1 });
  await writeFile(grids, JSON.stringify(freeze.told));
  const before = await ask('raw');
  const of = async (name: Task['kind'], label: string): Promise<Row> => ({
    name,
    label,
    cost: await ask(name),
    ours: true,
  });
  const dayRow: Row = {
    name: 'rawOfDay',
    label: 'raw scan of one day',
    cost: await ask('raw', { days: [6] }),
    ours: false,
    rawOfDay: true,
  };
  const days = await of('days', 'sketches of the seven days, day by day');
  const merged = await of('merge', 'read 35 daily sketch sets from the evidence store, verify and add them');
  const window = await of('window', 'sketches of the seven days as one partition');
  const refresh = await of('refresh', 'refresh: sketch the newest day, add seven');
  // Other work on the machine changes while this runs: what everything is held against is measured before and after.
  const raw = between(before, await ask('raw'));
  const costs: Row[] = [
    { name: 'raw', label: 'raw scan of the seven days, mean of before and after', cost: raw, ours: false },
    dayRow,
    window,
    days,
    refresh,
    merged,
    { ...(await of('digest', 'SHA-256 of the seven files')), ours: false },
    { name: 'freeze' as const, label: 'freeze 30 grids (once in the life of a feature)', cost: freeze, ours: true },
  ];
  const numbers = await ask('numbers');
  const categories = await ask('categories', { times: 1 });
  const byRows = await measureSizes(plan, days.cost, ask);
  const peers = await measurePeers(plan, data, say);
  const byWorkers = [await workersOf(1, data, grids, times), await workersOf(2, data, grids, times)];
  const evidently = timesOurs(peers.find(([peer]) => peer === 'evidently')?.[1], numbers.cpu / rows);
  return {
    rows,
    times,
    machine,
    load,
    raw,
    costs,
    merge: { ...merged.cost, ...(merged.cost.told as { addedInMs: number }) },
    numbers,
    numericColumns: NUMBERS.length,
    categories,
    byRows,
    byWorkers,
    peers,
    ...(evidently === undefined ? {} : { evidently }),
  };
}

async function measurePeers({ cache, peerRows }: DriftPlan, data: BenchData, say: Say): Promise<DriftBench['peers']> {
  const peers: [Peer, PeerCost][] = [];
  for (const peer of peerRows > 0 ? PEERS : []) {
    say(`measuring ${peer}`);
    const cost = await runPeer(peer, data, { cache, rows: peerRows });
    say(`  ${JSON.stringify(cost)}`);
    peers.push([peer, cost]);
  }
  return peers;
}

function between(one: Cost, other: Cost): Cost {
  return {
    cpu: (one.cpu + other.cpu) / 2,
    wall: (one.wall + other.wall) / 2,
    peak: Math.max(one.peak, other.peak),
  };
}

/** Both for all numeric columns, so that their number cancels out. */
function timesOurs(cost: PeerCost | undefined, ours: number): number | undefined {
  return cost === undefined || 'failed' in cost ? undefined : cost.cpu / cost.rows / ours;
}

async function measureSizes(
  { cache, rows, sizes }: DriftPlan,
  known: Cost,
  ask: (kind: Task['kind'], more: Partial<Task>) => Promise<Cost>,
): Promise<DriftBench['byRows']> {
  const measured = [];
  for (const size of sizes) {
    const cost = size === rows ? known : await ask('days', { data: await makeData(cache, size) });
    measured.push({ rows: size, cpu: cost.cpu });
  }
  return measured;
}

/** So many processes of one thread side by side; the wall is that of the slowest. */
async function workersOf(workers: number, data: BenchData, grids: string, times: number) {
  const share = (worker: number): number[] => data.files.flatMap((_, day) => (day % workers === worker ? [day] : []));
  const costs = await Promise.all(
    Array.from({ length: workers }, async (_, worker) =>
      measure({ kind: 'days', data, threads: 1, times, grids, days: share(worker) }),
    ),
  );
  return { workers, wall: Math.max(...costs.map(({ wall }) => wall)) };
}

async function measure(task: Task): Promise<Cost> {
  const args = ['--import', 'tsx', MEASURE, JSON.stringify(task)];
  const { stdout } = await run(process.execPath, args, { maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Cost;
}
