import { z } from 'zod';

/** The only variables of ours; Temporal's own (`TEMPORAL_ADDRESS`, …) are read by its envconfig package. */
const environmentSchema = z.object({
  /** Path of `understudy.config.yaml`. */
  UNDERSTUDY_CONFIG: z.string().min(1).optional(),
  /** Given by the embedded stack, which chose them: they win over the settings. */
  UNDERSTUDY_STATE: z.string().min(1).optional(),
  UNDERSTUDY_METRICS_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  UNDERSTUDY_WEBHOOK_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  UNDERSTUDY_LOG_LEVEL: z.enum(['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR']).default('INFO'),
  /** Bearer token of the alert receiver; a file named in the settings is better. */
  UNDERSTUDY_WEBHOOK_TOKEN: z.string().min(16, 'expected at least 16 characters').optional(),
});
export type Environment = z.output<typeof environmentSchema>;

/** Reads the environment once. Throws one error that names every wrong variable. */
export function readEnvironment(from: NodeJS.ProcessEnv = process.env): Environment {
  const result = environmentSchema.safeParse(from);
  if (result.success) return result.data;
  const wrong = result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`the environment is wrong:\n${wrong.join('\n')}`);
}
