import { z } from 'zod';
import { count, duration, share } from './units.ts';

/** `fail` ends the run; `warn` is reported and goes on. */
const severity = z.enum(['fail', 'warn']);

const columnCheck = z.strictObject({
  name: z.string().min(1),
  severity: severity.default('fail'),
  nulls: share.optional(),
  atLeast: z.number().optional(),
  atMost: z.number().optional(),
  oneOf: z
    .array(z.union([z.string(), z.number(), z.boolean()]))
    .min(1)
    .optional(),
  duplicates: share.optional(),
});

const result = z.strictObject({
  tool: z.enum(['great-expectations', 'evidently', 'findings']),
  path: z.string().min(1),
  within: duration.default(86_400_000),
});

/** `spec.dataset.checks`: what the data must satisfy before anything is trained. */
export const checks = z.strictObject({
  nulls: share.default(0.05),
  minRows: count.default(1000),
  freshWithin: duration.default(48 * 3_600_000),
  /** Footers are what the writer of a file says about it; a scan counts again. */
  verify: z.enum(['footer', 'scan']).default('footer'),
  schema: z
    .strictObject({
      added: z.enum(['ignore', 'warn', 'fail']).default('warn'),
      removed: z.enum(['ignore', 'warn', 'fail']).default('warn'),
      widened: z.enum(['ignore', 'warn', 'fail']).default('warn'),
      changed: z.enum(['ignore', 'warn', 'fail']).default('fail'),
    })
    .prefault({}),
  volume: z
    .strictObject({
      atLeast: z.number().min(0).default(0.5),
      atMost: z.number().positive().default(2),
      severity: severity.default('warn'),
    })
    .prefault({}),
  columns: z.array(columnCheck).default([]),
  /** Against the champion's own snapshot: who poisons data sends more of them, or changes what was known. */
  sources: z
    .strictObject({
      by: z.string().min(1),
      atMost: z.number().gt(1).default(3),
      atLeastRows: count.default(100),
      severity: severity.default('warn'),
    })
    .optional(),
  labelFlips: z
    .strictObject({
      by: z.string().min(1).optional(),
      atMost: share.default(0.01),
      atLeastRows: count.default(100),
      severity: severity.default('warn'),
    })
    .prefault({}),
  results: z.array(result).default([]),
});
