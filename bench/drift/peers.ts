import { execFile } from 'node:child_process';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pythonBin } from '../../infra/python.ts';
import { NUMBERS, type BenchData } from './data.ts';

const run = promisify(execFile);
const SCRIPTS = fileURLToPath(new URL('peers/', import.meta.url));

export const PEERS = ['evidently', 'nannyml', 'whylogs'] as const;
export type Peer = (typeof PEERS)[number];

/** What a peer needed for the numeric columns of so many current rows; what kept it from finishing otherwise. */
export type PeerCost =
  | {
      readonly cpu: number;
      readonly wall: number;
      readonly peak: number;
      readonly rows: number;
      readonly version: string;
    }
  | { readonly failed: string };

/** Runs a peer in an environment of its own, pinned to the last package, made once. */
export async function runPeer(
  peer: Peer,
  data: BenchData,
  { cache, rows }: { cache: string; rows: number },
): Promise<PeerCost> {
  try {
    const python = await environment(peer, cache);
    const [reference, current] = [data.files.slice(0, 3), data.files.slice(3)];
    const task = { reference, current, columns: ['ts', ...NUMBERS], rows };
    const options = { cwd: SCRIPTS, maxBuffer: 64 * 1024 * 1024, timeout: 1_200_000 };
    const { stdout } = await run(python, [`run_${peer}.py`, JSON.stringify(task)], options);
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as PeerCost;
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return { failed: said.trim().split('\n').at(-1)?.slice(0, 200) ?? 'it said nothing' };
  }
}

async function environment(peer: Peer, cache: string): Promise<string> {
  const folder = path.join(cache, `peer-${peer}`);
  const python = path.join(folder, 'bin', 'python');
  const ready = path.join(folder, 'ready');
  const there = await access(ready).then(
    () => true,
    () => false,
  );
  if (there) return python;
  await rm(folder, { recursive: true, force: true });
  await run(pythonBin('python'), ['-m', 'venv', folder]);
  const pins = path.join(SCRIPTS, `${peer}.txt`);
  await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', pins], {
    maxBuffer: 64 * 1024 * 1024,
  });
  await mkdir(`${ready}.part`);
  await rename(`${ready}.part`, ready);
  return python;
}
