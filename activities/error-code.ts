/**
 * The `code` of an error from Node (`ENOENT`, `EEXIST`, …), empty when there is none. Asked by shape: Node's own errors
 * are no `instanceof Error` inside the sandbox that jest runs tests in.
 */
export function errorCode(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
