import { activityInfo, cancellationSignal, heartbeat, sleep } from '@temporalio/activity';
import { lookFrom, openCounters } from '../scorecards/canary/counters.ts';
import type { CounterMemory } from '../scorecards/canary/counters.ts';
import { isHarm, openPhase, takeLook } from '../scorecards/canary/judge.ts';
import type { CanaryState } from '../scorecards/canary/judge.ts';
import { countShare, judgeShare, openShareTally } from '../scorecards/canary/share-test.ts';
import type { ShareTally, ShareVerdict } from '../scorecards/canary/share-test.ts';
import type { CanaryPlan, CanaryVerdict, Look } from '../scorecards/canary/verdict.ts';
import type { RunContext } from '../scorecards/run.ts';
import { putJson } from './context.ts';
import type { Ports } from './context.ts';
import type { TrafficTarget } from './ports/gateway.ts';
import { foreignShare } from './foreign-share.ts';
import { PortFailure } from './ports/port-failure.ts';

export interface PhaseOrder {
  readonly context: RunContext;
  readonly traffic: TrafficTarget;
  /** Names the phase in the decision log: `shadow`, `step-5`, `soak`. */
  readonly phase: string;
  readonly plan: CanaryPlan;
  /** How long a phase may be dark before its traffic must go back, milliseconds. */
  readonly lapseMs: number;
  /** A person was asked: only harm, darkness and the end of the step end the watch. */
  readonly holding?: boolean;
}

export interface PhaseResult {
  readonly word: CanaryVerdict['word'];
  readonly reason: string;
  readonly evidence: CanaryVerdict['evidence'];
  readonly share: ShareVerdict['word'];
  readonly champion: { readonly requests: number; readonly bad: number };
  readonly challenger: { readonly requests: number; readonly bad: number };
  readonly looks: number;
  readonly endedAt: string;
}

/** One line of the decision log. */
interface LookLine {
  readonly phase: string;
  readonly number: number;
  readonly look: Look;
  readonly verdict: CanaryVerdict;
}

/** What a heartbeat carries: another worker goes on from exactly here. */
interface Pulse {
  readonly state: CanaryState;
  readonly share: ShareTally;
  readonly counters: CounterMemory;
  readonly lastGoodAt: number;
  readonly number: number;
  readonly unsaved: readonly LookLine[];
}

/** Lines are kept in the evidence store in chunks; a crash loses none because the heartbeat carries the unsaved ones. */
const CHUNK = 12;

/**
 * Looks at both arms every `lookMs` until `isOver` says so, judging all looks together. The statistics live in the heartbeat,
 * so a worker that dies does not cost the evidence.
 */
export async function followPhase(
  ports: Pick<Ports, 'gateway' | 'evidence'>,
  order: PhaseOrder,
  isOver: (seen: Seen) => Promise<boolean>,
): Promise<PhaseResult> {
  let pulse = resumed(order) ?? begin(order);
  for (;;) {
    const { look, counters } = await takeScrape(ports, order, pulse);
    const judged = takeLook(order.plan, pulse.state, look);
    const { state } = judged;
    const verdict = await unlessForeign(ports, order, judged.verdict);
    const number = pulse.number + 1;
    const lastGoodAt = look.kind === 'counts' ? look.at : pulse.lastGoodAt;
    const share = countShare(pulse.share, order.plan.percent, look);
    const unsaved = await saveWhenFull(ports, order, [...pulse.unsaved, { phase: order.phase, number, look, verdict }]);
    pulse = { state, share, counters, lastGoodAt, number, unsaved };
    heartbeat(pulse);
    const lapsed = verdict.word === 'dark' && Date.now() - lastGoodAt >= order.lapseMs;
    const seen = { state, verdict, share: judgeShare(order.plan.percent, share), now: Date.now() };
    if (lapsed || (await isOver(seen))) {
      await save(ports, order, unsaved);
      return resultOf(seen);
    }
    await sleep(order.plan.lookMs);
  }
}

/** Somebody else's weights are not fought: the rollout is held. Harm is harm whoever set the weights. */
async function unlessForeign(
  ports: Pick<Ports, 'gateway'>,
  { holding = false, plan, traffic }: PhaseOrder,
  verdict: CanaryVerdict,
): Promise<CanaryVerdict> {
  if (holding || plan.mode === 'shadow' || isHarm(verdict)) return verdict;
  const reason = await foreignShare(ports.gateway(traffic).router, traffic.route, plan.percent);
  return reason === undefined ? verdict : { ...verdict, word: 'freeze', reason };
}

/** Everything known after a look. */
export interface Seen {
  readonly state: CanaryState;
  readonly verdict: CanaryVerdict;
  /** Whether the gateway serves the weight that was asked for. */
  readonly share: ShareVerdict;
  readonly now: number;
}

function begin(order: PhaseOrder): Pulse {
  const now = Date.now();
  return {
    state: openPhase(order.plan, now),
    share: openShareTally(),
    counters: openCounters(),
    lastGoodAt: now,
    number: 0,
    unsaved: [],
  };
}

function resumed(order: PhaseOrder): Pulse | undefined {
  const details: unknown = activityInfo().heartbeatDetails;
  if (typeof details !== 'object' || details === null || !('state' in details)) return undefined;
  const pulse = details as Pulse;
  return pulse.unsaved.every((line) => line.phase === order.phase) ? pulse : undefined;
}

async function takeScrape(
  ports: Pick<Ports, 'gateway'>,
  order: PhaseOrder,
  { counters, number }: Pick<Pulse, 'counters' | 'number'>,
): Promise<{ look: Look; counters: CounterMemory }> {
  try {
    const scraped = await ports.gateway(order.traffic).evidence.scrape(order.traffic.route);
    const { look, memory } = lookFrom(counters, scraped, {
      mode: order.plan.mode,
      percent: order.plan.percent,
      weightChanged: number === 0,
    });
    return { look, counters: memory };
  } catch (error) {
    cancellationSignal().throwIfAborted();
    if (!(error instanceof PortFailure)) throw error;
    // Missing evidence is a look of its own; it is never zero and never a pass.
    return { look: { kind: 'missed', at: Date.now(), why: error.message.slice(0, 200) }, counters };
  }
}

async function saveWhenFull(
  ports: Pick<Ports, 'evidence'>,
  order: PhaseOrder,
  lines: readonly LookLine[],
): Promise<readonly LookLine[]> {
  if (lines.length < CHUNK) return lines;
  await save(ports, order, lines);
  return [];
}

async function save(ports: Pick<Ports, 'evidence'>, order: PhaseOrder, lines: readonly LookLine[]): Promise<void> {
  const [first] = lines;
  if (!first) return;
  const key = `runs/${order.context.run}/looks/${order.phase}-${String(first.number).padStart(6, '0')}`;
  await ports.evidence.remember(key, await putJson(ports.evidence, lines));
}

function resultOf({ state, verdict, share }: Seen): PhaseResult {
  const { champion, challenger, looks } = state;
  return { ...verdict, share: share.word, champion, challenger, looks, endedAt: new Date().toISOString() };
}
