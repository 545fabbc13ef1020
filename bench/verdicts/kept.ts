import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** A JSON file; undefined where there is none. */
export async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}

/** What `make` answers, made once and read from `file` from then on. */
export async function kept<T>(file: string, make: () => Promise<T>): Promise<T> {
  const known = await readJson(file);
  if (known !== undefined) return known as T;
  const made = await make();
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(made));
  return made;
}
