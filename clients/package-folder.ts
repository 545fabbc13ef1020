import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Absolute path of a folder or file that ships with the package, such as `scorecards/presets`: beside the compiled code
 * when the build copied it there, else at the root of the package. Throws when it is nowhere, which is a broken install.
 */
export function packageFolder(name: string): string {
  const start = path.dirname(fileURLToPath(import.meta.url));
  for (let folder = start; ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, name);
    if (existsSync(candidate)) return candidate;
    if (folder === path.dirname(folder))
      throw new Error(`${name} is missing above ${start}: install the package again`);
  }
}
