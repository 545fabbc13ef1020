import { randomUUID } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { progressSchema } from '../../../scorecards/contracts/trainer.ts';
import { fileDigest } from '../../artifact.ts';
import { inPod } from './courier-fetch.ts';
import { CourierEnd, openLine } from './courier-line.ts';
import type { CourierOptions, Line } from './courier-line.ts';
import { pointerSchema } from './exchange-folder.ts';
import { POD_PATHS } from './manifest-paths.ts';

export interface CarryOptions extends CourierOptions {
  /** Of several pods that train together the first one speaks for all. */
  readonly leads: boolean;
  /** How often progress and checkpoints are looked at; default 2 s. */
  readonly everyMs?: number;
}

/**
 * Beside the trainer: carries progress and checkpoints out, and when `stop` is aborted (the trainer has ended, or must
 * leave) everything that lies in the output folder. Ends when all of it was taken.
 */
export async function carry(options: CarryOptions, stop: AbortSignal): Promise<void> {
  if (!options.leads) {
    await untilAborted(stop);
    return;
  }
  const line = openLine(options);
  const attempt = randomUUID();
  await line.put(`attempts/${attempt}`);
  const round = carrier(line, options.root);
  while (!stop.aborted) {
    // A file that is being written, or an exchange that is away, is for the next round.
    await round().catch(() => undefined);
    await pause(options.everyMs ?? 2_000, undefined, { signal: stop }).catch(() => undefined);
  }
  await round().catch(() => undefined);
  // By now hours of training may be in the output: it is offered until the pod is killed.
  const patient = openLine({ ...options, tries: options.tries ?? UNTIL_KILLED });
  await handIn(patient, inPod(options.root, POD_PATHS.output), attempt).catch((error: unknown) => {
    // 78: a newer attempt has begun, or the job was removed. Nobody waits for this one.
    if (!(error instanceof CourierEnd && error.exitCode === 78)) throw error;
  });
}

/** With ten seconds between them they outlast every grace: the worker may be on its way to another node. */
const UNTIL_KILLED = 1_000;

/** One round carries what is new since the one before. */
function carrier(line: Line, root: string): () => Promise<void> {
  let shown = '';
  let saved = '';
  const checkpoints = inPod(root, POD_PATHS.checkpoints);
  return async () => {
    const progress = await lastLine(inPod(root, POD_PATHS.progress));
    if (progress !== undefined && progress !== shown) {
      await line.put('progress', { text: progress });
      shown = progress;
    }
    const latest = await readFile(join(checkpoints, 'latest'), 'utf8').catch(() => '');
    if (latest === saved || latest === '') return;
    await saveCheckpoint(line, checkpoints, latest);
    saved = latest;
  };
}

/** A pointer that cannot be read, or whose file has another digest, is not carried: what is there already stays. */
async function saveCheckpoint(line: Line, checkpoints: string, latest: string): Promise<void> {
  const pointer = pointerSchema.parse(JSON.parse(latest));
  const file = join(checkpoints, pointer.path);
  if (!file.startsWith(checkpoints + sep)) return;
  if ((await fileDigest(file)) !== pointer.sha256) return;
  await line.put(`checkpoints/${pointer.sha256}`, { file }, { 'x-checkpoint': JSON.stringify(pointer) });
}

/** Links and what they point to are not handed in: only what the trainer wrote there itself. */
async function handIn(line: Line, output: string, attempt: string): Promise<void> {
  const entries = await readdir(output, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const file of files) {
    const path = relative(output, file).split(sep).map(encodeURIComponent).join('/');
    await line.put(`results/${attempt}/files/${path}`, { file }, { 'x-sha256': await fileDigest(file) });
  }
  await line.put(`results/${attempt}`);
}

/** The last line that is progress; the trainer may be in the middle of writing another. */
async function lastLine(path: string): Promise<string | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.toReversed().slice(0, 5).find(isProgress);
}

function isProgress(line: string): boolean {
  try {
    return progressSchema.safeParse(JSON.parse(line)).success;
  } catch {
    return false;
  }
}

async function untilAborted(stop: AbortSignal): Promise<void> {
  while (!stop.aborted) await pause(60_000, undefined, { signal: stop }).catch(() => undefined);
}
