import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { LogEntry } from '@temporalio/worker';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { getJson, noteStage } from '../../activities/context.ts';
import { createJobs, jobName } from '../../activities/job.ts';
import type { KeptAttempt } from '../../activities/job.ts';
import { PortFailure } from '../../activities/ports/port-failure.ts';
import type { TrainingBackend } from '../../activities/ports/training-backend.ts';
import type { RunContext } from '../../scorecards/run.ts';
import { createTelemetry } from '../../workers/telemetry.ts';
import { createMemoryEvidence } from '../fakes/memory-evidence.ts';
import type { MemoryEvidence } from '../fakes/memory-evidence.ts';
import { createMemoryTraining } from '../fakes/memory-training.ts';
import { present } from '../present.ts';

const context = { run: 'r', model: 'flights', generation: 1 } as unknown as RunContext;

let home: string;
let evidence: MemoryEvidence;
let training: TrainingBackend;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'understudy-job-'));
  evidence = createMemoryEvidence();
  training = createMemoryTraining({ root: home, play: () => ({ does: 'hangs' }) });
});
afterEach(async () => {
  await evidence.dispose();
  await rm(home, { recursive: true });
});

describe('removing a job', () => {
  test('that cannot be booked is done all the same, and the log says what is not booked and why', async () => {
    const removed: string[] = [];
    const recall = async () => Promise.reject(new PortFailure('storage', 'the disk is full'));
    const remove = async (name: string) => void removed.push(name);
    const said: LogEntry[] = [];
    const logger = new DefaultLogger('WARN', (entry) => void said.push(entry));
    const jobs = createJobs(
      { training: { ...training, remove }, evidence: { ...evidence, recall } },
      {},
      createTelemetry(),
    );
    await new MockActivityEnvironment({}, { logger }).run(async () => jobs.removeJob({ context, node: 'training' }));
    const job = jobName(context, 'training');
    expect(removed).toEqual([job]);
    expect(said.map(({ message, meta }) => [message, meta?.['code']])).toEqual([
      [
        `what job ${job} cost and said is not all kept, and the job is removed all the same: the disk is full`,
        'storage',
      ],
    ]);
  });
});

describe('the log of a job that failed', () => {
  test('TN2: is kept whole when the job is removed, and the note of the attempt names it', async () => {
    const logTail = 'epoch\n'.repeat(200);
    const inspect = async () =>
      ({ state: 'failed', code: 'trainer-error', message: 'exit code 1', attempts: 1, logTail }) as const;
    const jobs = createJobs({ training: { ...training, inspect }, evidence }, {}, createTelemetry());
    const quiet = { logger: new DefaultLogger('ERROR') };
    await noteStage(evidence, context, 'opened', { receivedAt: '2026-03-01T00:00:00.000Z' });
    await new MockActivityEnvironment({}, quiet).run(async () => jobs.removeJob({ context, node: 'training' }));
    const attempt = { generation: 1, type: 'TrainerError', sentence: 'no', message: 'exit code 1', again: false };
    await jobs.noteAttempt({ context, attempt });
    const note = present(await evidence.recall('runs/r/attempt-1-1'));
    const { log } = await getJson<KeptAttempt>(evidence, note);
    expect(String(Buffer.from(await evidence.get(present(log))))).toBe(logTail);
  });
});

describe('following a job', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  test('beats three times in the silence that is allowed, however rarely the cluster is asked', async () => {
    jest.useFakeTimers();
    const quiet = { logger: new DefaultLogger('ERROR') };
    const environment = new MockActivityEnvironment({ heartbeatTimeoutMs: 30_000 }, quiet);
    const beats: unknown[] = [];
    environment.on('heartbeat', (beat: unknown) => beats.push(beat));
    const untilNews = async (_: string, signal: AbortSignal): Promise<void> => {
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
    };
    const inspect = async () => ({ state: 'waiting' as const, why: 'queue' });
    const jobs = createJobs({ training: { ...training, inspect, untilNews }, evidence }, {}, createTelemetry());
    const ended = environment.run(async () => jobs.watchJob({ job: 'j' })).catch(String);
    await jest.advanceTimersByTimeAsync(30_000);
    environment.cancel();
    expect(await ended).toContain('stopped');
    // The first one tells what was seen.
    expect(beats).toHaveLength(1 + 3);
  });
});
