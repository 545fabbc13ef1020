import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { SettingsFile } from './settings-file.ts';

/** The bearer token of the alert receiver: given, or in the named file, or made once and kept in the state directory. */
export async function readToken({ settings, stateDir }: SettingsFile, given: string | undefined): Promise<string> {
  if (given !== undefined) return given;
  const named = settings.worker.webhookTokenFile;
  if (named !== undefined) return (await readFile(named, 'utf8')).trim();
  const file = path.join(stateDir, 'webhook-token');
  await mkdir(stateDir, { recursive: true });
  await writeFile(file, `${randomBytes(24).toString('hex')}\n`, { flag: 'wx', mode: 0o600 }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    },
  );
  return (await readFile(file, 'utf8')).trim();
}
