import { PortFailure } from '../../ports/port-failure.ts';
import { limitedText } from '../limited-text.ts';

/**
 * The body of a 200 answer. Throws `unavailable` (no connection, another status), `timeout`, or `malformed-answer` when the
 * body is larger than `limitBytes`; reading stops there.
 */
export async function fetchText(
  url: string,
  limits: { readonly timeoutMs: number; readonly limitBytes: number },
): Promise<string> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(limits.timeoutMs) });
    if (answer.status !== 200) {
      await answer.body?.cancel();
      throw new PortFailure('unavailable', `GET ${url} answered ${answer.status}; expected 200`, { details: { url } });
    }
    return await limitedText(answer, `GET ${url}`, limits.limitBytes, { url });
  } catch (error) {
    if (error instanceof PortFailure) throw error;
    const late = typeof error === 'object' && error !== null && 'name' in error && error.name === 'TimeoutError';
    const what = late ? `did not answer within ${limits.timeoutMs} ms` : 'could not be reached';
    throw new PortFailure(late ? 'timeout' : 'unavailable', `GET ${url} ${what}`, { cause: error, details: { url } });
  }
}
