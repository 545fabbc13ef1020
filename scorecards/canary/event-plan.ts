import type { CanaryPlan, Comparison, EventKind, EventPlan } from './verdict.ts';

/** An event as somebody asks for it; what is absent follows from its kind and from how errors are judged. */
export interface EventOrder extends Partial<
  Pick<
    EventPlan,
    'compared' | 'decides' | 'gates' | 'floor' | 'safeRate' | 'slices' | 'thresholds' | 'frozenRate' | 'lambda'
  >
> {
  readonly name: string;
  readonly kind: EventKind;
}

interface Kind {
  readonly compared: Comparison;
  readonly gates: boolean;
  /** No service may have more of it than of errors. What may be common in a healthy service has no ceiling. */
  readonly hasCeiling: boolean;
}

const KINDS: Readonly<Record<EventKind, Kind>> = {
  errors: { compared: 'arms', gates: true, hasCeiling: true },
  timeouts: { compared: 'arms', gates: true, hasCeiling: true },
  slow: { compared: 'arms', gates: true, hasCeiling: false },
  malformed: { compared: 'arms', gates: true, hasCeiling: true },
  // Its floor is the agreed share: both models together make a disagreement.
  disagreement: { compared: 'alone', gates: true, hasCeiling: false },
  // Labels come when they come; no step waits for them.
  'wrong-label': { compared: 'arms', gates: false, hasCeiling: false },
  guardrail: { compared: 'arms', gates: true, hasCeiling: false },
};

/** Names that reasons use for something else. */
const RESERVED = ['errors', 'release-budget'];

/**
 * The plan with further events. Errors keep half of the phase's alpha, the other deciding events share the rest equally; an event
 * with slices gives half of its part to them. Shown events spend nothing and are held against an equal part. Throws a RangeError
 * when two events have one name.
 */
export function withEvents(plan: CanaryPlan, orders: readonly EventOrder[]): CanaryPlan {
  if (orders.length === 0) return plan;
  const taken = orders
    .map(({ name }) => name)
    .find((name, at, all) => RESERVED.includes(name) || all.indexOf(name) !== at);
  if (taken !== undefined) throw new RangeError(`event "${taken}" cannot be added: each event needs a name of its own`);
  const deciding = orders.filter(({ decides }) => decides !== false).length;
  const part = plan.alpha / 2 / Math.max(1, deciding);
  const events = orders.map((order) => eventOf(plan, order, part));
  return { ...plan, alpha: deciding === 0 ? plan.alpha : plan.alpha / 2, events };
}

/** The event as a phase of its own: the same time and traffic, and its own bounds. */
export function planOfEvent(plan: CanaryPlan, event: EventPlan): CanaryPlan {
  const { mode, percent, lookMs, atLeastMs, atMostMs, restartLooks } = plan;
  const restart = restartLooks === undefined ? {} : { restartLooks };
  return { mode, percent, lookMs, atLeastMs, atMostMs, ...restart, ...event };
}

function eventOf(plan: CanaryPlan, order: EventOrder, part: number): EventPlan {
  const kind = KINDS[order.kind];
  const floor = order.floor ?? plan.floor;
  const isSliced = order.slices !== undefined && order.slices.length > 0;
  return {
    harmRatio: order.compared === 'pairs' ? 1 : plan.harmRatio,
    beta: plan.beta,
    ceiling: kind.hasCeiling ? plan.ceiling : 1,
    safeRatio: plan.safeRatio,
    minBadEvents: plan.minBadEvents,
    decides: true,
    gates: kind.gates,
    compared: kind.compared,
    // What is safe is twice what nobody would notice, as with errors; but an agreed share is safe itself.
    safeRate: kind.compared === 'alone' ? floor : Math.min(1, 2 * floor),
    ...order,
    floor,
    alpha: isSliced ? part / 2 : part,
    ...(isSliced ? { sliceAlpha: part / 2 } : {}),
  };
}
