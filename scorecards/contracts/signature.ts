import { z } from 'zod';

const typed = z.object({
  name: z.string().min(1),
  /** `long`, `double`, `string`, … as MLflow, Arrow, NumPy or DuckDB call it. */
  type: z.string().min(1),
});

/** What a model is sent and what it answers, as its trainer says. */
export const signatureSchema = z.object({
  inputs: z.array(typed.extend({ required: z.boolean().default(true) })).min(1),
  /** Absent: unknown, so nobody compares them. */
  outputs: z.array(typed).min(1).optional(),
  /** Set when clients send the inputs as a list of values without names. */
  byPosition: z.boolean().default(false),
});
export type Signature = z.output<typeof signatureSchema>;
