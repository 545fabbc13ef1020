/**
 * One spelling for one JSON value (RFC 8785): keys sorted by UTF-16 code units, no white space, numbers and strings as
 * ECMAScript writes them. What is hashed anywhere is hashed in this form. Keys whose value is `undefined` are left out.
 * Throws a TypeError that names the place of a value JSON cannot hold (NaN, infinity, a function, a bigint).
 */
export function canonicalJson(value: unknown): string {
  return write(value, '$');
}

function write(value: unknown, at: string): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item, index) => write(item, `${at}[${index}]`)).join(',')}]`;
  if (typeof value === 'object') return writeObject(value, at);
  const what = typeof value === 'number' ? String(value) : `a ${typeof value}`;
  throw new TypeError(`${at} is ${what}, which JSON cannot hold; expected null, boolean, finite number or text`);
}

function writeObject(value: object, at: string): string {
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, field]) => `${JSON.stringify(key)}:${write(field, `${at}.${key}`)}`);
  return `{${fields.join(',')}}`;
}
