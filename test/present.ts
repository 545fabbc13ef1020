/** The value itself; a missing one fails the test that asked for it. */
export function present<T>(value: T | undefined | null): T {
  if (value === undefined || value === null) throw new Error('expected a value, there is none');
  return value;
}
