import { PortFailure } from '../../ports/port-failure.ts';
import type { S3Objects } from './objects.ts';

/** The one object that is written only to see whether it can be written twice; it stays. */
export const probeOf = (prefix: string): string => `${prefix}/conditional-writes`;

/**
 * A server that takes no notice of the condition would let the last writer win: then there is no first word that is final.
 * Throws `unsupported` for one.
 */
export async function refuseOverwriting(objects: Pick<S3Objects, 'putNew'>, prefix: string): Promise<void> {
  const uri = probeOf(prefix);
  const isRefused = async () =>
    await objects.putNew(uri, Buffer.from('written once\n')).then(
      () => false,
      (error: unknown) => {
        if (isTaken(error)) return true;
        throw error;
      },
    );
  if ((await isRefused()) || (await isRefused())) return;
  throw new PortFailure(
    'unsupported',
    `the server overwrote ${uri} although it was told not to (If-None-Match: *); evidence needs one that keeps this condition`,
    { details: { uri } },
  );
}

export function isTaken(error: unknown): boolean {
  return error instanceof PortFailure && error.code === 'object-exists';
}
