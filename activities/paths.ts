import { isAbsolute, join } from 'node:path';

/** Paths of a policy are relative to the folder of its file; `s3://bucket/…` is relative to nothing. */
export function under(folder: string, path: string): string {
  return isAbsolute(path) || path.startsWith('s3://') ? path : join(folder, path);
}
