import type { ScoredBucket } from '../../../scorecards/performance/score-counts.ts';
import { seededDraws } from '../../seeded-draws.ts';
import { countRows, type ScoredRow } from './scored-rows.ts';

export const spanOf = (from: number, until: number) => ({
  from: new Date(Date.UTC(2001, 0, 1 + from)).toISOString(),
  until: new Date(Date.UTC(2001, 0, 1 + until)).toISOString(),
});

export interface Rows {
  readonly rows?: number;
  /** Chance that a label is the opposite of what the score says. */
  readonly wrong?: number;
  /** Share of rows with a label. */
  readonly labelled?: number;
  readonly groups?: readonly string[];
}

/** A day of calibrated scores. */
export function day(index: number, { groups = [], labelled = 1, rows = 1000, wrong = 0 }: Rows = {}): ScoredBucket {
  const draws = seededDraws(index + 1);
  const scored = Array.from({ length: rows }, (_, row): ScoredRow & { readonly group: string | undefined } => {
    const score = draws.uniform();
    const label = draws.uniform() < score !== draws.uniform() < wrong;
    const isKnown = draws.uniform() < labelled;
    return { score, label: isKnown ? (label ? 1 : 0) : null, group: groups[row % Math.max(1, groups.length)] };
  });
  const slices = [...new Set(groups)].map((value) => ({
    column: 'g',
    value,
    counts: countRows(
      scored.filter(({ group }) => group === value),
      0.5,
      256,
    ),
  }));
  return { bucket: spanOf(index, index + 1), all: countRows(scored), slices };
}

export const days = (from: number, until: number, more: Rows = {}) =>
  Array.from({ length: until - from }, (_, index) => day(from + index, more));
