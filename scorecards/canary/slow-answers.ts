import { bucketsBetween } from './latency.ts';
import type { ArmCounters, ArmName, Scrape } from './scrape.ts';
import type { ArmDelta, EventCounts } from './verdict.ts';

/** The gateway gave up waiting, or the client did: slower than any bound. */
const NEVER_ANSWERED: readonly number[] = [499, 504];
const QUANTILES = [0.5, 0.9, 0.99];
/** An edge further from the objective than this factor measures something else. */
const NEAR_ENOUGH = 1.5;

/**
 * Bounds in seconds, as the histogram writes them, beyond which an answer is slow: first the edge nearest the objective (without
 * one, nearest the champion's p99), then those nearest the champion's p50, p90 and p99, each once. From the champion's cumulative
 * buckets before the phase, and frozen with it. Empty without buckets or answers.
 */
export function freezeThresholds(champion: ArmCounters['buckets'], objectiveSeconds?: number): string[] {
  const edges = Object.keys(champion).filter((edge) => edge !== '+Inf' && Number(edge) > 0);
  const answers = champion['+Inf'] ?? Math.max(0, ...Object.values(champion));
  if (edges.length === 0 || answers === 0) return [];
  const sorted = edges.toSorted((one, other) => Number(one) - Number(other));
  const quantile = (q: number) => sorted.find((edge) => (champion[edge] ?? 0) >= q * answers) ?? sorted.at(-1) ?? '';
  const quantiles = QUANTILES.map(quantile);
  const decisive = objectiveSeconds === undefined ? quantiles.at(-1) : nearestEdge(sorted, objectiveSeconds);
  return [...new Set([decisive ?? '', ...quantiles])];
}

/** The edge that measures an objective, in seconds; undefined when none lies within a factor of 1.5. */
export function edgeFor(edges: readonly string[], objectiveSeconds: number): string | undefined {
  const finite = edges.filter((edge) => edge !== '+Inf' && Number(edge) > 0);
  const nearest = nearestEdge(finite, objectiveSeconds);
  if (nearest === undefined) return undefined;
  const factor = Number(nearest) / objectiveSeconds;
  return factor <= NEAR_ENOUGH && factor >= 1 / NEAR_ENOUGH ? nearest : undefined;
}

/**
 * The answers of both arms slower than each threshold between two scrapes; the first threshold is the event's own. Of answers below
 * 500 by the histogram, whose buckets hold no others, and of those that never came (499, 504); other errors are not slow but wrong.
 * Undefined, which is a gap, when an arm's buckets changed or fell, or a threshold is no edge of them.
 */
export function slowAnswers(
  scrapes: { readonly previous: Scrape; readonly next: Scrape },
  thresholds: readonly string[],
  judged: ArmName = 'challenger',
): EventCounts | undefined {
  const champion = ofArm(scrapes, 'champion', thresholds);
  const challenger = ofArm(scrapes, judged, thresholds);
  const both = thresholds.map((edge) => [edge, champion?.[edge], challenger?.[edge]] as const);
  const [own, ...further] = both.flatMap(([edge, one, other]) =>
    one === undefined || other === undefined ? [] : [[edge, { champion: one, challenger: other }] as const],
  );
  if (own === undefined || further.length + 1 < thresholds.length) return undefined;
  return { ...own[1], thresholds: Object.fromEntries(further) };
}

function ofArm(
  scrapes: { readonly previous: Scrape; readonly next: Scrape },
  arm: ArmName,
  thresholds: readonly string[],
): Record<string, ArmDelta> | undefined {
  const between = bucketsBetween(scrapes, arm);
  if (between === undefined) return undefined;
  const { buckets, origin } = between;
  const answered = buckets['+Inf'] ?? 0;
  const never = neverAnswered(scrapes.next.arms[arm]) - neverAnswered(origin.arms[arm]);
  const counted = thresholds.map((edge) => {
    // An arm that answered nothing yet has no series, and so no edges.
    const fast = answered === 0 ? 0 : buckets[edge];
    return fast === undefined ? [] : [[edge, { requests: answered + never, bad: answered - fast + never }] as const];
  });
  return Object.fromEntries(counted.flat());
}

function neverAnswered({ requests }: ArmCounters): number {
  const ended = Object.values(requests).filter(({ code }) => NEVER_ANSWERED.includes(code));
  return ended.reduce((sum, { count }) => sum + count, 0);
}

function nearestEdge(edges: readonly string[], seconds: number): string | undefined {
  const distance = (edge: string) => Math.abs(Math.log(Number(edge) / seconds));
  return edges.toSorted((one, other) => distance(one) - distance(other))[0];
}
