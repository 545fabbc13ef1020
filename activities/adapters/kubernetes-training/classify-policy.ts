import { CLASSIFY_DEFAULTS } from './classify.ts';
import type { ExchangeJob } from './exchange-folder.ts';
import type { ClassifyPolicy } from './observation.ts';

/**
 * What one Job may do before it has failed. No node for its pod is a queue, too: where the policy lets a Job wait longer
 * than our own patience is, the policy's deadline rules. `own` is what whoever runs the worker says otherwise.
 */
export function classifyPolicyOf(
  { queueDeadlineMs, retries, disruptions }: Pick<ExchangeJob, 'queueDeadlineMs' | 'retries' | 'disruptions'>,
  own: Partial<ClassifyPolicy> = {},
): ClassifyPolicy {
  const unschedulableGraceMs = Math.max(CLASSIFY_DEFAULTS.unschedulableGraceMs, queueDeadlineMs);
  return { ...CLASSIFY_DEFAULTS, unschedulableGraceMs, queueDeadlineMs, retries, ...disruptions, ...own };
}
