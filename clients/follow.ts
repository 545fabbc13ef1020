import { setTimeout as sleep } from 'node:timers/promises';
import type { RunSheet } from '../scorecards/run-sheet.ts';
import type { Session } from './connect.ts';
import { CliFailure, EXIT } from './failure.ts';
import { sheetOf } from './runs.ts';
import { talk } from './terminal.ts';
import type { Screen } from './terminal.ts';

export interface Following {
  readonly session: Session;
  readonly screen: Screen;
  readonly run: string;
  /** Called with every look; `true` ends the watching. */
  readonly onSheet: (sheet: RunSheet) => boolean;
  /** Milliseconds; for ever when absent. */
  readonly timeoutMs?: number;
}

const EVERY_MS = 500;

/**
 * Looks at a run until `onSheet` is content. A worker that is away for a while is waited for, once it has answered. Throws
 * CliFailure 10 when time is up and 130 on SIGINT; the run goes on in either case.
 */
export async function follow(following: Following): Promise<RunSheet> {
  const { session, screen, run, timeoutMs } = following;
  const until = timeoutMs === undefined ? Infinity : Date.now() + timeoutMs;
  const interrupt = new AbortController();
  const onSignal = () => interrupt.abort();
  process.once('SIGINT', onSignal);
  try {
    for (let known: RunSheet | undefined; ;) {
      const sheet = await look(session, screen, run, known);
      if (sheet !== undefined && following.onSheet(sheet)) return sheet;
      known = sheet ?? known;
      if (Date.now() >= until) throw timedOut(run, known);
      await sleep(Math.min(EVERY_MS, Math.max(1, until - Date.now())), undefined, { signal: interrupt.signal });
    }
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    throw new CliFailure(EXIT.interrupted, 'watching stopped; the run continues', `understudy status ${run}`);
  } finally {
    process.off('SIGINT', onSignal);
  }
}

/** A failed look is an error the first time; later it is only said. */
async function look(
  session: Session,
  screen: Screen,
  run: string,
  known: RunSheet | undefined,
): Promise<RunSheet | undefined> {
  try {
    return await sheetOf(session, run);
  } catch (error) {
    if (known === undefined || !(error instanceof CliFailure) || error.exitCode !== EXIT.unavailable) throw error;
    talk(screen, `${error.message}; still watching`);
    return undefined;
  }
}

function timedOut(run: string, sheet: RunSheet | undefined): CliFailure {
  const stage = sheet === undefined ? '' : ` in stage ${sheet.stage}`;
  return new CliFailure(EXIT.timedOut, `time is up; the run continues${stage}`, `understudy status ${run} --watch`);
}
