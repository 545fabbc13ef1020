import { CHECK_FIELDS } from './descriptions-checks.ts';
import { DATA_FIELDS } from './descriptions-data.ts';
import { DRIFT_FIELDS } from './descriptions-drift.ts';
import { PERFORMANCE_FIELDS } from './descriptions-performance.ts';
import { RELEASE_FIELDS } from './descriptions-release.ts';

/** What a field is for; an example as one would write it; the rule across fields that it must keep. */
export type Description = readonly [about: string, example?: string, rule?: string];

/** One entry for every field of a policy; a test compares it with the schema. `[]` stands for each entry of a list. */
export const DESCRIPTIONS: Readonly<Record<string, Description>> = {
  ...DATA_FIELDS,
  ...DRIFT_FIELDS,
  ...CHECK_FIELDS,
  ...PERFORMANCE_FIELDS,
  ...RELEASE_FIELDS,
};
