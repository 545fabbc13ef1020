import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileDigest } from '../../artifact.ts';
import { inPod } from './courier-fetch.ts';
import { openLine } from './courier-line.ts';
import type { CourierOptions, Line } from './courier-line.ts';
import { LOG_FILE_BYTES } from './exchange-folder.ts';
import { POD_PATHS } from './manifest-paths.ts';

export interface LogOptions extends CourierOptions {
  /** Names the pod: files of several pods lie in one directory. */
  readonly pod: string;
  /** So much of the log may wait for an exchange that is away; then the oldest files are dropped. */
  readonly limitBytes: number;
  /** How often the folder is looked at; default 1 s. */
  readonly everyMs?: number;
  readonly say?: (line: string) => void;
}

const LONGEST_NAME = 120;

interface LogFile {
  readonly day: string;
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
}

/**
 * Beside a model server: carries every finished file of its serving log out and removes it here, until `stop` is aborted
 * (the server has ended) and the last of it was taken. Nothing that goes wrong here ends it: a log that cannot be carried
 * out must not take a server down.
 */
export async function carryLog(options: LogOptions, stop: AbortSignal): Promise<void> {
  const { say = () => undefined } = options;
  const line = openLine({ tries: 2, ...options });
  const folder = inPod(options.root, POD_PATHS.log);
  let isWaiting = false;
  const round = async (): Promise<void> => {
    try {
      await carryAll(line, folder, options);
      isWaiting = false;
    } catch (error) {
      if (!isWaiting) say(`the serving log waits: ${String(error)}`);
      isWaiting = true;
      await dropOldest(folder, options.limitBytes, say);
    }
  };
  while (!stop.aborted) {
    await round();
    await pause(options.everyMs ?? 1_000, undefined, { signal: stop }).catch(() => undefined);
  }
  await round();
}

async function carryAll(line: Line, folder: string, { pod, say = () => undefined }: LogOptions): Promise<void> {
  for (const { day, name, path, bytes } of await finished(folder)) {
    // What nobody will ever take must not hold up the rest.
    if (bytes > LOG_FILE_BYTES || name.length > LONGEST_NAME) say(`dropped ${name} of ${bytes} bytes: too large`);
    else await line.put(`log/${day}/${pod}-${name}`, { file: path }, { 'x-sha256': await fileDigest(path) });
    await rm(path, { force: true });
  }
}

async function dropOldest(folder: string, limitBytes: number, say: (line: string) => void): Promise<void> {
  const files = await finished(folder);
  let bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const dropped = [];
  for (const file of files) {
    if (bytes <= limitBytes) break;
    await rm(file.path, { force: true });
    bytes -= file.bytes;
    dropped.push(file.name);
  }
  if (dropped.length > 0)
    say(`dropped the ${dropped.length} oldest files of the serving log: ${limitBytes} bytes wait`);
}

/** Files under their last name, oldest first: whatever is still being written begins with a dot or ends otherwise. */
async function finished(folder: string): Promise<readonly LogFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = await Promise.all(
    entries
      .filter((entry) => entry.isFile() && /^[\w-][\w.-]*\.parquet$/.test(entry.name))
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        const day = entry.parentPath.slice(folder.length + 1);
        const { size, mtimeMs } = await stat(path);
        return { day, name: entry.name, path, bytes: size, mtimeMs };
      }),
  );
  return files.filter(({ day }) => /^day=\d{4}-\d\d-\d\d$/.test(day)).toSorted((a, b) => a.mtimeMs - b.mtimeMs);
}
