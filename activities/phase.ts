import { activityInfo, cancellationDetails, cancellationSignal, heartbeat, sleep } from '@temporalio/activity';
import type { EndLine, JudgedPairs, LookLine } from '../scorecards/canary/decision-log.ts';
import { isHarm } from '../scorecards/canary/judge.ts';
import type { CanaryState } from '../scorecards/canary/judge.ts';
import { endWord } from '../scorecards/canary/replay-log.ts';
import { judgeShare } from '../scorecards/canary/share-test.ts';
import type { ShareVerdict } from '../scorecards/canary/share-test.ts';
import type { CanaryVerdict } from '../scorecards/canary/verdict.ts';
import { lookOnce, readingOf, whileForeign } from '../scorecards/canary/watch.ts';
import type { Reading, Watch } from '../scorecards/canary/watch.ts';
import type { Ports } from './context.ts';
import { inTime, keepRecord, looksIn, openDecisionLog } from './decision-log.ts';
import type { DecisionLog } from './decision-log.ts';
import { foreignShare } from './foreign-share.ts';
import type { PhaseOrder } from './phase-order.ts';
import { resumePulse } from './phase-pulse.ts';
import type { Pulse } from './phase-pulse.ts';
import { PortFailure } from './ports/port-failure.ts';

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

/** Lines are kept in the evidence store in chunks; a crash loses none because the heartbeat carries the unsaved ones. */
const CHUNK = 12;
/** So many looks may wait for a store that is away before the watch fails for it; the heartbeat carries them meanwhile. */
const MOST_UNSAVED = 240;

/** Half of the silence after which a worker counts as dead, so that a slow look fits in as well. */
const BEAT_MS = 5000;

/** What is to happen after a look. */
export interface Decision {
  readonly over: boolean;
  /** For the log: the pairs that a shadow has so far. */
  readonly pairs?: JudgedPairs;
}

/**
 * Looks at both arms every `lookMs` until `decide` says that it is over, judging all looks together. The statistics live in
 * the heartbeat, so a worker that dies does not cost the evidence; every look is one line of the decision log.
 */
export async function followPhase(
  ports: Pick<Ports, 'gateway' | 'evidence'>,
  order: PhaseOrder,
  decide: (seen: Seen) => Promise<Decision>,
): Promise<PhaseResult> {
  const { context, phase } = order;
  const scheduledAt = activityInfo().scheduledTimestampMs;
  const log = openDecisionLog(ports.evidence, { run: context.run, phase, scheduledAt });
  const { end, verdict, ...resumed } = await resumePulse(log, order, activityInfo().heartbeatDetails);
  let { pulse } = resumed;
  if (end && verdict) return endedBefore(order, { pulse, verdict }, decide);
  try {
    for (;;) {
      const taken = await takeLook(ports, order, pulse, decide);
      pulse = await keepLines(log, pulse, taken);
      heartbeat(pulse);
      if (taken.end) return resultOf(taken.seen);
      await untilNextLook(order.plan.lookMs, pulse);
    }
  } catch (error) {
    if (cancellationDetails()?.cancelRequested === true) await callOff(log, order, pulse);
    throw error;
  }
}

/** A look that comes seldom must not pass for a dead worker. */
async function untilNextLook(lookMs: number, pulse: Pulse): Promise<void> {
  let left = lookMs;
  for (; left > BEAT_MS; left -= BEAT_MS) {
    await sleep(BEAT_MS);
    heartbeat(pulse);
  }
  await sleep(left);
}

/** Everything known after a look. */
export interface Seen {
  readonly state: CanaryState;
  readonly verdict: CanaryVerdict;
  /** Whether the gateway serves the weight that was asked for. */
  readonly share: ShareVerdict;
  readonly now: number;
}

interface Taken {
  readonly seen: Seen;
  readonly pulse: Omit<Pulse, 'saved' | 'unsaved'>;
  readonly line: LookLine;
  readonly end?: EndLine;
}

async function takeLook(
  ports: Pick<Ports, 'gateway'>,
  order: PhaseOrder,
  before: Pulse,
  decide: (seen: Seen) => Promise<Decision>,
): Promise<Taken> {
  const { phase, plan } = order;
  const reading = await readGateway(ports, order);
  const { look, share, watch, ...judged } = lookOnce(plan, before.watch, reading);
  const foreign = await foreignTo(ports, order, judged.verdict);
  const verdict = whileForeign(judged.verdict, foreign);
  const lastGoodAt = look.kind === 'counts' ? look.at : before.lastGoodAt;
  const seen = { state: watch.state, verdict, share, now: Date.now() };
  const lapsed = verdict.word === 'dark' && seen.now - lastGoodAt >= order.lapseMs;
  const { over, pairs } = lapsed ? { over: true } : await decide(seen);
  const line: LookLine = {
    kind: 'look',
    phase,
    number: watch.number,
    reading,
    look,
    ...(foreign === undefined ? {} : { foreign }),
    verdict,
    share: share.word,
    ...(pairs ? { pairs } : {}),
  };
  const end = over ? endOf(order, { watch, verdict }, lapsed ? 'lapsed' : 'decided') : undefined;
  return { seen, pulse: { version: 2, phase, watch, lastGoodAt }, line, ...(end ? { end } : {}) };
}

function endOf(
  { phase, plan }: PhaseOrder,
  last: { readonly watch: Watch; readonly verdict?: CanaryVerdict },
  why: EndLine['why'],
): EndLine {
  return { kind: 'end', phase, looks: last.watch.number, why, word: endWord(plan, last, why) };
}

/** Somebody else's weights are not fought: the rollout is held. */
async function foreignTo(
  ports: Pick<Ports, 'gateway'>,
  { holding = false, plan, traffic }: PhaseOrder,
  verdict: CanaryVerdict,
): Promise<string | undefined> {
  if (holding || plan.mode === 'shadow' || isHarm(verdict)) return undefined;
  return foreignShare(ports.gateway(traffic).router, traffic.route, plan.percent);
}

async function readGateway(ports: Pick<Ports, 'gateway'>, { traffic }: PhaseOrder): Promise<Reading> {
  try {
    return readingOf(await ports.gateway(traffic).evidence.scrape(traffic.route), Date.now());
  } catch (error) {
    cancellationSignal().throwIfAborted();
    if (!(error instanceof PortFailure)) throw error;
    // Missing evidence is a look of its own; it is never zero and never a pass.
    return { kind: 'gap', at: Date.now(), why: error.message.slice(0, 200) };
  }
}

/** The log before the heartbeat: what the store holds beyond a heartbeat is found by the next attempt, and nothing twice. */
async function keepLines(log: DecisionLog, before: Pulse, { end, line, pulse, seen }: Taken): Promise<Pulse> {
  const unsaved = [...before.unsaved, line, ...(end ? [end] : [])];
  const waiting = { ...pulse, saved: before.saved, unsaved };
  if (!end && looksIn(unsaved) % CHUNK > 0) return waiting;
  const append = async () => log.append(before.saved, unsaved);
  try {
    if (end) await keepRecord(isHarm(seen.verdict) || end.why === 'lapsed', unsaved, append);
    else await inTime(append);
  } catch (error) {
    const isAway = error instanceof PortFailure && error.code !== 'conflict';
    if (end || !isAway || looksIn(unsaved) >= MOST_UNSAVED) throw error;
    return waiting;
  }
  return { ...pulse, saved: before.saved + looksIn(unsaved), unsaved: [] };
}

/** No cancellation waits for the store. */
async function callOff(log: DecisionLog, order: PhaseOrder, { saved, unsaved, watch }: Pulse): Promise<void> {
  const lines = [...unsaved, endOf(order, { watch }, 'called-off')];
  await keepRecord(true, lines, async () => log.append(saved, lines));
}

/** The answer of an attempt that nobody heard: the same again, without another look. */
async function endedBefore(
  { plan }: PhaseOrder,
  { pulse, verdict }: { readonly pulse: Pulse; readonly verdict: CanaryVerdict },
  decide: (seen: Seen) => Promise<Decision>,
): Promise<PhaseResult> {
  const { share, state } = pulse.watch;
  const seen = { state, verdict, share: judgeShare(plan.percent, share), now: Date.now() };
  await decide(seen);
  return resultOf(seen);
}

function resultOf({ state, verdict, share }: Seen): PhaseResult {
  const { champion, challenger, looks } = state;
  return { ...verdict, share: share.word, champion, challenger, looks, endedAt: new Date().toISOString() };
}
