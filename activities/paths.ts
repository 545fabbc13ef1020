import { isAbsolute, join } from 'node:path';

/** Paths of a policy are relative to the folder of its file; `s3://bucket/…` is relative to nothing. */
export function under(folder: string, path: string): string {
  return isAbsolute(path) || isRemote(path) ? path : join(folder, path);
}

/** Whether a path of a policy names objects of S3 rather than files. */
export function isRemote(path: string): boolean {
  return path.startsWith('s3://');
}
