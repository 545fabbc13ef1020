import { setTimeout as pause } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import type { Ports } from '../../activities/context.ts';
import type { Work } from '../../activities/ports/data-store.ts';
import { PortFailure } from '../../activities/ports/port-failure.ts';
import type { TrafficRouter } from '../../activities/ports/traffic-router.ts';
import type { RunResult } from '../../scorecards/run.ts';
import { eventually } from '../eventually.ts';
import type { Traffic } from '../fakes/memory-traffic.ts';
import { daysFrom, writeDays, writeServingLog } from './data.ts';
import { served } from './policies.ts';
import { createWorld } from './world.ts';

const AS_OF = '2001-01-10T06:00:00Z';
/** So many that evidence is complete at the first looks. */
const RATE = 50_000;

/** What a gate can hold up: the stages whose work goes through a port of their own; and the answer to a promotion. */
export type Gate = 'drift' | 'dataset' | 'scorecard' | 'promotion' | 'answer';

/** Holds up work until it is called off. */
export class Gates {
  readonly reached = new Set<Gate>();
  readonly #held = new Set<Gate>();

  hold(gate: Gate): void {
    this.#held.add(gate);
  }

  open(): void {
    this.#held.clear();
    this.reached.clear();
  }

  isHeld(gate: Gate): boolean {
    if (this.#held.has(gate)) this.reached.add(gate);
    return this.#held.has(gate);
  }

  async pass(gate: Gate, { signal }: Work): Promise<void> {
    if (!this.isHeld(gate)) return;
    signal.throwIfAborted();
    await new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error('called off')));
    });
  }
}

/** A model with servers behind a gateway that does not exist: one champion, traffic, and a mirror whose logs are written. */
export async function createServedWorld(model: string) {
  const gates = new Gates();
  const mirror = { pairs: 40, turned: 0, inputs: '{}' };
  /** How long a server needs until it is ready. */
  const startUp = { ms: 0 };
  const pointer: { readonly version: string; readonly atMs: number }[] = [];
  const world = await createWorld((ports) => ({
    ...ports,
    data: gated(mirrored(ports.data, mirror), gates),
    serving: {
      ...ports.serving,
      ensure: async (request) => {
        await pause(startUp.ms);
        return ports.serving.ensure(request);
      },
    },
    registry: {
      ...ports.registry,
      setAlias: async (name, alias, version) => {
        if (alias !== 'champion') return ports.registry.setAlias(name, alias, version);
        if (gates.isHeld('promotion')) throw new PortFailure('unavailable', 'the registry was told to be away');
        await ports.registry.setAlias(name, alias, version);
        pointer.push({ version, atMs: Date.now() });
        if (gates.isHeld('answer')) throw new PortFailure('timeout', 'the answer of the registry was lost');
      },
    },
  }));
  await writeDays(world.folder, daysFrom('2001-01-01', 10, 200));
  const apply = async (change: Parameters<typeof served>[2] = {}) => world.apply(served(model, world.folder, change));
  await apply();
  const start = async (kind: 'manual' | 'bootstrap' = 'manual') => world.newRun(model, AS_OF, kind);
  return {
    ...world,
    gates,
    mirror,
    startUp,
    pointer,
    change: apply,
    start,
    /** The first champion, with its server and its route. */
    bootstrap: async (): Promise<RunResult> => {
      const run = await start('bootstrap');
      await world.decide(run, 'bootstrap');
      return world.result(run);
    },
    /** A run that people have approved. */
    approved: async (): Promise<string> => {
      const run = await start();
      await world.decide(run, 'approve');
      return run;
    },
    arrive: async (traffic: Partial<Traffic> = {}) =>
      world.traffic.setTraffic(model, { requestsPerSecond: RATE, ...traffic }),
    /** Waits until the challenger has this share of live traffic. */
    untilWeight: async (percent: number) =>
      eventually(
        async () => world.router.current(model)?.challenger?.percent ?? 0,
        (now) => now === percent,
      ),
    /** Waits until people have heard more than so many notices. */
    untilTold: async (before: number) =>
      eventually(
        async () => world.notices.length,
        (now) => now > before,
      ),
    /**
     * Waits until this activity, and no other, is at work: the time-skipping server stalls when an activity is called off in
     * the moment of its end. `people` is the wait for their answer.
     */
    untilAtWork: async (workflow: string, activity: string) =>
      eventually(
        async () => atWork((await world.client.workflow.getHandle(workflow).fetchHistory()).events ?? []),
        (now) => now.length === 1 && now[0] === activity,
      ),
    /** What is left of a run that was not promoted must be this: one server, one route, no job, the old pointer. */
    remains: async () => ({
      champion: (await world.registry.aliases(model))['champion'],
      servers: world.serving.living(),
      jobs: world.training.names(),
      route: shares(world.router.current(model)),
    }),
  };
}

export type ServedWorld = Awaited<ReturnType<typeof createServedWorld>>;

/** Writes the logs that the mirror's servers would have written, when they are asked for the first time. */
function mirrored(
  data: Ports['data'],
  mirror: { readonly pairs: number; readonly turned: number; readonly inputs: string },
): Ports['data'] {
  const written = new Set<string>();
  return {
    ...data,
    pairs: async (request, work) => {
      const { championLog, challengerLog, span } = request;
      const answers = { at: new Date(Date.parse(span.from) + 1), count: mirror.pairs, inputs: mirror.inputs };
      if (!written.has(span.from)) {
        written.add(span.from);
        await writeServingLog({ ...answers, log: championLog });
        await writeServingLog({ ...answers, log: challengerLog, turned: mirror.turned });
      }
      return data.pairs(request, work);
    },
  };
}

function gated(data: Ports['data'], gates: Gates): Ports['data'] {
  return {
    ...data,
    facts: async (day, columns, work) => {
      await gates.pass('drift', work);
      return data.facts(day, columns, work);
    },
    snapshot: async (request, work) => {
      await gates.pass('dataset', work);
      return data.snapshot(request, work);
    },
    measure: async (request, work) => {
      await gates.pass('scorecard', work);
      return data.measure(request, work);
    },
  };
}

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
type HistoryEvent = NonNullable<History['events']>[number];

function atWork(events: readonly HistoryEvent[]): string[] {
  const over = new Set(events.map(endedEvent));
  return events.filter((event) => !over.has(String(event.eventId))).flatMap(startedWork);
}

function startedWork(event: HistoryEvent): string[] {
  const activity = event.activityTaskScheduledEventAttributes?.activityType?.name;
  if (activity) return [activity];
  const summary = Buffer.from(event.userMetadata?.summary?.data ?? '');
  return event.timerStartedEventAttributes && summary.includes('approval window') ? ['people'] : [];
}

/** The event whose work this one ends. */
function endedEvent(event: HistoryEvent): string {
  const activity = event.activityTaskCompletedEventAttributes ?? event.activityTaskFailedEventAttributes;
  const timer = event.timerCanceledEventAttributes ?? event.timerFiredEventAttributes;
  return String(activity?.scheduledEventId ?? timer?.startedEventId);
}

function shares(route: Awaited<ReturnType<TrafficRouter['read']>>): Record<string, number> {
  if (!route) return {};
  const challenger = route.challenger?.percent ?? 0;
  return {
    [route.champion.version]: 100 - challenger,
    ...(route.challenger ? { [route.challenger.version]: challenger } : {}),
    ...(route.shadow ? { [`mirror of ${route.shadow.version}`]: route.shadow.percent } : {}),
  };
}
