import { z } from 'zod';

/** What a team's own check of the data writes (a scan for personal data, a test of its own): one file, read at the snapshot. */
export const findingsSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** Who found it: `presidio`, `our-pii-scan`. */
  tool: z.string().min(1),
  /** ISO 8601 with a time zone. */
  madeAt: z.iso.datetime({ offset: true }),
  /** What held is listed too: a file without a check says nothing. */
  findings: z.array(
    z.strictObject({
      check: z.string().min(1),
      outcome: z.enum(['held', 'broken', 'not-judged']),
      /** `fail` ends the run, `warn` is reported. */
      severity: z.enum(['fail', 'warn']).default('fail'),
      column: z.string().optional(),
      /** Without values of the data: it is read by people and kept for long. */
      said: z.string().optional(),
      counts: z.strictObject({ broken: z.number().int().min(0), of: z.number().int().min(0) }).optional(),
    }),
  ),
});
