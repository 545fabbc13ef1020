import { z } from 'zod';
import { count, share } from './units.ts';

/** A known difference that somebody answers for; the only way past a breach, shown wherever the shadow's result is. */
const waiver = z.strictObject({
  feature: z.string().min(1),
  by: z.string().min(1, 'a waiver names who answers for it (FE1)'),
  reason: z.string().min(1, 'a waiver says why (FE1)'),
  /** Nothing is waived for ever: what is still so after this day is looked at again. */
  until: z.iso.date({ error: 'a waiver ends on a day (FE1), written as 2027-01-31' }),
});

/** `spec.shadow.skew`: what is served must have in common with what was trained on. */
export const skew = z.strictObject({
  /** Served values that training never had: out of its range, no category of it, or null where it hardly had nulls. */
  outside: share.default(0.05),
  /** Absent: distances are not asked for, because hours of traffic look like no week of training. */
  distribution: z
    .strictObject({ ks: z.number().gt(0).lte(1).default(0.3), psi: z.number().positive().default(0.5) })
    .optional(),
  /** Absent: rows are not compared, because nobody said which observation a request is about. */
  rows: z
    .strictObject({
      id: z.string().min(1).optional(),
      sample: count.default(1000),
      atLeast: count.default(100),
      tolerance: z.number().min(0).default(1e-6),
      atMost: share.default(0.001),
    })
    .optional(),
  waivers: z.array(waiver).default([]),
});
