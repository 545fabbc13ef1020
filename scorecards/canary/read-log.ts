import { z } from 'zod';
import type { LogLine } from './decision-log.ts';

const count = z.number().min(0);
const arm = z.looseObject({ requests: count, bad: count });
const counters = z.looseObject({
  requests: z.record(z.string(), z.looseObject({ code: z.number(), count: z.number() })),
  buckets: z.record(z.string(), z.number()),
});
const scrape = z.looseObject({
  at: z.string(),
  processStart: z.number(),
  arms: z.looseObject({ champion: counters, challenger: counters, shadow: counters }),
  router: counters,
});
const reading = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('scrape'), scrape }),
  z.looseObject({ kind: z.literal('gap'), at: z.number(), why: z.string() }),
]);
const look = z.discriminatedUnion('kind', [
  z.looseObject({
    kind: z.literal('counts'),
    at: z.number(),
    champion: arm,
    challenger: arm,
    challengerDown: z.boolean(),
  }),
  z.looseObject({ kind: z.literal('missed'), at: z.number(), why: z.string() }),
]);
const evidence = z.looseObject({ harm: z.number(), ceiling: z.number(), safe: z.number() });
const pairs = z.looseObject({
  pairs: count,
  disagreements: count,
  championAnswers: count,
  challengerAnswers: count,
  challengerErrors: count,
  atLeast: count,
  ceiling: count,
  verdict: z.string(),
});
const rate = z.number().min(0);
const plan = z.looseObject({
  mode: z.enum(['canary', 'shadow', 'soak']),
  percent: z.number().min(0).max(100),
  lookMs: count,
  atLeastMs: count,
  atMostMs: count,
  harmRatio: z.number().positive(),
  alpha: z.number().positive(),
  beta: z.number().positive(),
  floor: rate,
  ceiling: rate,
  safeRatio: z.number().positive(),
  safeRate: rate,
  minBadEvents: count,
});

/** What is needed to judge again must be there; what another version added is kept and not looked at. */
const line = z.discriminatedUnion('kind', [
  z.looseObject({
    kind: z.literal('phase'),
    schemaVersion: z.literal(1),
    run: z.string(),
    model: z.string(),
    phase: z.string(),
    startedAt: z.number(),
    plan,
    lapseMs: count,
    holding: z.boolean(),
  }),
  z.looseObject({
    kind: z.literal('look'),
    phase: z.string(),
    number: z.int(),
    reading,
    look,
    foreign: z.string().exactOptional(),
    verdict: z.looseObject({ word: z.string(), reason: z.string(), evidence }),
    share: z.string(),
    pairs: pairs.exactOptional(),
  }),
  z.looseObject({
    kind: z.literal('end'),
    phase: z.string(),
    looks: z.int(),
    why: z.enum(['decided', 'lapsed', 'called-off']),
    word: z.string(),
  }),
]);

export type ReadLog =
  | { readonly lines: readonly LogLine[] }
  /** `number` counts from 1. */
  | { readonly number: number; readonly problem: string };

/** Reads a decision log; the first line that is none is said. Empty lines are not counted as lines of the log's own. */
export function readLog(text: string): ReadLog {
  const lines: LogLine[] = [];
  for (const [index, written] of text.split('\n').entries()) {
    if (written.trim() === '') continue;
    const value = jsonOf(written);
    if (value === undefined) return { number: index + 1, problem: 'this is not JSON; was the file cut off?' };
    const parsed = line.safeParse(value);
    if (!parsed.success) return { number: index + 1, problem: z.prettifyError(parsed.error) };
    // The words that a judge of another version may have said are told apart when they are compared.
    lines.push(parsed.data as unknown as LogLine);
  }
  return { lines };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
