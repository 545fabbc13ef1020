import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Ports } from '../activities/context.ts';
import type { Column } from '../scorecards/policy/infer.ts';
import { loadSettings } from '../workers/settings-file.ts';
import { wirePorts } from '../workers/wiring.ts';
import { talk } from './terminal.ts';
import type { Screen } from './terminal.ts';

/** The adapters that the settings name, for commands that ask the world themselves. What they say is talk. */
export async function portsFor(screen: Pick<Screen, 'config' | 'err'>): Promise<Ports> {
  return wirePorts(await loadSettings(screen.config), (line) => talk(screen, line));
}

/** Columns and types of the newest file (by name) that a glob names; none when there is no such file. */
export async function readGlobColumns(pattern: string): Promise<readonly Column[]> {
  const newest = (await filesNamedBy(path.resolve(pattern))).at(-1);
  if (newest === undefined) return [];
  return wirePorts(await loadSettings(), () => undefined).data.columns([newest]);
}

/** `*` is any text within one name, `**` any folders. Ascending; a folder that is not there has no files. */
async function filesNamedBy(pattern: string): Promise<readonly string[]> {
  const parts = pattern.split('/');
  const wild = parts.findIndex((part) => part.includes('*'));
  if (wild === -1) return [pattern];
  const root = parts.slice(0, wild).join('/') || '/';
  const names = await readdir(root, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const wanted = new RegExp(`^${parts.slice(wild).map(expressionOf).join('/')}$`);
  return names
    .filter((name) => wanted.test(name))
    .map((name) => path.join(root, name))
    .toSorted();
}

function expressionOf(part: string): string {
  if (part === '**') return '.*';
  return part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('*', '[^/]*');
}
