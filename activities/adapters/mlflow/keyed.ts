import { PortFailure } from '../../ports/port-failure.ts';
import { lostRace } from './errors.ts';

/** The tag that names the request an object was made for; it is written by the creating call itself. */
export const KEY_TAG = 'understudy.idempotency_key';
/** Set on what a slow earlier request made as well; nothing is ever deleted. */
export const DUPLICATE_TAG = 'understudy.duplicate_of';

export interface Keyed<T> {
  /** All objects that carry the key. A failing search ends the attempt: creating after it could make a second one. */
  readonly search: () => Promise<readonly T[]>;
  readonly create: () => Promise<unknown>;
  readonly order: (a: T, b: T) => number;
  readonly isMarked: (duplicate: T) => boolean;
  readonly mark: (duplicate: T, kept: T) => Promise<unknown>;
}

/**
 * The one object of a key. MLflow's creates are not idempotent, and an answer may be lost after the work was done; so
 * every attempt looks first, and looks again afterwards, because a slow earlier request may have come through in between.
 * Whoever sees several keeps the first in `order` and marks the others: all attempts agree on the same one.
 */
export async function ensureOne<T>(what: string, keyed: Keyed<T>): Promise<T> {
  let found = await keyed.search();
  if (found.length === 0) {
    await keyed.create();
    found = await keyed.search();
  }
  const [kept, ...duplicates] = found.toSorted(keyed.order);
  if (kept === undefined) throw new PortFailure('unavailable', `MLflow created ${what} but does not find it yet`);
  for (const duplicate of duplicates.filter((one) => !keyed.isMarked(one))) {
    await keyed.mark(duplicate, kept).catch((error: unknown) => {
      // Somebody who saw the same objects wrote the same mark in the same moment.
      if (!lostRace(error)) throw error;
    });
  }
  return kept;
}

/** MLflow's filters know no escape: a value is quoted with the mark that it does not contain. */
export function quoted(value: string): string {
  if (!value.includes("'")) return `'${value}'`;
  if (!value.includes('"')) return `"${value}"`;
  throw new PortFailure('bad-request', `MLflow cannot search for ${value}: it holds both kinds of quotation marks`);
}

/** A filter for the key; tag names stand in back-ticks, for they hold dots. */
export function hasKey(key: string): string {
  return `tags.\`${KEY_TAG}\` = ${quoted(key)}`;
}
