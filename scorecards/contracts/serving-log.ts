import { z } from 'zod';

/**
 * One row of the serving log: what was answered, by which version, on which inputs. Written as Parquet, renamed into place
 * complete, under `day=YYYY-MM-DD/` of the time of the answer (UTC). Columns of your own may stand beside these.
 */
export const servingLogRowSchema = z.looseObject({
  id: z
    .string()
    .min(1)
    .describe('The request id that the caller set: champion and challenger are paired by it. Once per version.'),
  time: z.iso.datetime().describe('When it was answered, UTC. Parquet: timestamp.'),
  model_version: z.string().min(1).describe('The version that answered, as the registry names it.'),
  status: z.number().int().min(100).max(599).describe('As in HTTP; from 400 on it is a failure.'),
  score: z.number().min(0).max(1).nullable().describe('The answer; null where there is none.'),
  inputs: z
    .string()
    .describe('A JSON object: every feature by its name, as the model was given it. Missing evidence is not believed.'),
  inputs_sha256: z
    .string()
    .length(64)
    .optional()
    .describe('SHA-256 of the inputs, for audits that may not keep them (GV6).'),
  decision: z.string().optional().describe('What was done with the score.'),
  reasons: z.string().optional().describe('Why, as a JSON list of texts (GV6).'),
  preprocessor: z.string().optional().describe('Digest of the preprocessor that made the inputs (FE5).'),
});

/** Columns that every log has; those whose types Parquet may hold them in. */
export const SERVING_LOG_TYPES = {
  id: ['VARCHAR'],
  time: ['TIMESTAMP', 'TIMESTAMP WITH TIME ZONE', 'TIMESTAMP_NS', 'TIMESTAMP_MS', 'TIMESTAMP_S'],
  model_version: ['VARCHAR'],
  status: ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'USMALLINT', 'UINTEGER'],
  score: ['FLOAT', 'DOUBLE', 'DECIMAL'],
  inputs: ['VARCHAR', 'JSON'],
} as const satisfies Partial<Record<keyof z.output<typeof servingLogRowSchema>, readonly string[]>>;
