import { parseDuration } from './policy/units.ts';

const DAY_MS = 86_400_000;

/** Half-open, milliseconds since 1970, UTC. */
export interface TimeSpan {
  readonly from: number;
  readonly until: number;
}

export interface TimeBlock extends TimeSpan {
  /** `2024-03-01 … 2024-03-07`, its first and its last day; with the time of day where it does not begin or end with one. */
  readonly text: string;
}

/**
 * A span cut into consecutive blocks of time, ascending; how many rows each has does not count. A number of blocks are equally
 * long, and begin with a UTC day where the span has as many days: then some are a day longer. A duration is laid off backwards
 * from the end, so that the newest block is a whole one, and what is left at the beginning belongs to the first block: none is
 * shorter than asked, and a span shorter than two is one block.
 */
export function cutBlocks(span: TimeSpan, blocks: number | string): readonly TimeBlock[] {
  const cuts = typeof blocks === 'number' ? cutsOf(span, blocks) : cutsBack(span, blocks);
  const ends = [...cuts, span.until];
  return ends.map((until, place) => {
    const from = place === 0 ? span.from : (ends[place - 1] ?? span.from);
    return { from, until, text: textOf({ from, until }) };
  });
}

/** How many blocks there would be, without making them. */
export function countBlocks({ from, until }: TimeSpan, blocks: number | string): number {
  if (typeof blocks === 'number') return blocks;
  const each = parseDuration(blocks) ?? 0;
  return each > 0 ? Math.max(1, Math.floor((until - from) / each)) : Number.POSITIVE_INFINITY;
}

/** Whether a span can be cut so: no block would be without any time. */
export const canBeCut = ({ from, until }: TimeSpan, blocks: number | string): boolean =>
  countBlocks({ from, until }, blocks) <= until - from;

function cutsOf({ from, until }: TimeSpan, blocks: number): readonly number[] {
  const unit = from % DAY_MS === 0 && until - from >= blocks * DAY_MS ? DAY_MS : 1;
  const units = Math.floor((until - from) / unit);
  return Array.from({ length: blocks - 1 }, (_, place) => from + Math.floor(((place + 1) * units) / blocks) * unit);
}

function cutsBack(span: TimeSpan, duration: string): readonly number[] {
  const each = parseDuration(duration) ?? 0;
  const after = countBlocks(span, duration) - 1;
  return Array.from({ length: after }, (_, place) => span.until - (after - place) * each);
}

/** The span of rows of which only the first and the last moment are known: whole UTC days, unless the blocks are shorter. */
export function spanOfRows({ first, last }: { first: number; last: number }, blocks: number | string): TimeSpan {
  const days = { from: Math.floor(first / DAY_MS) * DAY_MS, until: (Math.floor(last / DAY_MS) + 1) * DAY_MS };
  const isLong =
    typeof blocks === 'number'
      ? days.until - days.from >= blocks * DAY_MS
      : (parseDuration(blocks) ?? 0) % DAY_MS === 0;
  return isLong ? days : { from: first, until: last + 1 };
}

function textOf({ from, until }: TimeSpan): string {
  if (from % DAY_MS === 0 && until % DAY_MS === 0) return `${dayOf(from)} … ${dayOf(until - 1)}`;
  const [start, end] = [from, until].map(
    (ms) => `${new Date(ms).toISOString().slice(0, ms % 60_000 === 0 ? 16 : 23)}Z`,
  );
  return `${start} … ${end}`;
}

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
