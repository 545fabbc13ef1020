import { canonicalJson } from './canonical-json.ts';
import { neededCoverage } from './candidate/judge.ts';
import { criterionChanges } from './criterion-diff.ts';
import { percentText } from './performance/sentence.ts';
import type { Scorecard, ScorecardCriterion } from './scorecard-schema.ts';

/** `looser`: a candidate that was refused may pass now. `other`: it is measured differently, which may go either way. */
export type Direction = 'looser' | 'stricter' | 'other';

export interface ScorecardChange {
  readonly direction: Direction;
  /** The name of the criterion, the new one where it was renamed; null for the scorecard as a whole. */
  readonly criterion: string | null;
  /** What changed, without the name of the criterion. */
  readonly sentence: string;
}

/**
 * What a change of a scorecard does to whoever must meet it: every difference of two resolved scorecards, presets merged in, what
 * became looser first. Criteria belong together by their names; the order of criteria means nothing.
 */
export function diffScorecards(before: Scorecard, after: Scorecard): readonly ScorecardChange[] {
  const changes = [...specChanges(before, after), ...criteriaChanges(before.spec.criteria, after.spec.criteria)];
  return changes.toSorted((a, b) => ORDER[a.direction] - ORDER[b.direction]);
}

const ORDER: Readonly<Record<Direction, number>> = { looser: 0, stricter: 1, other: 2 };

function specChanges(before: Scorecard, after: Scorecard): readonly ScorecardChange[] {
  const fields = [
    ['maxSlices', before.spec.maxSlices, after.spec.maxSlices],
    ['metadata.name', before.metadata.name, after.metadata.name],
    ['extends', before.spec.extends, after.spec.extends],
    ['task', before.spec.task, after.spec.task],
    ['operatingPoint', before.spec.operatingPoint, after.spec.operatingPoint],
    ['signedOffBy', before.spec.signedOffBy, after.spec.signedOffBy],
  ] as const;
  const changes = fields.flatMap(([field, from, to]): readonly ScorecardChange[] => {
    const [was, is] = [shown(from), shown(to)];
    if (was === is) return [];
    // Whoever signs says nothing about the bounds; that nobody does, leaves them without anybody who agreed.
    const unsigned = field === 'signedOffBy' && after.spec.signedOffBy.length === 0;
    const direction = unsigned ? 'looser' : 'other';
    return [{ direction, criterion: null, sentence: `${field} was ${was}, is ${is}` }];
  });
  return [...coverageChange(before, after), ...changes];
}

/** Fewer labels are needed before anything is judged: looser. */
function coverageChange(before: Scorecard, after: Scorecard): readonly ScorecardChange[] {
  const [was, is] = [before, after].map(neededCoverage);
  if (was === is || was === undefined || is === undefined) return [];
  const sentence = `labelCoverage was ${percentText(was)}, is ${percentText(is)}`;
  return [{ direction: is < was ? 'looser' : 'stricter', criterion: null, sentence }];
}

function shown(value: string | number | readonly string[] | Scorecard['spec']['operatingPoint'] | undefined): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  if ('top' in value) return `top ${value.top}`;
  if ('threshold' in value) return `threshold ${value.threshold}`;
  if ('bestF1' in value) return `best F1 on ${value.bestF1}`;
  return value.length === 0 ? 'nobody' : value.join(', ');
}

type Criteria = readonly ScorecardCriterion[];

function criteriaChanges(before: Criteria, after: Criteria): readonly ScorecardChange[] {
  const added = after.filter(({ name }) => !before.some((one) => one.name === name));
  const renamed = new Map<string, string>();
  const changes = before.flatMap((old): readonly ScorecardChange[] => {
    const same = after.find(({ name }) => name === old.name);
    if (same !== undefined) return criterionChanges(old, same).map((one) => ({ ...one, criterion: old.name }));
    const heir = added.find((one) => !renamed.has(one.name) && contentOf(one) === contentOf(old));
    if (heir === undefined) return [{ direction: 'looser', criterion: old.name, sentence: 'is judged no more' }];
    renamed.set(heir.name, old.name);
    return [{ direction: 'other', criterion: heir.name, sentence: `was called ${old.name}` }];
  });
  const fresh = added.filter(({ name }) => !renamed.has(name));
  return [
    ...changes,
    ...fresh.map(({ name }) => ({ direction: 'stricter', criterion: name, sentence: 'is judged, too' }) as const),
  ];
}

const contentOf = (criterion: ScorecardCriterion): string => canonicalJson({ ...criterion, name: '' });
