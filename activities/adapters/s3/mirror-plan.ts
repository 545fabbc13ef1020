import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Span } from '../../../scorecards/vocabulary.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import type { RemoteObject } from './objects.ts';

const DAY_MS = 86_400_000;

/** A remote pattern in its two parts: `s3://bucket/folder/` and `day=*\/*.parquet`. */
export interface RemotePattern {
  readonly root: string;
  readonly rest: string;
}

/** Splits a pattern before its part `day=*`. Throws `bad-request` without one: what has no days cannot be fetched by day. */
export function splitPattern(pattern: string): RemotePattern {
  const at = pattern.indexOf('/day=*');
  if (at !== -1 && !/[*?[]/.test(pattern.slice(0, at)))
    return { root: pattern.slice(0, at + 1), rest: pattern.slice(at + 1) };
  throw new PortFailure(
    'bad-request',
    `"${pattern}" cannot be fetched by day; expected the first wildcard in a part "day=*", as in s3://bucket/data/day=*/*.parquet`,
  );
}

/** Directory that stands for the objects below `root` on this machine. */
export function localRoot(directory: string, { root }: RemotePattern): string {
  return join(directory, createHash('sha256').update(root).digest('hex').slice(0, 24));
}

/**
 * What a listing has to begin after so that no object of the span is missed; nothing: at its beginning. It is the day before:
 * SeaweedFS leaves out what is below the very name that a listing begins after, Amazon does not.
 */
export function listedAfter({ root }: RemotePattern, span: Span | undefined): string | undefined {
  if (span === undefined) return undefined;
  return `${root}day=${new Date(Date.parse(span.from) - DAY_MS).toISOString().slice(0, 10)}`;
}

/** Which of the listed objects are wanted, by their path below the root. */
export function wantedObjects(
  pattern: RemotePattern,
  objects: readonly RemoteObject[],
  span: Span | undefined,
): ReadonlyMap<string, RemoteObject> {
  const shape = new RegExp(
    `^${pattern.rest
      .split(/(\*\*|\*|\?)/)
      .map(asExpression)
      .join('')}$`,
  );
  const below = objects.map((object) => [object.uri.slice(pattern.root.length), object] as const);
  return new Map(below.filter(([name]) => shape.test(name) && isSafe(name) && isWithin(name, span)));
}

function asExpression(part: string): string {
  if (part === '**') return '.*';
  if (part === '*') return '[^/]*';
  if (part === '?') return '[^/]';
  return part.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
}

/** A key becomes a file name: none may lead out of the directory. */
function isSafe(name: string): boolean {
  return !name.includes('\0') && name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** Whether the day of a path overlaps the span; one that names no day is left to whoever lists the files. */
export function isWithin(name: string, span: Span | undefined): boolean {
  const day = Date.parse(`${/^day=(\d{4}-\d{2}-\d{2})\//.exec(name)?.[1] ?? ''}T00:00:00Z`);
  if (span === undefined || Number.isNaN(day)) return true;
  return day < Date.parse(span.until) && day + DAY_MS > Date.parse(span.from);
}
