import path from 'node:path';
import type { Ports } from '../activities/context.ts';
import type { Column } from '../scorecards/policy/infer.ts';
import { loadSettings } from '../workers/settings-file.ts';
import { wirePorts } from '../workers/wiring.ts';
import { filesNamedBy } from './files-named-by.ts';
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
