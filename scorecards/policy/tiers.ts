import type { Policy } from './schema.ts';

export type Tier = Policy['spec']['tier'];

export interface TierPreset {
  readonly p50: number;
  readonly p95: number;
  readonly availability: number;
  /** From a breach to "the champion alone answers", in milliseconds. */
  readonly rollbackWithinMs: number;
  /** From a page to a person; drives the escalation timer. */
  readonly respondWithinMs: number;
}

const [MINUTE, HOUR] = [60_000, 3_600_000];

/** The presets of requirements 2.1 (N8). A policy may be stricter, never looser without an override. */
export const TIER_PRESETS: Readonly<Record<Tier, TierPreset>> = {
  standard: {
    p50: 400,
    p95: 1200,
    availability: 0.995,
    rollbackWithinMs: 30 * MINUTE,
    respondWithinMs: 24 * HOUR,
  },
  enhanced: { p50: 180, p95: 450, availability: 0.999, rollbackWithinMs: 5 * MINUTE, respondWithinMs: 4 * HOUR },
  'mission-critical': {
    p50: 80,
    p95: 200,
    availability: 0.9995,
    rollbackWithinMs: MINUTE,
    respondWithinMs: 15 * MINUTE,
  },
};

/** The guardian looks this often, and a gateway takes this long at most to follow a write. */
export const GUARD_TICK_MS = 5000;
export const PROPAGATION_MS = 5000;

/** Longest time a bad challenger can keep its traffic when nothing of ours is alive: lease + guard tick + propagation. */
export function worstCaseExposureMs(leaseMs: number): number {
  return leaseMs + GUARD_TICK_MS + PROPAGATION_MS;
}
