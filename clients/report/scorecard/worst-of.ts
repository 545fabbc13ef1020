import type { HeldBound } from '../../../scorecards/candidate/bounds.ts';
import type { CandidateFinding } from '../../../scorecards/candidate/verdict.ts';

const RANK: Readonly<Record<CandidateFinding['judged'], number>> = { fail: 0, missing: 1, inconclusive: 2, pass: 3 };

/** Worst first: by the verdict, then by how far the estimate lies beyond its bound; equals keep their order. */
export function worstFirst(findings: readonly CandidateFinding[]): readonly CandidateFinding[] {
  const excess = new Map(findings.map((finding) => [finding, excessOf(finding)]));
  return findings.toSorted((a, b) => RANK[a.judged] - RANK[b.judged] || (excess.get(b) ?? 0) - (excess.get(a) ?? 0));
}

/** The bound that is nearest to being violated, or furthest beyond; undefined where none was held. */
export function decidingBound({ bounds = [] }: CandidateFinding): HeldBound | undefined {
  return bounds.toSorted((a, b) => beyond(b) - beyond(a))[0];
}

/** How far beyond the limit, in half-widths of the interval: below 0 it holds. Without a bound, as if it held well. */
export function excessOf(finding: CandidateFinding): number {
  const bound = decidingBound(finding);
  return bound === undefined ? -1e12 : beyond(bound);
}

function beyond({ direction, found, limit }: HeldBound): number {
  const gap = direction === 'atLeast' ? limit - found.value : found.value - limit;
  const halfWidth = Math.max((found.high - found.low) / 2, Math.abs(limit) * 1e-3, 1e-12);
  return gap / halfWidth;
}
