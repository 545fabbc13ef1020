import { counted } from '../counted.ts';
import { broken, held, percentText } from '../data-checks/finding.ts';
import type { DataFinding } from '../data-checks/finding.ts';
import type { Baseline } from '../drift/baseline.ts';
import { unseenCounts } from '../drift/coarse-bins.ts';
import { onCommonGrid } from '../drift/common-grid.ts';
import { compareSides } from '../drift/compare.ts';
import type { Grid, Sketch } from '../drift/sketch.ts';
import type { DriftCriterion, DriftFinding } from '../drift/verdict.ts';
import { independentDifference } from '../statistics/independent-difference.ts';
import { wilson } from '../statistics/wilson.ts';
import type { SkewRule } from './judge-skew.ts';
import type { ServedProfile } from './measured.ts';

export interface ServedSides {
  readonly baseline: Baseline;
  /** Of what was served, on the baseline's grids. */
  readonly served: ReadonlyMap<string, Sketch>;
  readonly profile: ServedProfile;
}

/**
 * Per feature the share of served values that training never had. It needs no representative sample: an hour of traffic at
 * night lies within what a whole day had, a feature in other units does not. A breach needs the lower end of the share's
 * interval above the limit.
 */
export function judgeOutside(rule: SkewRule, sides: ServedSides): readonly DataFinding[] {
  return sides.baseline.grids.flatMap((grid) => {
    const column = grid.feature;
    const facts = { check: 'served-values', kind: 'skew', column, limit: rule.outside } as const;
    const [before, now] = [sides.baseline.sketches[column], sides.served.get(column)];
    const absent = sides.profile.features.find(({ name }) => name === column)?.absent ?? 0;
    if (!before || !now || absent >= sides.profile.rows) {
      const sentence = `The inputs of the serving log do not name "${column}", so nobody knows what was served. Not judged.`;
      return [{ ...facts, ...toldOnly(rule, sentence) }];
    }
    return [judgeSupport(facts, { grid, before, now }), judgeNulls(facts, { before, now })].flat();
  });
}

/** Nothing that the policy asked for by name: said, and no obstacle. Asked for, it is missing. */
function toldOnly({ distribution, rows }: SkewRule, sentence: string) {
  if (distribution === undefined && rows === undefined) return { judged: 'pass', level: 'warn', sentence } as const;
  return { judged: 'missing', level: 'none', sentence } as const;
}

type Facts = Pick<DataFinding, 'check' | 'kind'> & { readonly column: string; readonly limit: number };

function judgeSupport(facts: Facts, { before, grid, now }: { grid: Grid; before: Sketch; now: Sketch }): DataFinding[] {
  const { outside, present, what } = grid.kind === 'categories' ? unseen(before, now) : beyond(grid, before, now);
  const share = wilson(outside, present);
  if (!share) return [];
  const about = { ...facts, value: share.value, rows: present };
  const said = `"${facts.column}" is ${what} in ${percentText(share.value)} of ${counted(present)} served values`;
  if (share.low <= facts.limit) return [held({ ...about, sentence: `${said}, at most ${percentText(facts.limit)}.` })];
  const sentence = `${said}; at most ${percentText(facts.limit)} may be: another unit, another encoding, or another source than training had.`;
  return [broken({ ...about, sentence }, 'fail')];
}

function unseen(before: Sketch, now: Sketch) {
  const counts = unseenCounts(before, now).current;
  return { outside: counts.unseen, present: counts.rows, what: 'a category that training never had' };
}

function beyond(grid: Grid, baseline: Sketch, current: Sketch) {
  const [before, now] = onCommonGrid(grid, [baseline, current]).parts;
  const keys = (before?.keys ?? []).map(Number);
  const [least, greatest] = [keys.at(0) ?? -Infinity, keys.at(-1) ?? Infinity];
  const outside = (now?.keys ?? []).reduce<number>(
    (sum, key, index) => sum + (Number(key) < least || Number(key) > greatest ? (now?.counts[index] ?? 0) : 0),
    current.nonFinite,
  );
  return { outside, present: current.rows - current.nulls, what: 'out of the range that training had' };
}

/** Nulls at serving count as values that training hardly had when there are certainly more of them by the limit. */
function judgeNulls(facts: Facts, { before, now }: { before: Sketch; now: Sketch }): DataFinding[] {
  const [served, trained] = [wilson(now.nulls, now.rows), wilson(before.nulls, before.rows)];
  if (!served || !trained || independentDifference(served, trained).low <= facts.limit) return [];
  const sentence = `"${facts.column}" is missing or no value of its type in ${percentText(served.value)} of ${counted(now.rows)} served requests, and in ${percentText(trained.value)} of the training data.`;
  return [broken({ ...facts, value: served.value, rows: now.rows, sentence }, 'fail')];
}

/** FE1: whole distributions, by the machinery of drift on the same frozen grids; for shadows that look like training. */
export function judgeDistributions(
  bounds: NonNullable<SkewRule['distribution']>,
  { baseline, profile, served }: ServedSides,
  minimum: number,
): readonly DataFinding[] {
  const criteria = baseline.grids.flatMap(({ feature, kind }) =>
    (kind === 'categories' ? (['psi'] as const) : (['ks', 'psi'] as const)).map((metric): DriftCriterion => ({
      name: `${feature} ${metric}`,
      kind: 'skew',
      metric,
      column: feature,
      slice: [],
      warn: bounds[metric],
      limit: bounds[metric],
      minimum,
      weight: 1,
      critical: false,
    })),
  );
  const columns = baseline.grids.map(({ feature, kind }) => {
    const side = { as: kind === 'categories' ? ('categorical' as const) : ('continuous' as const), type: '' };
    return { name: feature, baseline: side, ...(served.has(feature) ? { current: side } : {}) };
  });
  const findings = compareSides({
    criteria,
    columns,
    grids: baseline.grids,
    baseline: new Map(Object.entries(baseline.sketches)),
    current: served,
    rows: { baseline: baseline.rows, current: profile.rows },
  });
  return findings.map(skewFinding);
}

function skewFinding({ criterion, judged, level, measurement, sentence }: DriftFinding): DataFinding {
  return {
    check: 'served-distribution',
    kind: 'skew',
    judged,
    level,
    column: criterion.column,
    limit: criterion.limit,
    ...(measurement ? { value: measurement.value, rows: measurement.n.current } : {}),
    sentence: `Served against trained: ${sentence}`,
  };
}
