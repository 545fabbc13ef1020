import { heartbeat } from '@temporalio/activity';
import type { EndLine, LogLine, PhaseLine } from '../scorecards/canary/decision-log.ts';
import { retellWatch } from '../scorecards/canary/replay-log.ts';
import type { CanaryVerdict } from '../scorecards/canary/verdict.ts';
import { openWatch } from '../scorecards/canary/watch.ts';
import type { Watch } from '../scorecards/canary/watch.ts';
import { inTime } from './decision-log.ts';
import type { DecisionLog } from './decision-log.ts';
import type { PhaseOrder } from './phase-order.ts';
import { PortFailure } from './ports/port-failure.ts';

/** What a heartbeat carries: another worker goes on from exactly here. */
export interface Pulse {
  /** Raised when the shape changes: the heartbeat of another version is not gone on from. */
  readonly version: 2;
  readonly phase: string;
  readonly watch: Watch;
  readonly lastGoodAt: number;
  /** Looks in the log already. */
  readonly saved: number;
  readonly unsaved: readonly LogLine[];
}

/** A watch that goes on, or one whose end stands in the log although nobody heard of it. */
export type Resumed = { readonly pulse: Pulse; readonly verdict?: CanaryVerdict; readonly end?: EndLine };

/** From the heartbeat; from the log where that goes on further; from the beginning where there is neither. */
export async function resumePulse(log: DecisionLog, order: PhaseOrder, details: unknown): Promise<Resumed> {
  const pulse = pulseOf(details, order.phase);
  if (!(await goesOn(log, pulse?.saved ?? 0))) return { pulse: pulse ?? begin(order) };
  const told = retellWatch(await log.lines(() => heartbeat(details)));
  if (!told) throw new PortFailure('evidence-corrupt', `the decision log of ${order.phase} cannot be judged again`);
  const { end, verdict, watch } = told;
  const { phase } = order;
  const lastGoodAt = told.lastGoodAt ?? told.opening.startedAt;
  return {
    pulse: { version: 2, phase, watch, lastGoodAt, saved: watch.number, unsaved: [] },
    ...(verdict ? { verdict } : {}),
    ...(end ? { end } : {}),
  };
}

/** A store that is away has nothing to say now; should it hold more, the next write finds out. */
async function goesOn(log: DecisionLog, looks: number): Promise<boolean> {
  try {
    return await inTime(async () => log.goesOnAfter(looks));
  } catch (error) {
    if (error instanceof PortFailure) return false;
    throw error;
  }
}

function pulseOf(details: unknown, phase: string): Pulse | undefined {
  if (typeof details !== 'object' || details === null || !('version' in details)) return undefined;
  const pulse = details as Pulse;
  return pulse.version === 2 && pulse.phase === phase ? pulse : undefined;
}

function begin(order: PhaseOrder): Pulse {
  const { context, holding = false, lapseMs, phase, plan } = order;
  const { model, run } = context;
  const startedAt = Date.now();
  const opening: PhaseLine = { kind: 'phase', schemaVersion: 1, run, model, phase, startedAt, plan, lapseMs, holding };
  return { version: 2, phase, watch: openWatch(plan, startedAt), lastGoodAt: startedAt, saved: 0, unsaved: [opening] };
}
