import { formatDuration } from '../policy/units.ts';
import type { ScorecardCriterion } from '../scorecard-schema.ts';

interface Change {
  readonly direction: 'looser' | 'stricter' | 'other';
  readonly sentence: string;
}

/** What differs in what Prometheus is asked. The old bound says nothing of another query's number. */
export function serviceChanges(before: ScorecardCriterion, after: ScorecardCriterion): readonly Change[] {
  const changes: Change[] = [];
  if (before.query !== after.query) {
    const sentence = `query was ${before.query ?? 'not set'}, is ${after.query ?? 'not set'}`;
    changes.push({ direction: 'looser', sentence });
  }
  if (before.window !== after.window) {
    changes.push({ direction: 'other', sentence: `window was ${span(before.window)}, is ${span(after.window)}` });
  }
  return changes;
}

const span = (ms: number | undefined): string => (ms === undefined ? 'not set' : formatDuration(ms));
