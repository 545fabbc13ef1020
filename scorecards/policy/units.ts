import { z } from 'zod';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const BYTES: Readonly<Record<string, number>> = { KB: 1e3, MB: 1e6, GB: 1e9, Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3 };

/** `7d`, `24h`, `90s`, `250ms` → milliseconds; undefined when the text is not a duration. */
export function parseDuration(text: string): number | undefined {
  const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  const perUnit = UNIT_MS[unit];
  return perUnit === undefined ? undefined : Math.round(Number(amount) * perUnit);
}

/** Milliseconds → the shortest exact duration text, the inverse of `parseDuration`. */
export function formatDuration(ms: number): string {
  const unit = ['d', 'h', 'm', 's'].find((name) => ms !== 0 && ms % (UNIT_MS[name] ?? 1) === 0) ?? 'ms';
  return `${ms / (UNIT_MS[unit] ?? 1)}${unit}`;
}

/** `5%` → 0.05; undefined when the text is not a share between 0 % and 100 %. */
export function parseShare(text: string): number | undefined {
  const [, amount] = /^(\d+(?:\.\d+)?)\s?%$/.exec(text) ?? [];
  // Shifting the decimal point is exact where dividing is not: 99.9 / 100 is 0.9990000000000001.
  const share = Number(`${amount}e-2`);
  return amount === undefined || share > 1 ? undefined : share;
}

/** `50MB`, `4Gi` → bytes; undefined when the text is not a size. */
export function parseBytes(text: string): number | undefined {
  const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?)(KB|MB|GB|Ki|Mi|Gi)$/.exec(text) ?? [];
  const perUnit = BYTES[unit];
  return perUnit === undefined ? undefined : Math.round(Number(amount) * perUnit);
}

/** Bytes → the shortest exact size text, the inverse of `parseBytes`; a count of bytes where there is none. */
export function formatBytes(bytes: number): string {
  const fits = Object.keys(BYTES).filter((name) => bytes !== 0 && bytes % (BYTES[name] ?? 1) === 0);
  const texts = fits.map((name) => `${bytes / (BYTES[name] ?? 1)}${name}`);
  return texts.toSorted((a, b) => a.length - b.length)[0] ?? `${bytes} bytes`;
}

/** `50/s` → requests per second; undefined when the text is not a rate. */
export function parseRate(text: string): number | undefined {
  const [, amount] = /^(\d+(?:\.\d+)?)\/s$/.exec(text) ?? [];
  return amount === undefined ? undefined : Number(amount);
}

/** A text with a unit, parsed by `read`; the issue carries `expected` so that diagnostics can name the cure. */
function unit(expected: string, read: (text: string) => number | undefined): z.ZodType<number, string> {
  return z.string({ error: `expected ${expected}` }).transform((text, context) => {
    const value = read(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: `expected ${expected}`, params: { code: 'US0104', given: text } });
    return z.NEVER;
  });
}

/** Written `24h`, resolved to milliseconds. */
export const duration = unit('a duration such as 90s, 10m, 24h or 7d', parseDuration);
/** Written `5%`, resolved to a fraction between 0 and 1. */
export const share = unit('a share between 0% and 100% such as 5%', parseShare);
/** Written `50MB` or `4Gi`, resolved to bytes. */
export const bytes = unit('a size such as 50MB or 4Gi', parseBytes);
/** Written `50/s`, resolved to requests per second. */
export const rate = unit('a rate such as 50/s', parseRate);
/** Whole or fractional percent of traffic, above 0 and up to 100. */
export const percent = z.number().gt(0, 'expected a percentage above 0').lte(100, 'expected a percentage up to 100');

/** Of a model, a route, a stage. */
export const name = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/, 'expected lower-case letters, digits and dashes, at most 40');
/** Of an object in a cluster. */
export const objectName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/, 'expected lower-case letters, digits, dashes and dots, at most 63');
export const count = z.number().int().positive();
