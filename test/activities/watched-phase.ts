import { ActivityCancellationDetails } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { decisionLogOf } from '../../activities/decision-log.ts';
import type { PhaseOrder } from '../../activities/phase-order.ts';
import type { PhaseResult } from '../../activities/phase.ts';
import type { EvidenceStore } from '../../activities/ports/evidence-store.ts';
import type { Scrape } from '../../activities/ports/traffic-evidence.ts';
import { createRollout } from '../../activities/rollout.ts';
import type { LogLine } from '../../scorecards/canary/decision-log.ts';
import { readLog } from '../../scorecards/canary/read-log.ts';
import type { RunContext } from '../../scorecards/run.ts';
import { createMemoryNotifier } from '../fakes/memory-notifier.ts';
import { createMemoryRouter } from '../fakes/memory-router.ts';
import { createMemoryTraffic } from '../fakes/memory-traffic.ts';
import type { Traffic } from '../fakes/memory-traffic.ts';
import { STEP } from '../scorecards/canary/phases.ts';

export const RUN = 'retrain/churn/1';
const ROUTE = 'churn';
const LOOK_MS = 5000;

export interface Attempt {
  /** What the worker before is known to have beaten. */
  readonly heartbeat?: unknown;
  /** The worker dies while it takes this look of the attempt. */
  readonly diesAtLook?: number;
  /** A person calls the watch off while it takes this look of the attempt. */
  readonly calledOffAtLook?: number;
  readonly scheduledAt?: number;
  readonly order?: Partial<PhaseOrder>;
}

export interface Attempted {
  readonly result: PhaseResult | undefined;
  readonly error: unknown;
  readonly heartbeats: readonly unknown[];
  /** Scrapes that were asked for. */
  readonly scrapes: number;
}

/** A step of 5 % on a gateway in memory, five seconds of traffic a look, without waiting for them. */
export async function watchedPhase(evidence: EvidenceStore, traffic: Traffic) {
  let now = Date.now();
  const router = createMemoryRouter({ now: () => now });
  const counters = createMemoryTraffic({ router, now: () => now });
  await router.apply({
    name: ROUTE,
    model: 'churn',
    champion: { version: '1', url: 'http://127.0.0.1:9001' },
    challenger: { version: '2', url: 'http://127.0.0.1:9002', percent: STEP.percent },
    writtenBy: RUN,
    reason: 'test',
    requestTimeoutMs: 1000,
  });
  await counters.setTraffic(ROUTE, traffic);
  const order: PhaseOrder = {
    context: { run: RUN, model: 'churn', generation: 1 } as unknown as RunContext,
    traffic: { gateway: 'traefik-file', route: ROUTE, ownership: 'dedicated' },
    phase: 'step-5',
    plan: { ...STEP, lookMs: 1 },
    lapseMs: 60_000,
  };

  /** One attempt of one worker at the watch. */
  async function attempt(how: Attempt = {}): Promise<Attempted> {
    let scrapes = 0;
    const heartbeats: unknown[] = [];
    const environment = new MockActivityEnvironment(
      { heartbeatDetails: how.heartbeat, scheduledTimestampMs: how.scheduledAt ?? 1_800_000_000_000 },
      { logger: new DefaultLogger('ERROR', () => undefined) },
    );
    environment.on('heartbeat', (details: unknown) => heartbeats.push(structuredClone(details)));
    const scrape = async (route: string): Promise<Scrape> => {
      scrapes += 1;
      if (scrapes === how.calledOffAtLook)
        environment.cancel('CANCELLED', new ActivityCancellationDetails({ cancelRequested: true }));
      if (scrapes === how.diesAtLook) throw new Error('the worker died');
      now += LOOK_MS;
      return counters.scrape(route);
    };
    const gateway = () => ({ router, evidence: { scrape } });
    const rollout = createRollout({ gateway, evidence, notifier: createMemoryNotifier() });
    let result: PhaseResult | undefined;
    let error: unknown;
    const run = async () => void (result = await rollout.watchPhase({ ...order, ...how.order }));
    await environment.run(run).catch((thrown: unknown) => void (error = thrown));
    return { result, error, heartbeats, scrapes };
  }

  return { attempt, counters, router };
}

/** The log of the run as a person would read it. */
export async function keptLog(evidence: EvidenceStore): Promise<readonly LogLine[]> {
  const read = readLog(await decisionLogOf(evidence, RUN));
  if ('lines' in read) return read.lines;
  throw new Error(`line ${read.number}: ${read.problem}`);
}

export const lookNumbers = (lines: readonly LogLine[]): number[] =>
  lines.flatMap((line) => (line.kind === 'look' ? [line.number] : []));

export const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
