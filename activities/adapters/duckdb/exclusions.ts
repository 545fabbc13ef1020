import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { canonicalJson } from '../../../scorecards/canonical-json.ts';
import type { SnapshotRequest } from '../../ports/data-store.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import { quoted } from './sql-text.ts';

export interface Exclusions {
  /** Sorted, each once. */
  readonly ids: readonly string[];
  /** SHA-256 over their canonical JSON; absent when the policy names no such file. */
  readonly digest?: string;
}

/**
 * `dataset.exclusions`: a text file with one id per line that no snapshot may contain (DA7). White space around an id does not
 * count: a person must not stay in the data because of a blank.
 */
export async function readExclusions({
  dataset,
  folder,
}: Pick<SnapshotRequest, 'dataset' | 'folder'>): Promise<Exclusions> {
  if (dataset.exclusions === undefined) return { ids: [] };
  const path = resolve(folder, dataset.exclusions);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    const message = `cannot read the exclusions ${path} (spec.dataset.exclusions); expected a text file with one id per line`;
    throw new PortFailure('data-missing', message, { cause, details: { file: path } });
  });
  if (text.includes('\0'))
    throw new PortFailure('data-unreadable', `${path} is no text; expected one id per line (spec.dataset.exclusions)`, {
      details: { file: path },
    });
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const ids = [...new Set(lines.filter((line) => line !== ''))].toSorted();
  return { ids, digest: createHash('sha256').update(canonicalJson(ids)).digest('hex') };
}

/** Keeps the rows of the observations `o` whose id is not in the bound list `excluded`; a NULL is nobody's id. */
export function notExcluded(id: string): string {
  return `coalesce(trim(o.${quoted(id)}::VARCHAR), '') NOT IN (SELECT unnest($excluded::VARCHAR[]))`;
}
