import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import type { TrainingJob } from '../../activities/ports/training-backend.ts';
import { packageRoot } from '../../infra/package-root.ts';
import type { ProcessIdentity } from '../../infra/stack/processes.ts';
import type { Servers } from './servers.ts';
import type { Sample } from './statistics.ts';
import type { WorkerConfig } from './worker.ts';
import type { FollowedJob } from './workflow.ts';

/** A small training; its files lie in `folder`. */
export function trainingJob(folder: string, image: string, command: readonly string[]): TrainingJob {
  return {
    name: 'training',
    command,
    folder,
    spec: {
      schemaVersion: 1,
      mode: 'train',
      model: 'flights',
      run: 'training',
      asOf: '2026-03-01T00:00:00.000Z',
      params: {},
      seed: 7,
      columns: { id: 'flight', time: 'date', label: 'late', features: ['hour'], slices: [] },
      files: [],
    },
    environment: {},
    checkpoints: path.join(folder, 'checkpoints'),
    deadlineMs: 3_600_000,
    graceMs: 1_000,
    retries: 0,
    placement: {
      image,
      run: 'retrain/flights/bench',
      model: 'flights',
      cpu: 0.1,
      memory: 64 * 1024 ** 2,
      sharedMemory: 0,
      nodes: 1,
      gpu: { resource: 'nvidia.com/gpu', count: 1, nodeSelector: {}, spot: false },
      queueDeadlineMs: 3_600_000,
    },
  };
}

/** Starts the one worker process. */
export async function startWorker(servers: Servers, config: WorkerConfig): Promise<ProcessIdentity> {
  const file = path.join(servers.folder, 'worker.json');
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  const program = fileURLToPath(new URL('worker.ts', import.meta.url));
  const args = ['--import', 'tsx', program, file];
  return await servers.start('worker', { file: process.execPath, args, env: {} }, packageRoot());
}

/** Runs one workflow for each name, all at once; those that completed. */
export async function followAll(temporal: string, names: readonly string[], keepMs = 0): Promise<FollowedJob[]> {
  const connection = await Connection.connect({ address: temporal });
  const client = new Client({ connection });
  const options = { taskQueue: 'bench-control', workflowExecutionTimeout: '1 h' } as const;
  const runs = names.map(
    async (name): Promise<FollowedJob> =>
      await client.workflow.execute('followJob', { ...options, workflowId: name, args: [name, keepMs] }),
  );
  const ends = await Promise.allSettled(runs);
  await connection.close();
  const lost = ends.find((end) => end.status === 'rejected');
  if (lost) process.stderr.write(`a workflow failed: ${String(lost.reason)}\n`);
  return ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
}

/** Resident memory of a process once a second, in MB, until `stop` is called. */
export function sampleMemory({ pid }: ProcessIdentity): { readonly samples: Sample[]; readonly stop: () => void } {
  const samples: Sample[] = [];
  const ended = new AbortController();
  const look = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      samples.push({ at: Date.now(), value: Number(kilobytes) / 1024 });
      await sleep(1_000, undefined, { signal: ended.signal }).catch(() => undefined);
    }
  };
  look().catch(() => undefined);
  return { samples, stop: () => ended.abort() };
}
