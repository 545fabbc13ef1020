import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout, from source as from `dist/`. */
export function checkout(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (folder === dirname(folder))
      throw new Error('package.json is nowhere above the example: run it from a checkout');
  }
}

/** This folder in the checkout: SQL, Python, policies and data lie here and not in `dist/`. */
export const flights = join(checkout(), 'examples', 'flights');
