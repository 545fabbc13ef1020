import type { Work } from '../../activities/ports/data-store.ts';
import { CliFailure, EXIT } from '../failure.ts';
import { cutTo } from '../table.ts';
import type { Screen } from '../terminal.ts';

const REDRAW_MS = 200;
/** Off a terminal lines stay: one now and then says that work goes on. */
const SAY_MS = 10_000;

/**
 * Long work that says how far it is on stderr and that Ctrl-C stops: `signal` aborts and, whatever the work threw then, the
 * command ends with 130 and says `stopped`.
 */
export async function interruptible<T>(
  screen: Screen,
  stopped: { readonly message: string; readonly next: string },
  run: (work: Work) => Promise<T>,
): Promise<T> {
  const interrupt = new AbortController();
  const onSignal = () => interrupt.abort();
  const shown = progressOn(screen);
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    return await run({ signal: interrupt.signal, progress: shown.report });
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    throw new CliFailure(EXIT.interrupted, stopped.message, stopped.next);
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    shown.clear();
  }
}

function progressOn({ columns, err }: Screen) {
  const isLive = process.stderr.isTTY;
  let last = Date.now();
  let isDrawn = false;
  return {
    report: (step: string, done: number, of: number): void => {
      if (Date.now() - last < (isLive ? REDRAW_MS : SAY_MS)) return;
      last = Date.now();
      const line = `${step}, ${done} of ${of}`;
      err.write(isLive ? `\r\u001b[K${cutTo(line, columns ?? 80)}` : `${line}\n`);
      isDrawn = isLive;
    },
    clear: (): void => {
      if (isDrawn) err.write('\r\u001b[K');
    },
  };
}
