import { addedByTier } from '../scorecards/tier-ceilings.ts';
import { formatDuration } from '../scorecards/policy/units.ts';
import type { PolicyFile } from './policy-file.ts';

/** What the policy adds to the preset it extends, as a line; empty where it adds nothing. */
export function ceilingsLine({ policy, scorecard }: Pick<PolicyFile, 'policy' | 'scorecard'>): string {
  const added = addedByTier(scorecard, policy);
  if (added.length === 0) return '';
  const bounds = added.map(({ atMost = 0, name }) => `${name} at most ${formatDuration(atMost)}`);
  return `  judged by the preset ${scorecard.spec.extends} and: ${bounds.join(', ')}\n`;
}
