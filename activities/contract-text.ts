import { z } from 'zod';
import { PortFailure } from './ports/port-failure.ts';

/** What a program wrote as JSON, under its contract. Throws `trainer-no-result` that names the file. */
export function underContract<T>(schema: z.ZodType<T>, text: string, file: string): T {
  let written: unknown;
  try {
    written = JSON.parse(text);
  } catch (cause) {
    throw new PortFailure('trainer-no-result', `${file} is not JSON: ${String(cause)}`, { cause });
  }
  const parsed = schema.safeParse(written);
  if (parsed.success) return parsed.data;
  throw new PortFailure('trainer-no-result', `${file} breaks the contract: ${z.prettifyError(parsed.error)}`);
}
