import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../error-code.ts';
import type { Book } from './book.ts';
import { lastLines, launch, type Launched } from './launch.ts';
import type { Part } from './parts.ts';
import { endGroup } from './processes.ts';

/** A part that dies more often than `mostRestarts` within the window is given up. Each pause is twice the one before. */
const patience = { mostRestarts: 5, windowMs: 600_000, firstPauseMs: 250 };

export interface Keeping {
  readonly part: Part;
  readonly book: Book;
  /** Settles when what this part needs is ready. */
  readonly prerequisites: Promise<unknown>;
  readonly cwd: string;
  /** Aborted before `end` is called. */
  readonly stop: AbortSignal;
  /** Told of each death. */
  readonly say: (sentence: string) => void;
  readonly patience?: typeof patience;
}

export interface Kept {
  /** Settles when the part is ready for the first time; rejects when it could not be started. */
  readonly ready: Promise<void>;
  /** Ends the part, whatever it is doing. */
  end(): Promise<void>;
}

/** Starts a part and starts it again when it dies, with growing pauses, until it is ended or dies too often. */
export function keepRunning(keeping: Keeping): Kept {
  let current: Launched | undefined;
  const begin = async () =>
    start(keeping, (launched) => {
      current = launched;
    });
  const first = keeping.prerequisites.then(begin);
  const whole = first.then(async (launched) => restartWhenDead(keeping, launched, begin)).catch(() => undefined);
  return {
    ready: first.then(() => undefined),
    async end() {
      if (current !== undefined) await endGroup(current.identity, keeping.part.graceMs);
      await whole;
    },
  };
}

/** Returns when the part is ready. When that fails, nothing of it is left running. */
async function start(keeping: Keeping, track: (launched: Launched) => void): Promise<Launched> {
  const { part, book, stop } = keeping;
  stop.throwIfAborted();
  let launched: Launched | undefined;
  try {
    launched = await launch(part.program, part.log, keeping.cwd);
    track(launched);
    book.part(part.name, launched.identity);
    await part.ready({ signal: stop, givenUp: whenEnded(launched) });
    stop.throwIfAborted();
  } catch (cause) {
    if (launched !== undefined) await endGroup(launched.identity, part.graceMs);
    const said = await lastLines(part.log, 12);
    throw new Error(`${part.name} did not start: ${messageOf(cause)}\n${said}\n(its log: ${part.log})`, { cause });
  }
  book.part(part.name, { phase: 'ready', reason: undefined });
  return launched;
}

function whenEnded({ exited }: Launched): () => string | undefined {
  let reason: string | undefined;
  void exited.then((how) => {
    reason = `it ended with ${how}`;
  });
  return () => reason;
}

async function restartWhenDead(keeping: Keeping, first: Launched, begin: () => Promise<Launched>): Promise<void> {
  const { part, book, stop } = keeping;
  const { mostRestarts, windowMs, firstPauseMs } = keeping.patience ?? patience;
  const deaths: number[] = [];
  let running = first;
  let how = await first.exited;
  for (let restarts = 1; !stop.aborted; restarts += 1) {
    deaths.push(Date.now());
    const recent = deaths.filter((at) => at > Date.now() - windowMs).length;
    // Children that outlived it still hold its ports.
    await endGroup(running.identity, part.graceMs);
    if (recent > mostRestarts)
      return book.part(part.name, { phase: 'failed', reason: `it died ${recent} times: ${how}` });
    book.part(part.name, { phase: 'restarting', reason: how, restarts });
    keeping.say(`${part.name} died (${how}); it is started again`);
    await sleep(firstPauseMs * 2 ** (recent - 1), undefined, { signal: stop });
    try {
      running = await begin();
      how = await running.exited;
    } catch (cause) {
      how = messageOf(cause);
    }
  }
}
