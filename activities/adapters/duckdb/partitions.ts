import { stat } from 'node:fs/promises';
import type { Partition, PartitionFile } from '../../../scorecards/drift/sketch.ts';
import type { PartitionRequest } from '../../ports/data-store.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import { ask, type DuckdbOptions } from './connection.ts';
import { stampFrom } from './parquet-files.ts';

export const DAY_MS = 86_400_000;

/**
 * The buckets that have files, ascending; none is `[]`. A file belongs to the UTC day its `day=YYYY-MM-DD` folder names and so
 * to every bucket that overlaps that day; buckets are counted from 1970-01-01. With a span, only buckets wholly inside it.
 */
export async function listPartitions(options: DuckdbOptions, request: PartitionRequest): Promise<readonly Partition[]> {
  const root = rootOf(request.path);
  if (!(await exists(root))) return [];
  const found = await ask(options, { doing: `list ${request.path}`, directories: [root] }, (session) =>
    session.rows<{ file: string }>('SELECT file FROM glob($pattern) ORDER BY file', { pattern: request.path }),
  );
  const buckets = new Map<number, PartitionFile[]>();
  for (const { file } of found) {
    const facts = await stat(file, { bigint: true });
    const listed = { path: file, bytes: Number(facts.size), stamp: stampFrom(facts) };
    for (const bucket of bucketsOf(dayOf(file), request.bucketMs))
      buckets.set(bucket, [...(buckets.get(bucket) ?? []), listed]);
  }
  return [...buckets]
    .toSorted(([a], [b]) => a - b)
    .map(([from, files]) => ({ dataset: request.dataset, bucket: spanOf(from, from + request.bucketMs), files }))
    .filter(({ bucket }) => isWithin(bucket, request.span));
}

/** The directory above the first part of a glob that has a wildcard. Throws `bad-request` without a `day=*` part. */
export function rootOf(pattern: string): string {
  const parts = pattern.split('/');
  if (!parts.includes('day=*'))
    throw new PortFailure(
      'bad-request',
      `"${pattern}" has no part "day=*"; data are read by day, for example data/observations/day=*/*.parquet`,
    );
  return (
    parts
      .slice(
        0,
        parts.findIndex((part) => /[*?[]/.test(part)),
      )
      .join('/') || '/'
  );
}

/** Start of the UTC day that a path's `day=` part names, in milliseconds. Throws `data-invalid` when it names none. */
export function dayOf(file: string): number {
  const [, text = ''] = /\/day=([^/]*)\//.exec(file) ?? [];
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isFinite(day)) return day;
  throw new PortFailure('data-invalid', `${file}: "day=${text}" is not a day; expected day=YYYY-MM-DD`, {
    details: { file },
  });
}

function bucketsOf(day: number, bucketMs: number): readonly number[] {
  const first = Math.floor(day / bucketMs) * bucketMs;
  const count = Math.ceil((day + DAY_MS - first) / bucketMs);
  return Array.from({ length: count }, (_, index) => first + index * bucketMs);
}

/** Half-open, UTC. */
export function spanOf(fromMs: number, untilMs: number): Partition['bucket'] {
  return { from: new Date(fromMs).toISOString(), until: new Date(untilMs).toISOString() };
}

function isWithin(bucket: Partition['bucket'], span: PartitionRequest['span']): boolean {
  if (span === undefined) return true;
  return Date.parse(bucket.from) >= Date.parse(span.from) && Date.parse(bucket.until) <= Date.parse(span.until);
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
