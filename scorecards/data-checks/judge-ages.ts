import { counted } from '../counted.ts';
import type { Policy } from '../policy/schema.ts';
import { formatDuration } from '../policy/units.ts';
import { broken, held } from './finding.ts';
import type { DataFinding } from './finding.ts';
import type { FeatureAges } from './profile.ts';

type Feature = NonNullable<Policy['spec']['data']['features']>[number];

/** FE4: no value was older than allowed when it was observed; one whose age nobody can tell is never a pass. */
export function judgeAges(features: readonly Feature[], ages: readonly FeatureAges[]): readonly DataFinding[] {
  return features.flatMap(({ at, freshWithin, name }): DataFinding[] => {
    if (at === undefined || freshWithin === undefined) return [];
    const facts = { check: 'feature-freshness', kind: 'quality', column: name, limit: 0 } as const;
    const found = ages.find(({ feature }) => feature === name);
    if (!found) {
      const sentence = `How old "${name}" is cannot be told: the observations have no column "${at}" of times.`;
      return [{ ...facts, judged: 'missing', level: 'none', sentence }];
    }
    const { file, rows, stale, unknown } = found;
    const about = { ...facts, value: stale, rows, file };
    const bound = formatDuration(freshWithin);
    if (stale > 0) {
      const sentence = `"${name}" was older than ${bound} in ${counted(stale)} of ${counted(rows)} rows of ${file} when it was observed.`;
      return [broken({ ...about, sentence }, 'fail')];
    }
    if (unknown === 0) return [held({ ...facts, value: 0, rows, sentence: `"${name}" is never older than ${bound}.` })];
    const sentence = `"${name}" has no instant in "${at}" in ${counted(unknown)} of ${counted(rows)} rows of ${file}, so its age is unknown.`;
    return [{ ...about, judged: 'missing', level: 'none', sentence }];
  });
}
