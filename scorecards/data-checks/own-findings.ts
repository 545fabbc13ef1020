import { z } from 'zod';
import { findingsSchema } from '../contracts/findings.ts';
import type { ForeignResult } from './results.ts';

/** Reads findings in our own published form, `schemas/findings.json`. */
export function readFindings(document: unknown): ForeignResult {
  const parsed = findingsSchema.safeParse(document);
  if (!parsed.success) return { problem: z.prettifyError(parsed.error).split('\n').slice(0, 2).join(' ') };
  const { findings, madeAt, tool } = parsed.data;
  const checks = findings.map(({ check, column, counts, outcome, said, severity }) => ({
    name: `${tool}: ${check}`,
    outcome,
    severity,
    ...(column === undefined ? {} : { column }),
    ...(counts ? { counts } : {}),
    ...(said === undefined ? {} : { said }),
  }));
  return { madeAt, checks };
}
