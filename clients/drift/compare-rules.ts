import { isShareOfGaps } from '../../scorecards/drift/gaps.ts';
import { driftCriteria } from '../../scorecards/drift/criteria.ts';
import type { ComparedColumn } from '../../scorecards/drift/compare.ts';
import type { Sketch } from '../../scorecards/drift/sketch.ts';
import type { DriftCriterion } from '../../scorecards/drift/verdict.ts';
import { data, dataset, drift } from '../../scorecards/policy/sections.ts';
import { CliFailure, EXIT } from '../failure.ts';

/** A policy's own rules of drift, with its defaults. */
export type CompareRules = ReturnType<typeof drift.parse>;

/** Nulls may be this much more frequent than in the baseline: without a policy nobody said how many are right. */
const MORE_NULLS = 0.05;

/** The default rules with what the command line says instead. Throws CliFailure 2 for what no policy could say either. */
export function rulesFrom(
  options: Readonly<Partial<Record<'psi' | 'ks' | 'share' | 'minimum', string>>>,
): CompareRules {
  const numbers = Object.fromEntries(
    Object.entries(options).map(([flag, text]) => [flag, numberFrom(`--${flag}`, text)]),
  );
  const { ks, minimum, psi, share } = numbers;
  const own = (bound: number | undefined, usual: number) =>
    bound === undefined ? {} : { drift: bound, warn: Math.min(usual, bound) };
  const parsed = drift.safeParse({
    psi: own(psi, 0.1),
    ks: own(ks, 0.1),
    ...(share === undefined ? {} : { share }),
    ...(minimum === undefined ? {} : { minimum }),
  });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const flag = String(issue?.path[0] ?? 'psi');
  throw new CliFailure(
    EXIT.usage,
    `--${flag} ${options[flag as 'psi'] ?? ''}: ${issue?.message ?? 'wrong'}`,
    'understudy drift compare --help',
  );
}

function numberFrom(flag: string, text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isFinite(number)) return number;
  throw new CliFailure(EXIT.usage, `${flag} ${text}: expected a number`, `write it as ${flag} 0.2`);
}

/**
 * What every feature is held to: the distances of a policy without own bounds, its presence, and a share of nulls that is
 * measured from the baseline's own.
 */
export function compareCriteria(
  rules: CompareRules,
  columns: readonly ComparedColumn[],
  baseline: ReadonlyMap<string, Sketch>,
): readonly DriftCriterion[] {
  const features = columns.map(({ name, baseline: before, current: now }) => ({
    name,
    type: before?.as ?? now?.as ?? 'categorical',
  }));
  const nowhere = { path: '-', id: '-' };
  const section = data.parse({
    observations: { ...nowhere, time: '-' },
    labels: { ...nowhere, label: '-', availableAt: '-' },
  });
  const all = driftCriteria({ data: section, drift: rules, dataset: dataset.parse({}) }, { features });
  return all.map((criterion) => {
    const before = baseline.get(criterion.column);
    if (!isShareOfGaps(criterion.metric) || !before || before.rows === 0) return criterion;
    const gaps = criterion.metric === 'nullRate' ? before.nulls : before.nonFinite;
    const limit = Math.min(1, gaps / before.rows + MORE_NULLS);
    return { ...criterion, warn: limit, limit };
  });
}
