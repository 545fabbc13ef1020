/**
 * The `code` of an error from Node (`ENOENT`, `EEXIST`, …). Asked by shape: Node's own errors are no `instanceof Error`
 * inside the sandbox that jest runs tests in.
 */
export function errorCode(cause: unknown): string | undefined {
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return undefined;
  return typeof cause.code === 'string' ? cause.code : undefined;
}

/** The sentence of a thrown value, of whatever kind. */
export function messageOf(cause: unknown): string {
  const hasMessage = typeof cause === 'object' && cause !== null && 'message' in cause;
  return hasMessage && typeof cause.message === 'string' ? cause.message : String(cause);
}
