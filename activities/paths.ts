import { isAbsolute, join } from 'node:path';

/** Paths of a policy are relative to the folder of its file. */
export function under(folder: string, path: string): string {
  return isAbsolute(path) ? path : join(folder, path);
}
