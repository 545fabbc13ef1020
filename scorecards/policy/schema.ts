import { z } from 'zod';
import { serving, traffic } from './sections-serving.ts';
import * as sections from './sections.ts';
import { duration, share } from './units.ts';

export const TIERS = ['standard', 'enhanced', 'mission-critical'] as const;
export const RISKS = ['routine', 'consequential', 'high'] as const;

/** The only way to loosen a preset; every entry is shown with the approval and kept with the run. */
const override = z.strictObject({ field: z.string().min(1), reason: z.string().min(1), by: z.string().min(1) });

const slo = z.strictObject({
  availability: share.optional(),
  p50: duration.optional(),
  p95: duration.optional(),
  window: duration.default(30 * 86_400_000),
});

const spec = z.strictObject({
  risk: z.enum(RISKS).default('routine'),
  tier: z.enum(TIERS).default('standard'),
  domain: z.enum(['hiring', 'credit', 'pricing', 'safety', 'other']).default('other'),
  overrides: z.array(override).default([]),
  slo: slo.prefault({}),
  budget: z
    .strictObject({
      run: z.number().positive().optional(),
      month: z.number().positive().optional(),
      over: z.enum(['refuse', 'ask']).default('refuse'),
    })
    .optional(),
  data: sections.data,
  triggers: sections.triggers.prefault({}),
  drift: sections.drift.prefault({}),
  dataset: sections.dataset.prefault({}),
  training: sections.training,
  /** A path to a scorecard file, or a preset to extend in place. */
  scorecard: z.union([z.string().min(1), z.looseObject({ extends: z.string() })]),
  shadow: sections.shadow.prefault({}),
  approval: sections.approval.prefault({}),
  rollout: sections.rollout.prefault({}),
  /** Without `serving` and `traffic` the policy is batch: shadow, promotion and rollback are the pointer. */
  serving: serving.optional(),
  traffic: traffic.optional(),
  drill: z.strictObject({ every: duration, atMost: duration }).optional(),
  retention: z.strictObject({ evidence: duration.optional(), logs: duration.optional() }).optional(),
});

/**
 * The shape of `policy.yaml`. Parsing resolves every unit: durations are milliseconds, shares written with a percent sign
 * are fractions, sizes are bytes; `steps` and `percent` stay percent. Rules across fields are in `rules.ts`.
 */
export const policySchema = z.strictObject({
  apiVersion: z.literal('understudy/v1'),
  kind: z.literal('ModelPolicy'),
  metadata: sections.metadata,
  spec,
});

/** A policy with all defaults filled in and all units resolved. Plain JSON. */
export type Policy = z.output<typeof policySchema>;
/** A policy as people write it. */
export type PolicyInput = z.input<typeof policySchema>;
