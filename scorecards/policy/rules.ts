import type { Problem } from '../diagnostics/diagnostic.ts';
import type { Rule, Written } from './rule.ts';
import { checkRules, skewRules } from './rules-checks.ts';
import { dataRules, datasetRules, driftRules } from './rules-data.ts';
import { approvalRules, overrideRules, retentionRules, riskRules, tierRules } from './rules-governance.ts';
import { kserveRules } from './rules-kserve.ts';
import { performanceRules } from './rules-performance.ts';
import { backendRules, rolloutRules, shadowRules } from './rules-release.ts';
import { sliceRules } from './rules-slices.ts';
import { trafficRules } from './rules-traffic.ts';

const RULES: readonly Rule[] = [
  dataRules,
  driftRules,
  sliceRules,
  performanceRules,
  datasetRules,
  checkRules,
  skewRules,
  tierRules,
  riskRules,
  backendRules,
  trafficRules,
  kserveRules,
  shadowRules,
  approvalRules,
  rolloutRules,
  retentionRules,
  overrideRules,
];

/** Everything that must hold between the fields of a policy (US02xx). The policy has already passed its schema. */
export function checkPolicy(written: Written): Problem[] {
  return RULES.flatMap((rule) => rule(written));
}
