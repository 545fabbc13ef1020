import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { packageRoot } from '../../infra/package-root.ts';
import { pythonBin } from '../../infra/python.ts';
import { makeData, SLICES, type ScorecardData } from './data.ts';
import type { Answer, Cost, Task } from './measure.ts';

const run = promisify(execFile);
// The program as it is delivered: the loader of sources would take memory of its own.
const MEASURE = path.join(packageRoot(), 'dist', 'bench', 'scorecard', 'measure.js');
const PEER = fileURLToPath(new URL('peers/peer.py', import.meta.url));
const LIMITS = { maxBuffer: 64 * 1024 * 1024, timeout: 7_200_000 };

export interface ScorecardPlan {
  readonly rows: number;
  readonly times: number;
  /** Rows that the peers are given, and ours for the comparison; 0 leaves them out. */
  readonly peerRows: number;
  /** Rows of which the peers are asked one redraw, one size after the other. */
  readonly redrawRows: readonly number[];
  /** Where the data lie, made once. */
  readonly cache: string;
}

/** What scikit-learn and fairlearn needed, once and without a warm-up. */
export interface PeerCost extends Cost {
  readonly rows: number;
  readonly version: string;
  readonly answer: Answer;
}

/** Ours with intervals and theirs without, of the same rows. */
export interface PeerBench {
  readonly ours: Cost;
  readonly values: PeerCost;
  readonly redraws: readonly PeerCost[];
}

export interface ScorecardBench {
  readonly rows: number;
  readonly times: number;
  readonly machine: readonly string[];
  readonly load: string;
  readonly raw: Cost;
  readonly ours: Cost;
  readonly shuffled: Cost;
  readonly weakest: Cost;
  readonly peer?: PeerBench;
}

/** Everything from one run, one thing after the other. */
export async function measureAll(
  plan: ScorecardPlan,
  { load, machine }: Pick<ScorecardBench, 'machine' | 'load'>,
  say: (line: string) => void,
): Promise<ScorecardBench> {
  const { cache, peerRows, rows, times } = plan;
  say(`making ${rows} rows`);
  const data = await makeData(cache, rows);
  const ask = async (kind: Task['kind'], of: ScorecardData = data): Promise<Cost> => {
    say(`measuring ${kind} of ${of.rows} rows`);
    const task: Task = { kind, data: of, times };
    const cost = await answerOf<Cost>(process.execPath, [MEASURE, JSON.stringify(task)]);
    say(`  ${cost.cpu.toFixed(3)} CPU s, ${cost.wall.toFixed(3)} s, ${cost.peak.toFixed(0)} MB`);
    return cost;
  };
  const before = await ask('raw');
  const ours = await ask('ours');
  // Other work on the machine changes while this runs: what everything is held against is measured before and after.
  const after = await ask('raw');
  const raw = { ...after, cpu: (before.cpu + after.cpu) / 2, wall: (before.wall + after.wall) / 2 };
  const [shuffled, weakest] = [await ask('shuffled'), await ask('weakest')];
  const told = { rows, times, machine, load, raw, ours, shuffled, weakest };
  if (peerRows === 0) return told;
  const shared = peerRows === rows ? data : await makeData(cache, peerRows);
  const peer = {
    ours: shared === data ? ours : await ask('ours', shared),
    values: await askPeer(shared, { rows: peerRows, redraw: false }, say),
    redraws: [] as PeerCost[],
  };
  for (const few of plan.redrawRows) peer.redraws.push(await askPeer(shared, { rows: few, redraw: true }, say));
  return { ...told, peer };
}

async function askPeer(
  data: ScorecardData,
  { redraw, rows }: { readonly rows: number; readonly redraw: boolean },
  say: (line: string) => void,
): Promise<PeerCost> {
  say(`measuring ${redraw ? 'one redraw' : 'the values'} by scikit-learn and fairlearn on ${rows} rows`);
  const { holdout, labels, challenger, champion } = data;
  const files = Object.entries({ holdout, labels, challenger, champion }).map(([name, file]) => [name, file.path]);
  const task = { ...Object.fromEntries(files), slices: SLICES, rows, redraw };
  const peer = await answerOf<PeerCost>(pythonBin('python'), ['-W', 'ignore', PEER, JSON.stringify(task)]);
  say(`  ${peer.cpu.toFixed(1)} CPU s, ${peer.wall.toFixed(1)} s, ${peer.peak.toFixed(0)} MB`);
  return peer;
}

async function answerOf<T>(program: string, args: readonly string[]): Promise<T> {
  const { stdout } = await run(program, args, LIMITS);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as T;
}
