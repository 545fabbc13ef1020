import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { fileDigest } from '../../artifact.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import { CourierEnd, openLine, textDigest } from './courier-line.ts';
import type { CourierOptions, Line } from './courier-line.ts';
import { pointerSchema, receiveFile } from './exchange-folder.ts';
import type { CheckpointPointer } from './exchange-folder.ts';
import { POD_PATHS } from './manifest-paths.ts';

const listSchema = z.array(z.object({ to: z.string(), bytes: z.number(), sha256: z.string().length(64) }));

/** A path of `POD_PATHS` below the root that this courier was given. */
export function inPod(root: string, path: string): string {
  return join(root, relative(POD_PATHS.root, path));
}

/**
 * Before the trainer starts: the spec, its files and the newest checkpoint that is whole. Throws CourierEnd: 65 for a
 * file that is not what was promised, 69 while the exchange is away, 77 and 78 when it does not want us.
 */
export async function fetchAll(options: CourierOptions): Promise<void> {
  const line = openLine(options);
  const at = (path: string): string => inPod(options.root, path);
  for (const path of [POD_PATHS.data, POD_PATHS.output, POD_PATHS.checkpoints])
    await mkdir(at(path), { recursive: true });
  await fetchSpec(line, at(POD_PATHS.spec), options.specSha256);
  const files = listSchema.parse(await line.get('files', async (answer) => await answer.json()));
  for (const file of files) {
    const to = inside(at(POD_PATHS.data), file.to);
    await download(line, `files/${file.sha256}`, to, file).catch((error: unknown) => {
      throw brokenOr(error, `${file.to} is not what the spec promises`);
    });
  }
  await restore(line, at(POD_PATHS.checkpoints));
}

async function fetchSpec(line: Line, path: string, sha256: string): Promise<void> {
  const text = await line.get('spec', async (answer) => await answer.text());
  const found = textDigest(text);
  if (found !== sha256) throw new CourierEnd(78, `the spec has SHA-256 ${found}, the Job was made for ${sha256}`);
  await writeFile(path, text);
}

interface Wanted {
  readonly sha256: string;
  readonly bytes?: number;
}

/** Streams to disk and proves the digest; a file that is broken twice is broken where it comes from. */
async function download(line: Line, path: string, to: string, { sha256, bytes }: Wanted): Promise<void> {
  let broken = 0;
  await line.get(path, async (answer) => {
    try {
      const body = Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]);
      await receiveFile(body, to, { sha256, limitBytes: bytes ?? Number.MAX_SAFE_INTEGER });
    } catch (error) {
      if (!(error instanceof PortFailure)) throw error;
      broken += 1;
      if (broken >= 2) throw new CourierEnd(65, error.message);
      throw error;
    }
  });
}

/** The newest checkpoint; when it is corrupt the one before; when none is whole the trainer begins at zero. */
async function restore(line: Line, checkpoints: string): Promise<void> {
  const pointers = z.array(pointerSchema).parse(await line.get('checkpoints', async (answer) => await answer.json()));
  for (const pointer of pointers) {
    if (await restoreOne(line, checkpoints, pointer)) return;
  }
}

async function restoreOne(line: Line, checkpoints: string, pointer: CheckpointPointer): Promise<boolean> {
  const to = inside(checkpoints, pointer.path);
  try {
    await download(line, `checkpoints/${pointer.sha256}`, to, pointer);
  } catch (error) {
    // 65: corrupt. 78: its file is gone. Both leave the one before.
    if (error instanceof CourierEnd && [65, 78].includes(error.exitCode)) return false;
    throw error;
  }
  if ((await fileDigest(to)) !== pointer.sha256) return false;
  await writeFile(join(checkpoints, 'latest.tmp'), JSON.stringify(pointer));
  await rename(join(checkpoints, 'latest.tmp'), join(checkpoints, 'latest'));
  return true;
}

/** The exchange is ours, but what it lists came from a spec: a name may not lead out of the pod's own folder. */
function inside(directory: string, path: string): string {
  const found = join(directory, path);
  if (found.startsWith(directory + sep) && dirname(found) !== '') return found;
  throw new CourierEnd(65, `"${path}" leads out of its folder`);
}

function brokenOr(error: unknown, message: string): unknown {
  if (error instanceof CourierEnd && error.exitCode === 65) return new CourierEnd(65, `${message}: ${error.message}`);
  return error;
}
