import { rename, rm, writeFile } from 'node:fs/promises';
import { CliFailure, EXIT } from '../failure.ts';
import { talk } from '../terminal.ts';
import type { Screen } from '../terminal.ts';

/** Writes an answer to stdout or, whole or not at all, to a file. Throws CliFailure 1 when the file cannot be written. */
export async function deliver(screen: Screen, text: string, file: string | undefined): Promise<void> {
  if (file === undefined) {
    screen.out.write(text);
    return;
  }
  const part = `${file}.${process.pid}.part`;
  try {
    await writeFile(part, text);
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    const why = error instanceof Error ? error.message : String(error);
    throw new CliFailure(EXIT.failure, `cannot write ${file}: ${why}`, 'name a file in a folder that is there', {
      cause: error,
    });
  }
  talk(screen, `written to ${file}`);
}
