import { PortFailure } from '../ports/port-failure.ts';
import type { PortFailureDetails } from '../ports/port-failure.ts';

/** The text of what a call answered. Throws `malformed-answer` when it is larger; reading stops there. */
export async function limitedText(
  answer: Response,
  call: string,
  limitBytes: number,
  details: PortFailureDetails = {},
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > limitBytes) {
      throw new PortFailure('malformed-answer', `${call} answered more than ${limitBytes} bytes`, { details });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
