import path from 'node:path';
import type { Before } from './before.ts';
import type { KeptBound } from './bounds.ts';
import { readJson } from './kept.ts';
import type { ReplayedWeek } from './replay.ts';

export const PAGE_FILE = 'docs/flights-verdicts.md';
export const JSON_FILE = 'docs/flights-verdicts.json';

/** What the page is written from. */
export interface KeptVerdicts {
  readonly machine: string;
  /** What was offered to each server; null: latency was not measured. */
  readonly load: { readonly ratePerSecond: number; readonly seconds: number } | null;
  readonly bounds: readonly KeptBound[];
  readonly before: readonly Before[];
  readonly weeks: readonly ReplayedWeek[];
}

/** @throws Error when the replay has not been run in this checkout. */
export async function readKept(root: string): Promise<KeptVerdicts> {
  const known = await readJson(path.join(root, JSON_FILE));
  if (known === undefined) throw new Error(`${JSON_FILE} is not there; run: npm run flights:verdicts`);
  return known as KeptVerdicts;
}
