import { z } from 'zod';

/** What a model server finds in the JSON file that `UNDERSTUDY_SPEC` names. */
export const serverSpecSchema = z.object({
  schemaVersion: z.literal(1),
  mode: z.literal('serve'),
  model: z.string(),
  version: z.string(),
  /** Directory of the artifact. */
  artifact: z.string(),
  host: z.string(),
  port: z.number().int(),
  /** Directory for the serving log: one Parquet row per answer, renamed into place every second under `day=YYYY-MM-DD/`. */
  log: z.string(),
});
export type ServerSpec = z.output<typeof serverSpecSchema>;
