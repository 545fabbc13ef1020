import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of our package.json. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Everything that may be thrown away lies in here. */
export const stateFolder = path.join(root, '.understudy');
