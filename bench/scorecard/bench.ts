import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pythonBin } from '../../infra/python.ts';
import { makeData, SLICES, type ScorecardData } from './data.ts';
import type { Answer, Cost, Task } from './measure.ts';

const run = promisify(execFile);
const MEASURE = fileURLToPath(new URL('measure.ts', import.meta.url));
const PEER = fileURLToPath(new URL('peers/peer.py', import.meta.url));
const LIMITS = { maxBuffer: 64 * 1024 * 1024, timeout: 7_200_000 };

export interface ScorecardPlan {
  readonly rows: number;
  readonly times: number;
  /** Rows that the peers are given; 0 leaves them out. */
  readonly peerRows: number;
  /** Where the data lie, made once. */
  readonly cache: string;
}

/** What scikit-learn and fairlearn needed for the values, and for one redraw of all rows. */
export interface PeerCost extends Cost {
  readonly rows: number;
  readonly version: string;
  readonly redraw: { readonly cpu: number; readonly wall: number };
  readonly answer: Answer;
}

export interface ScorecardBench {
  readonly rows: number;
  readonly times: number;
  readonly machine: readonly string[];
  readonly load: string;
  readonly raw: Cost;
  readonly ours: Cost;
  readonly shuffled: Cost;
  readonly peer?: PeerCost;
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
  const ask = async (kind: Task['kind']): Promise<Cost> => {
    say(`measuring ${kind} of ${rows} rows`);
    const cost = await answerOf<Cost>(process.execPath, [
      '--import',
      'tsx',
      MEASURE,
      JSON.stringify({ kind, data, times } satisfies Task),
    ]);
    say(`  ${cost.cpu.toFixed(3)} CPU s, ${cost.wall.toFixed(3)} s, ${cost.peak.toFixed(0)} MB`);
    return cost;
  };
  const before = await ask('raw');
  const ours = await ask('ours');
  // Other work on the machine changes while this runs: what everything is held against is measured before and after.
  const after = await ask('raw');
  const raw = { ...after, cpu: (before.cpu + after.cpu) / 2, wall: (before.wall + after.wall) / 2 };
  const shuffled = await ask('shuffled');
  const peer = peerRows > 0 ? await askPeer(data, peerRows, say) : undefined;
  return { rows, times, machine, load, raw, ours, shuffled, ...(peer === undefined ? {} : { peer }) };
}

async function askPeer(data: ScorecardData, rows: number, say: (line: string) => void): Promise<PeerCost> {
  say(`measuring scikit-learn and fairlearn on ${rows} rows`);
  const { holdout, labels, challenger, champion } = data;
  const files = Object.entries({ holdout, labels, challenger, champion }).map(([name, file]) => [name, file.path]);
  const task = { ...Object.fromEntries(files), slices: SLICES, rows, redraw: true };
  const peer = await answerOf<PeerCost>(pythonBin('python'), ['-W', 'ignore', PEER, JSON.stringify(task)]);
  say(`  ${peer.cpu.toFixed(1)} CPU s, ${peer.peak.toFixed(0)} MB; a redraw ${peer.redraw.cpu.toFixed(1)} CPU s`);
  return peer;
}

async function answerOf<T>(program: string, args: readonly string[]): Promise<T> {
  const { stdout } = await run(program, args, LIMITS);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as T;
}
