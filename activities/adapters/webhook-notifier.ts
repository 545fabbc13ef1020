import { PortFailure } from '../ports/port-failure.ts';
import type { Notifier } from '../ports/notifier.ts';

export interface NotifierOptions {
  /** Receives each message as a JSON POST. Absent: messages are only logged. */
  readonly webhook?: string;
  /** Takes one line of text without its end. */
  readonly log: (line: string) => void;
}

const TIMEOUT_MS = 5000;

/**
 * Tells people by a webhook (a chat, a pager) or, without one, by a line in the worker's log. The body is the notification
 * as it is; `key` is there for the receiver to recognise a repetition. Throws `unavailable` when nobody took it.
 */
export function createNotifier(options: NotifierOptions): Notifier {
  const { webhook, log } = options;
  return {
    async notify(message) {
      if (webhook === undefined) {
        log(`notify ${JSON.stringify(message)}`);
        return;
      }
      const status = await post(webhook, JSON.stringify(message));
      if (status >= 200 && status < 300) return;
      throw refused(webhook, `answered ${status}`);
    },
  };
}

async function post(webhook: string, body: string): Promise<number> {
  try {
    const answer = await fetch(webhook, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await answer.body?.cancel();
    return answer.status;
  } catch (error) {
    throw refused(webhook, `could not be reached within ${TIMEOUT_MS} ms`, error);
  }
}

/** The path and the query of a webhook are often its secret: only the host is told. */
function refused(webhook: string, what: string, cause?: unknown): PortFailure {
  const host = URL.canParse(webhook) ? new URL(webhook).host : '(an address that cannot be read)';
  return new PortFailure('unavailable', `the webhook at ${host} ${what}; expected a 2xx answer`, {
    cause,
    details: { host },
  });
}
